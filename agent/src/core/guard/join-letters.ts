import { cutRun, RUN_CHARS_MAX } from './cut-run.ts'
import { saysMore } from './key-words.ts'
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
/** Such runs are cut into words, of at most {@link RUN_CHARS_MAX} letters each. */
const DENSE = new RegExp(`[a-z]{${DENSE_CHARS_MIN},${RUN_CHARS_MAX}}`, 'g')

const cutRuns = (text: string): string => text.replace(DENSE, cutRun)

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
