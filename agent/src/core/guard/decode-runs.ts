import { decodeBase32, decodeBase64, decodeNumbers, isReadable, toText } from './decode-bytes.ts'
import { RUNS, surveyRuns } from './run-survey.ts'

/** One way to write text as other text: where it is, and what it says. */
interface Notation {
  /** Its bit in the survey of a text. */
  readonly bit: number
  /** Finds the written runs; linear, since no part of it can match in two ways. */
  readonly pattern: RegExp
  readonly decode: (run: string) => string
}

const GAPS = /\s+/g
const split = (run: string): string[] => run.split(/[^0-9a-zA-Z]+/).filter((piece) => piece !== '')

const fromHex = (run: string): string => {
  const digits = run.replace(/0x|[^0-9a-f]/gi, '')
  return toText(decodeNumbers(digits.match(/[0-9a-f]{2}/gi) ?? [], 16))
}

const fromBinary = (run: string): string => {
  const digits = run.replace(/[^01]/g, '')
  return toText(decodeNumbers(digits.match(/[01]{8}/g) ?? [], 2))
}

const MORSE: ReadonlyMap<string, string> = new Map(
  (
    '.- a,-... b,-.-. c,-.. d,. e,..-. f,--. g,.... h,.. i,.--- j,-.- k,.-.. l,-- m,-. n,--- o,.--. p,--.- q,.-. r,' +
    '... s,- t,..- u,...- v,.-- w,-..- x,-.-- y,--.. z,----- 0,.---- 1,..--- 2,...-- 3,....- 4,..... 5,-.... 6,--... 7,' +
    '---.. 8,----. 9'
  )
    .split(',')
    .map((row) => [row.slice(0, -2), row.slice(-1)] as const),
)

const fromMorse = (run: string): string =>
  run
    .replace(/[•·∙]/g, '.')
    .replace(/[−–—_]/g, '-')
    .split(/\s*[/|]\s*|\s{2,}/)
    .map((word) =>
      word
        .split(' ')
        .map((letter) => MORSE.get(letter) ?? '')
        .join(''),
    )
    .join(' ')

/** Longer runs first: what is hex is base64, too. */
const NOTATIONS: readonly Notation[] = [
  { bit: RUNS.binary, pattern: /(?:[01]{8}[\s,]?){4,}/g, decode: fromBinary },
  {
    bit: RUNS.hexPairs,
    pattern: /(?:(?:0x|\\x)?[0-9a-f]{2}[\s,:;]{1,2}){5,}(?:0x|\\x)?[0-9a-f]{2}\b/gi,
    decode: fromHex,
  },
  { bit: RUNS.hex, pattern: /\b(?:0x)?(?:[0-9a-f]{2}){8,}\b/gi, decode: fromHex },
  {
    bit: RUNS.decimal,
    pattern: /\b(?:[0-9]{2,3}[\s,;]{1,2}){7,}[0-9]{2,3}\b/g,
    decode: (run) => {
      const numbers = split(run)
      const isOctal =
        numbers.every((number) => /^[01]?[0-7]{2}$/.test(number)) && numbers.some((n) => n.startsWith('1'))
      const decimal = toText(decodeNumbers(numbers, 10))
      return isOctal && !isReadable(decimal) ? toText(decodeNumbers(numbers, 8)) : decimal
    },
  },
  {
    bit: RUNS.octal,
    pattern: /(?:\\[0-7]{3}){4,}/g,
    decode: (run) => toText(decodeNumbers(run.match(/[0-7]{3}/g) ?? [], 8)),
  },
  { bit: RUNS.morse, pattern: /(?:[.\-•·∙−–—_]{1,6}[ /|]{1,3}){6,}[.\-•·∙−–—_]{1,6}/g, decode: fromMorse },
  {
    bit: RUNS.base32,
    pattern: /\b(?:[A-Z2-7]{8,}\s?)+={0,6}/g,
    decode: (run) => toText(decodeBase32(run.replace(GAPS, ''))),
  },
  {
    bit: RUNS.base32Small,
    pattern: /\b(?=[a-z]{0,40}[2-7])[a-z2-7]{16,}={0,6}/g,
    decode: (run) => toText(decodeBase32(run)),
  },
  {
    bit: RUNS.base64Lines,
    pattern: /(?<![A-Za-z0-9+/_-])(?:[A-Za-z0-9+/_-]{12,}[ \t]?\r?\n)+[A-Za-z0-9+/_-]{2,}={0,2}/g,
    decode: (run) => toText(decodeBase64(run)),
  },
  { bit: RUNS.base64, pattern: /[A-Za-z0-9+/_-]{16,}={0,2}/g, decode: (run) => toText(decodeBase64(run)) },
]

/** Most runs of one notation that are decoded, so that a text of nothing but runs costs no more than others. */
const RUNS_MAX = 32
/** Characters kept before and after a decoded piece: what it is said to be. */
const AROUND_CHARS = 160
const decodeAs = (text: string, { pattern, decode }: Notation): string | undefined => {
  let decoded = ''
  let end = 0
  let runs = 0
  for (const match of text.matchAll(pattern)) {
    runs += 1
    if (runs > RUNS_MAX) break
    const said = decode(match[0])
    if (!isReadable(said)) continue
    const kept = Math.max(end, match.index - AROUND_CHARS)
    decoded += `${text.slice(kept, match.index)} ${said} `
    end = match.index + match[0].length
  }
  return decoded === '' ? undefined : decoded + text.slice(end, end + AROUND_CHARS)
}

/**
 * The parts of a text that are another text in base64, base32, hex, binary,
 * decimal, octal or Morse code, decoded, with what stands around them;
 * undefined when there are none.
 */
export const decodeRuns = (text: string): string | undefined => {
  const found = surveyRuns(text)
  if (found === 0) return undefined
  for (const notation of NOTATIONS) {
    if ((found & notation.bit) === 0) continue
    const decoded = decodeAs(text, notation)
    if (decoded !== undefined) return decoded
  }
  return undefined
}

const fromCode = (code: number): string => (code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : '')

const toEntity = (entity: string): string => {
  const number = entity.slice(2).replace(';', '')
  return fromCode(/^x/i.test(number) ? Number.parseInt(number.slice(1), 16) : Number.parseInt(number, 10))
}

const PERCENT = /(?:%[0-9a-f]{2})+/gi
const ENTITY = /&#(?:[0-9]{1,7}|x[0-9a-f]{1,6});?/gi
const ESCAPE = /\\u\{[0-9a-f]{1,6}\}|\\u[0-9a-f]{4}|\\U[0-9a-f]{8}|\\x[0-9a-f]{2}|[uU]\+[0-9a-f]{4,6} ?/gi
const QUOTED_PRINTABLE = /(?:=[0-9A-F]{2}){3,}/g

/** Resolves escapes: `%41`, `&#65;`, `\x41`, `\u0041`, `U+0041`; undefined when there are none. */
export const decodeEscapes = (text: string): string | undefined => {
  if (!/[%&\\=]|u\+/i.test(text)) return undefined
  const decoded = text
    .replace(PERCENT, (run) => toText(decodeNumbers(run.slice(1).split('%'), 16)))
    .replace(ESCAPE, (run) => fromCode(Number.parseInt(run.replace(/[^0-9a-f]/gi, ''), 16)))
    .replace(ENTITY, toEntity)
    .replace(QUOTED_PRINTABLE, (run) => toText(decodeNumbers(run.slice(1).split('='), 16)))
  return decoded === text ? undefined : decoded
}
