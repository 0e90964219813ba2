import { EVERYDAY_WORDS } from './everyday-words.ts'
import { KEY_WORDS } from './key-words.ts'
import type { Reading } from './parts.ts'

const WORD = /[a-z]{3,}/g
const WORD_CHARS_MIN = 3
const WORD_CHARS_MAX = 24

const reverse = (word: string): string => [...word].reverse().join('')
const mirror = (word: string): string => word.replace(/[a-z]/g, (c) => String.fromCharCode(219 - c.charCodeAt(0)))
const sortInner = (word: string): string =>
  `${word[0] ?? ''}${[...word.slice(1, -1)].sort().join('')}${word.at(-1) ?? ''}`

/** The steps from each letter to the next, as one number: the same whatever the alphabet was shifted by. */
const addStep = (steps: number, before: number, code: number): number =>
  Math.imul(steps, 31) + ((code - before + 26) % 26) + 1
const toSteps = (word: string): number => {
  let steps = 0
  for (let at = 1; at < word.length; at += 1) steps = addStep(steps, word.charCodeAt(at - 1), word.charCodeAt(at))
  return Math.imul(steps, 31) + word.length
}

/** A number for each letter: the sum of those of a word is the same whatever their order. */
const LETTER_SUMS = Int32Array.from({ length: 26 }, (_, letter) => Math.imul(letter + 1, 0x9e3779b1) ^ (letter << 7))
const toSum = (word: string): number => {
  let sum = 0
  for (let at = 0; at < word.length; at += 1) sum = (sum + (LETTER_SUMS[word.charCodeAt(at) - 97] ?? 0)) | 0
  return sum
}

const WORDS = [...new Set([...KEY_WORDS, ...EVERYDAY_WORDS])]
const KNOWN = new Set(WORDS)
/** Short words that are none when they are turned round. */
const SHORT_WORDS = ['the', 'you', 'and', 'all', 'for', 'how', 'who', 'can']
/** Longer ones that are words all the same. */
const TURNED_WORDS = new Set(['emit', 'trap', 'pets', 'pots', 'moor', 'loot', 'peek', 'ward', 'stops', 'spots', 'pans'])
/** What matters most comes last, and stays where two words have the same letters. */
const LONG_WORDS = [...EVERYDAY_WORDS, ...KEY_WORDS].filter((word) => word.length > 3)
const TELLING = [...LONG_WORDS, ...SHORT_WORDS]
const REVERSED = new Set(TELLING.map(reverse).filter((word) => !TURNED_WORDS.has(word)))
const MIRRORED = new Set(TELLING.map(mirror))
const SCRAMBLED = new Map(LONG_WORDS.map((word) => [sortInner(word), word]))
const SHIFTED = new Map(LONG_WORDS.map((word) => [toSteps(word), word]))

/** What a word may be, by its length and its ends: most words are left without a look into a table of words. */
const MAYBE_REVERSED = 1
const MAYBE_MIRRORED = 2
const MAYBE_SCRAMBLED = 4
const toPlace = (length: number, first: number, last: number): number => (length * 26 + first - 97) * 26 + last - 97
const MAYBE = new Uint8Array(26 * 26 * (WORD_CHARS_MAX + 1))
const note = (words: Iterable<string>, bit: number) => {
  for (const word of words) {
    const place = toPlace(word.length, word.charCodeAt(0), word.charCodeAt(word.length - 1))
    MAYBE[place] = (MAYBE[place] ?? 0) | bit
  }
}
note(REVERSED, MAYBE_REVERSED)
note(MIRRORED, MAYBE_MIRRORED)
note(LONG_WORDS, MAYBE_SCRAMBLED)
/** Whether any word has these steps, or these letters, by the last bits of their numbers. */
const LAST_BITS = 0xffff
const MAYBE_STEPS = new Uint8Array(LAST_BITS + 1)
for (const steps of SHIFTED.keys()) MAYBE_STEPS[steps & LAST_BITS] = 1
const MAYBE_SUM = new Uint8Array(LAST_BITS + 1)
for (const word of LONG_WORDS) MAYBE_SUM[toSum(word) & LAST_BITS] = 1

const findScrambled = (word: string): string | undefined =>
  word.length >= 4 && MAYBE_SUM[toSum(word) & LAST_BITS] === 1 && !KNOWN.has(word)
    ? SCRAMBLED.get(sortInner(word))
    : undefined

/** What the words of a part may be. */
class Census {
  words = 0
  reversed = 0
  mirrored = 0
  scrambled = 0
  pigs = 0
  readonly #shifts = new Map<number, number>()

  /** Looks at all words of the letters a to z, in one walk. */
  take(part: string): this {
    let from = -1
    let steps = 0
    let before = 0
    for (let at = 0; at <= part.length; at += 1) {
      const code = at < part.length ? part.charCodeAt(at) : 0
      if (code >= 97 && code <= 122) {
        if (from < 0) from = at
        else steps = addStep(steps, before, code)
        before = code
      } else if (from >= 0) {
        if (at - from >= WORD_CHARS_MIN) this.#add(part, from, at, Math.imul(steps, 31) + at - from)
        from = -1
        steps = 0
      }
    }
    return this
  }

  /** By how many letters the alphabet was shifted, if several words say the same. */
  findShift(): number | undefined {
    const [best] = [...this.#shifts].sort(([, one], [, other]) => other - one)
    return best !== undefined && best[1] >= 2 ? best[0] : undefined
  }

  #add(part: string, from: number, to: number, steps: number): void {
    this.words += 1
    if (part.charCodeAt(to - 1) === 121 && part.charCodeAt(to - 2) === 97) this.pigs += 1
    const length = to - from
    if (length > 3 && MAYBE_STEPS[steps & LAST_BITS] === 1) this.#vote(part.charCodeAt(from), steps, length)
    const maybe = length > WORD_CHARS_MAX ? 0 : MAYBE[toPlace(length, part.charCodeAt(from), part.charCodeAt(to - 1))]
    if (maybe) this.#count(part.slice(from, to), maybe)
  }

  #count(word: string, maybe: number): void {
    if ((maybe & MAYBE_REVERSED) !== 0 && REVERSED.has(word) && !KNOWN.has(word)) this.reversed += 1
    if ((maybe & MAYBE_MIRRORED) !== 0 && MIRRORED.has(word) && !KNOWN.has(word)) this.mirrored += 1
    if ((maybe & MAYBE_SCRAMBLED) !== 0 && findScrambled(word) !== undefined) this.scrambled += 1
  }

  #vote(first: number, steps: number, length: number): void {
    const known = SHIFTED.get(steps)
    const by = known === undefined ? 0 : (first - known.charCodeAt(0) + 26) % 26
    if (by !== 0) this.#shifts.set(by, (this.#shifts.get(by) ?? 0) + length - 3)
  }
}

const reverseText = (text: string): string => [...text].reverse().join('')
const reverseWords = (text: string): string => text.replace(/\S+/g, reverseText)

const shiftBack = (text: string, by: number): string =>
  text.replace(/[a-z]/g, (c) => String.fromCharCode(97 + ((c.charCodeAt(0) - 97 - by + 26) % 26)))

const unscramble = (text: string): string => text.replace(WORD, (word) => findScrambled(word) ?? word)

const PIG = /\b([a-z]{2,})ay\b/g
const unpig = (text: string): string =>
  text.replace(PIG, (whole: string, body: string) => {
    for (const moved of [1, 2, 3, 0]) {
      const word = moved === 0 ? body.replace(/[wyh]$/, '') : body.slice(-moved) + body.slice(0, -moved)
      if (KNOWN.has(word)) return word
    }
    return /^[aeiou]/.test(body) ? body.slice(-1) + body.slice(0, -1) : whole
  })

/** Below this share of the words, moved letters are typing errors. */
const SHARE_MIN = 0.08

/** Other readings of a part whose letters stand in another order or for others: mirrored, shifted, scrambled. */
export const reorderLetters = (part: string): readonly Reading[] => {
  const census = new Census().take(part)
  const least = Math.max(2, SHARE_MIN * census.words)
  const readings: Reading[] = []
  if (census.reversed >= least) {
    readings.push({ kind: 'reversed', text: reverseText(part) }, { kind: 'words reversed', text: reverseWords(part) })
  }
  const shift = census.findShift()
  if (shift !== undefined) readings.push({ kind: 'shifted', text: shiftBack(part, shift) })
  if (census.mirrored >= least) readings.push({ kind: 'mirrored', text: mirror(part) })
  if (census.scrambled >= least) readings.push({ kind: 'scrambled', text: unscramble(part) })
  if (census.pigs >= Math.max(3, census.words / 2)) readings.push({ kind: 'pig latin', text: unpig(part) })
  return readings
}
