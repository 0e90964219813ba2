import { saysMore } from './key-words.ts'
import { countGaps, type Reading } from './parts.ts'
import { countMixed } from './survey.ts'

const LEET_PAIR = /[a-z][013456789@$!|+][a-z013456789@$!|+]|[013456789@$!|+][a-z]{2}|[a-z]{2}[013457@$!|+]/g
/** Fewer places are numbers and names. */
const MIXED_MIN = 3

/** What a sign looks like, by its code; 0 for what is no such sign. The digit 1 and its kin look like two letters. */
const toLetters = (one: string): Uint8Array => {
  const letters = new Uint8Array(128)
  const pairs = `0o3e4a5s6g7t8b9g@a$s+t1${one}!${one}|${one}`
  for (let at = 0; at < pairs.length; at += 2) letters[pairs.charCodeAt(at)] = pairs.charCodeAt(at + 1)
  return letters
}
const READINGS = [
  { kind: 'leet i', letters: toLetters('i') },
  { kind: 'leet l', letters: toLetters('l') },
] as const

const utf16 = new TextDecoder('utf-16le', { ignoreBOM: true })

const isLetter = (code: number): boolean => code >= 97 && code <= 122
/** What a word in such signs is made of; 2 is a digit that looks like nothing. */
const isOfWord = (code: number, letters: Uint8Array): boolean =>
  isLetter(code) || code === 50 || (code < 128 && letters[code] !== 0)

/** The text with its signs as letters; one sign alone is a number or a mark, and stays. */
const unleet = (text: string, letters: Uint8Array): string => {
  const codes = new Uint16Array(text.length)
  for (let at = 0; at < codes.length; at += 1) codes[at] = text.charCodeAt(at)
  let from = 0
  let hasLetter = false
  for (let at = 0; at <= codes.length; at += 1) {
    const code = codes[at] ?? 0
    if (isOfWord(code, letters)) {
      hasLetter ||= isLetter(code)
      continue
    }
    if (hasLetter || at - from > 1) {
      for (let place = from; place < at; place += 1) codes[place] = letters[codes[place] ?? 0] || (codes[place] ?? 0)
    }
    from = at + 1
    hasLetter = false
  }
  return utf16.decode(codes)
}

/** Readings of digits and signs as the letters they look like; none when few words are mixed so. */
export const readLeet = (part: string): readonly Reading[] => {
  if (countMixed(part) < MIXED_MIN) return []
  const mixed = part.match(LEET_PAIR)?.length ?? 0
  if (mixed < MIXED_MIN || mixed < countGaps(part) / 6) return []
  return READINGS.slice(0, /[1!|]/.test(part) ? 2 : 1)
    .map(({ kind, letters }) => ({ kind, text: unleet(part, letters) }))
    .filter(({ text }) => saysMore(text, part))
}
