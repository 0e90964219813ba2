import { KEY_WORDS, saysMore } from './key-words.ts'
import { countGaps, type Reading } from './parts.ts'

const WORD = /[a-z]{3,}/g

const toEnds = (word: string): number =>
  (word.length * 32 + word.charCodeAt(0)) * 128 + word.charCodeAt(word.length - 1)
const sortedKey = (word: string): string =>
  word.length + (word[0] ?? '') + [...word.slice(1, -1)].sort().join('') + (word.at(-1) ?? '')
const reverse = (word: string): string => [...word].reverse().join('')
/** The steps from each letter to the next, as one number: the same whatever the alphabet was shifted by. */
const steps = (word: string): number => {
  let key = word.length
  for (let at = 1; at < word.length; at += 1) {
    key = Math.imul(key, 31) + ((word.charCodeAt(at) - word.charCodeAt(at - 1) + 26) % 26) + 1
  }
  return key
}
const mirror = (word: string): string => word.replace(/[a-z]/g, (c) => String.fromCharCode(219 - c.charCodeAt(0)))

const KNOWN = new Set(KEY_WORDS)
/** Short words that are none when they are turned round. */
const SHORT_WORDS = ['the', 'you', 'and', 'all', 'for', 'how', 'who', 'can']
const REVERSED = new Set([...KEY_WORDS, ...SHORT_WORDS].map(reverse))
const MIRRORED = new Set([...KEY_WORDS, ...SHORT_WORDS].map(mirror))
const SCRAMBLED = new Map(KEY_WORDS.map((word) => [sortedKey(word), word]))
const SCRAMBLED_ENDS = new Set(KEY_WORDS.map(toEnds))
const SHIFTED = new Map(KEY_WORDS.map((word) => [steps(word), word]))

const countIn = (words: readonly string[], known: { has(word: string): boolean }): number => {
  let count = 0
  for (const word of words) if (known.has(word) && !KNOWN.has(word)) count += 1
  return count
}

const findScrambled = (word: string): string | undefined =>
  word.length >= 4 && SCRAMBLED_ENDS.has(toEnds(word)) && !KNOWN.has(word) ? SCRAMBLED.get(sortedKey(word)) : undefined

const reverseText = (text: string): string => [...text].reverse().join('')
const reverseWords = (text: string): string => text.replace(/\S+/g, reverseText)

const shiftBack = (text: string, by: number): string =>
  text.replace(/[a-z]/g, (c) => String.fromCharCode(97 + ((c.charCodeAt(0) - 97 - by + 26) % 26)))

const findShift = (words: readonly string[]): number | undefined => {
  const votes = new Map<number, number>()
  for (const word of words) {
    const known = word.length < 4 ? undefined : SHIFTED.get(steps(word))
    if (known === undefined) continue
    const by = (word.charCodeAt(0) - known.charCodeAt(0) + 26) % 26
    if (by !== 0) votes.set(by, (votes.get(by) ?? 0) + word.length - 3)
  }
  const [best] = [...votes].sort(([, one], [, other]) => other - one)
  return best !== undefined && best[1] >= 2 ? best[0] : undefined
}

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
  const words = part.match(WORD) ?? []
  const least = Math.max(2, SHARE_MIN * words.length)
  const readings: Reading[] = []
  if (countIn(words, REVERSED) >= least) {
    readings.push({ kind: 'reversed', text: reverseText(part) }, { kind: 'words reversed', text: reverseWords(part) })
  }
  const shift = findShift(words)
  if (shift !== undefined) readings.push({ kind: 'shifted', text: shiftBack(part, shift) })
  if (countIn(words, MIRRORED) >= least) readings.push({ kind: 'mirrored', text: mirror(part) })
  const scrambled = words.reduce((count, word) => count + (findScrambled(word) === undefined ? 0 : 1), 0)
  if (scrambled >= least) readings.push({ kind: 'scrambled', text: unscramble(part) })
  const pigs = words.reduce((count, word) => count + (word.endsWith('ay') ? 1 : 0), 0)
  if (pigs >= Math.max(3, words.length / 2)) readings.push({ kind: 'pig latin', text: unpig(part) })
  return readings
}

const LEET_PAIR = /[a-z][013456789@$!|+][a-z013456789@$!|+]|[013456789@$!|+][a-z]{2}|[a-z]{2}[013457@$!|+]/g
const LEET: { readonly [sign: string]: string } = {
  '0': 'o',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '6': 'g',
  '7': 't',
  '8': 'b',
  '9': 'g',
  '@': 'a',
  $: 's',
  '+': 't',
}
const LEET_WORD = /[a-z0-9@$!|+]*[a-z][a-z0-9@$!|+]*|[0-9@$!|+]{2,}/g

const unleet = (text: string, one: string): string =>
  text.replace(LEET_WORD, (word) => word.replace(/[013456789@$!|+]/g, (sign) => LEET[sign] ?? one))

/** Readings of digits and signs as the letters they look like; none when few words are mixed so. */
export const readLeet = (part: string): readonly Reading[] => {
  const mixed = part.match(LEET_PAIR)?.length ?? 0
  if (mixed < 3 || mixed < countGaps(part) / 6) return []
  const readings = [{ kind: 'leet i', text: unleet(part, 'i') }]
  if (/[1!|]/.test(part)) readings.push({ kind: 'leet l', text: unleet(part, 'l') })
  return readings.filter(({ text }) => saysMore(text, part))
}
