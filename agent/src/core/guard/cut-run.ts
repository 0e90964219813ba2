import { EVERYDAY_WORDS } from './everyday-words.ts'
import { KEY_WORDS } from './key-words.ts'

/** Letters of a run that are cut into words at once. */
export const RUN_CHARS_MAX = 400

/** The shortest words; a run of letters is cut along them, too. */
const SMALL_WORDS = 'am an as at be by do go he if in is it me my no of on or so to up us we dan god'.split(' ')
/** Known words by their first two letters. */
const WORDS = new Map<number, string[]>()
const toPair = (text: string, at: number): number => text.charCodeAt(at) * 128 + text.charCodeAt(at + 1)
for (const word of new Set([...KEY_WORDS, ...EVERYDAY_WORDS, ...SMALL_WORDS])) {
  WORDS.set(toPair(word, 0), [...(WORDS.get(toPair(word, 0)) ?? []), word])
}

/** The least known words, and the least share of letters in them, of a run that is a sentence. */
const KNOWN_WORDS_MIN = 3
const KNOWN_SHARE_MIN = 0.6
/** A shorter run may be one long word, and is cut only into known words. */
const SHORT_RUN_CHARS = 20
/** What a letter of no word costs, where a known word costs 1. */
const UNKNOWN_COST = 2

/** What it costs to cut the run up to a place, and where its last word then begins; made anew for each run. */
const COSTS = new Float64Array(RUN_CHARS_MAX + 1)
const FROMS = new Int32Array(RUN_CHARS_MAX + 1)

const offer = (from: number, to: number, cost: number): void => {
  const whole = (COSTS[from] ?? 0) + cost
  if (whole >= (COSTS[to] ?? 0)) return
  COSTS[to] = whole
  FROMS[to] = from
}

/** Tries every known word at every place: few words that leave few letters are the best. */
const findCuts = (run: string): void => {
  COSTS.fill(Number.POSITIVE_INFINITY, 1, run.length + 1)
  for (let at = 0; at < run.length; at += 1) {
    offer(at, at + 1, run[at] === 'a' || run[at] === 'i' ? 1 : UNKNOWN_COST)
    for (const word of WORDS.get(toPair(run, at)) ?? []) {
      if (run.startsWith(word, at)) offer(at, at + word.length, 1)
    }
  }
}

/** Cuts a run of letters into words; one of few known words stays as it is. */
export const cutRun = (run: string): string => {
  findCuts(run)
  const words: string[] = []
  let [known, unknown] = [0, '']
  const flush = () => {
    if (unknown !== '') words.push(unknown)
    unknown = ''
  }
  for (let to = run.length; to > 0; to = FROMS[to] ?? 0) {
    const word = run.slice(FROMS[to] ?? 0, to)
    // single letters are no sign of a sentence
    if (word.length === 1) unknown = word + unknown
    else {
      flush()
      words.push(word)
      known += word.length
    }
  }
  flush()
  const knownMin = run.length < SHORT_RUN_CHARS ? run.length - 1 : KNOWN_SHARE_MIN * run.length
  return words.length < KNOWN_WORDS_MIN || known < knownMin ? run : words.reverse().join(' ')
}
