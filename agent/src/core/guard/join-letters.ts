import { EVERYDAY_WORDS } from './everyday-words.ts'
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
const DENSE_CHARS_MIN = 14
const DENSE = /[a-z]{14,400}/g
/** Characters of such runs that are cut into words: each may be looked up as often as the longest word is long. */
const DENSE_CHARS_MAX = 2_048

/** The shortest words; a run of letters is cut along them, too. */
const SMALL_WORDS = 'am an as at be by do go he if in is it me my no of on or so to up us we dan god'.split(' ')
/** Known words by their first two letters, the longest first. */
const WORDS = new Map<number, string[]>()
const toPair = (text: string, at: number): number => text.charCodeAt(at) * 128 + text.charCodeAt(at + 1)
for (const word of [...new Set([...KEY_WORDS, ...EVERYDAY_WORDS, ...SMALL_WORDS])].sort(
  (one, other) => other.length - one.length,
)) {
  if (word.length > 1) WORDS.set(toPair(word, 0), [...(WORDS.get(toPair(word, 0)) ?? []), word])
}

/** The least known words, and the least share of letters in them, of a run that is a sentence. */
const KNOWN_WORDS_MIN = 3
const KNOWN_SHARE_MIN = 0.6
/** A shorter run may be one long word, and is cut only into known words. */
const SHORT_RUN_CHARS = 20
/** What a letter of no word costs, where a known word costs 1. */
const UNKNOWN_COST = 2

/** Where the best way to cut a run has its last word before each place, and what it costs so far. */
interface Cuts {
  readonly costs: Float64Array
  readonly froms: Int32Array
}

const offer = ({ costs, froms }: Cuts, from: number, to: number, cost: number): void => {
  const whole = (costs[from] ?? 0) + cost
  if (whole >= (costs[to] ?? Number.POSITIVE_INFINITY)) return
  costs[to] = whole
  froms[to] = from
}

/** Tries every known word at every place: few words that leave few letters are the best. */
const findCuts = (run: string): Cuts => {
  const cuts = {
    costs: new Float64Array(run.length + 1).fill(Number.POSITIVE_INFINITY),
    froms: new Int32Array(run.length + 1),
  }
  cuts.costs[0] = 0
  for (let at = 0; at < run.length; at += 1) {
    offer(cuts, at, at + 1, run[at] === 'a' || run[at] === 'i' ? 1 : UNKNOWN_COST)
    for (const word of WORDS.get(toPair(run, at)) ?? [])
      if (run.startsWith(word, at)) offer(cuts, at, at + word.length, 1)
  }
  return cuts
}

/** Cuts a run of letters into words; a run of few known words stays as it is. */
const cutRun = (run: string): string => {
  const { froms } = findCuts(run)
  const words: string[] = []
  let [known, unknown] = [0, '']
  const take = (word: string) => {
    if (unknown !== '') words.push(unknown)
    unknown = ''
    if (word !== '') words.push(word)
  }
  for (let to = run.length; to > 0; to = froms[to] ?? 0) {
    const word = run.slice(froms[to] ?? 0, to)
    // single letters are no sign of a sentence
    if (word.length === 1) unknown = word + unknown
    else {
      take(word)
      known += word.length
    }
  }
  take('')
  const knownMin = run.length < SHORT_RUN_CHARS ? run.length - 1 : KNOWN_SHARE_MIN * run.length
  return words.length < KNOWN_WORDS_MIN || known < knownMin ? run : words.reverse().join(' ')
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
  const joined = hasCloseQuotes(part) ? part.replace(CONCAT, '') : part
  // lists of quoted words are no pieces of one
  if (joined !== part && saysMore(joined, part)) add('concatenated', joined)
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
