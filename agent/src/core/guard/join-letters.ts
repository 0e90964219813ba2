import { KEY_WORDS, saysMore } from './key-words.ts'
import { countGaps, type Reading } from './parts.ts'
import { countInner, countLines, hasCloseQuotes, longestRun } from './survey.ts'

const SINGLE_GAP = /(?<=(?:^|[^\p{L}\p{N}])[\p{L}\p{N}])([^\p{L}\p{N}])(?=[\p{L}\p{N}](?:[^\p{L}\p{N}]|$))/gu
const WORD_GAP = /[^\p{L}\p{N}]{2,}/u
const INNER = /(?<=[\p{L}\p{M}])[^\p{L}\p{N}\p{M}\s]{1,4}(?=[\p{L}\p{M}])/gu
const INNER_MIN = 3
const SINGLES_MIN = 6
const CONCAT = /(?<=\p{L})["'`]\s{0,3}[+.&,]?\s{0,3}["'`](?=\p{L})/gu
const LINE_SPLIT = /(?<=\p{L})-?\r?\n(?=\p{L})/gu
const DENSE_CHARS_MIN = 20
const DENSE = /[a-z]{20,400}/g
/** Characters of such runs that are cut into words: each may be looked up as often as the longest word is long. */
const DENSE_CHARS_MAX = 2_048

/** Words that stand between key words; a run of letters is cut along both. */
const SMALL_WORDS =
  'a i am an as at be by do go he if in is it me my no of on or so to up us we out new let get has had her him his how its may not now off one our own see she too two use was way who why yes dan god act like does just each mode give make only into over also been more some than then them they when told such here very even most both after again being under while where which would could these other because between'.split(
    ' ',
  )
/** Known words by their first two letters, the longest first. */
const WORDS = new Map<number, string[]>()
const toPair = (text: string, at: number): number => text.charCodeAt(at) * 128 + text.charCodeAt(at + 1)
for (const word of [...new Set([...KEY_WORDS, ...SMALL_WORDS])].sort((one, other) => other.length - one.length)) {
  if (word.length > 1) WORDS.set(toPair(word, 0), [...(WORDS.get(toPair(word, 0)) ?? []), word])
}

/** The longest known word that begins here; the single letters a and i, too. */
const findWord = (run: string, at: number): string | undefined => {
  const known = WORDS.get(toPair(run, at))?.find((word) => run.startsWith(word, at))
  return known ?? (run[at] === 'a' || run[at] === 'i' ? run[at] : undefined)
}

/** The least known words, and the least share of letters in them, of a run that is a sentence. */
const KNOWN_WORDS_MIN = 3
const KNOWN_SHARE_MIN = 0.6

/** Cuts a run of letters into words, the longest known one first; a run of few known words stays as it is. */
const cutRun = (run: string): string => {
  const words: string[] = []
  let unknown = ''
  let known = 0
  for (let at = 0; at < run.length; ) {
    const word = findWord(run, at)
    if (word === undefined) {
      unknown += run[at] ?? ''
      at += 1
      continue
    }
    if (unknown !== '') words.push(unknown)
    unknown = ''
    words.push(word)
    // single letters are no sign of a sentence
    known += word.length > 1 ? word.length : 0
    at += word.length
  }
  if (unknown !== '') words.push(unknown)
  return words.length < KNOWN_WORDS_MIN || known < KNOWN_SHARE_MIN * run.length ? run : words.join(' ')
}

const cutRuns = (text: string): string => {
  let charsLeft = DENSE_CHARS_MAX
  return text.replace(DENSE, (run) => {
    charsLeft -= run.length
    return charsLeft < 0 ? run : cutRun(run)
  })
}

/** Letters that stand apart, put together again; a wider gap is the gap between words. */
const joinSpaced = (folded: string): string =>
  folded
    .split(WORD_GAP)
    .map((piece) => piece.replace(SINGLE_GAP, ''))
    .join(' ')

/** How many words of one letter stand in a row, at most. */
const countSingles = (part: string): number => {
  let [most, row, length] = [0, 0, 0]
  for (let at = 0; at <= part.length; at += 1) {
    const code = at < part.length ? part.charCodeAt(at) : 32
    if ((code >= 97 && code <= 122) || (code >= 48 && code <= 57) || (code >= 0xc0 && code < 0x2000)) {
      length += 1
      continue
    }
    if (length === 1) row += 1
    else if (length > 1) row = 0
    if (row > most) most = row
    length = 0
  }
  return most
}

/** Other readings of a part whose words were pulled apart or run together. */
export const joinLetters = (part: string): readonly Reading[] => {
  const readings: Reading[] = []
  const add = (kind: string, text: string) => {
    if (text !== part) readings.push({ kind, text })
  }
  const gaps = countGaps(part)
  if (hasCloseQuotes(part)) add('concatenated', part.replace(CONCAT, ''))
  if (countSingles(part) >= SINGLES_MIN) add('spaced', cutRuns(joinSpaced(part)))
  const inner = countInner(part)
  if (inner >= INNER_MIN && inner >= gaps / 3) {
    const whole = part.replace(INNER, '')
    // signs between most letters, or key words that come out: anything else is code
    if (inner > part.length / 4 || saysMore(whole, part)) add('inner signs', whole)
  }
  const linesMin = Math.max(4, gaps)
  if (countLines(part) >= linesMin && (part.match(LINE_SPLIT)?.length ?? 0) >= linesMin) {
    add('lines', part.replace(LINE_SPLIT, ''))
  }
  if (longestRun(part) >= DENSE_CHARS_MIN) add('dense', cutRuns(part))
  return readings
}
