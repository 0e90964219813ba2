import { CONFUSABLES, STYLED_LETTERS } from './confusables.ts'

/** Characters that show nothing: zero width, joiners, soft hyphen, bidi controls, variation selectors, tags. */
const INVISIBLE = /\p{Default_Ignorable_Code_Point}/gu
/** Marks upon letters: of Latin, Greek and Cyrillic, the vowel points of Arabic and Hebrew, and Arabic's stretching. */
const MARKS = new RegExp(
  `[${[
    String.raw`\u0300-\u036f\u0483-\u0489`,
    String.raw`\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7`,
    String.raw`\u0640\u064b-\u0652\u0670`,
    String.raw`\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f`,
  ].join('')}]`,
  'g',
)
/** More marks upon one letter than any writing puts there; sorting them is what makes normalising slow. */
const MARK_RUN = /(\p{M}{4})\p{M}+/gu
const NOT_ASCII = /[^ -~\t\n\r]/
const CHUNK_CHARS = 1_024
/** By how much a text may grow: no writing is made of signs that stand for several letters. */
const GROWTH_CHARS_MAX = 4_096

const WORD_NOT_ASCII = /[\p{L}\p{N}\p{So}]+/gu
const LATIN = /[a-z]/
const LATIN_ALL = /[a-z]/g
const OTHER_ALL = /[\u0370-\uffff]/g

/** Whether a character can stand for another; the halves of those beyond 16 bits may. */
const STANDS = new Uint8Array(65_536).fill(1, 0xd800, 0xe000)
for (const letter of [...STYLED_LETTERS.keys(), ...CONFUSABLES.keys()]) STANDS[letter.charCodeAt(0)] = 1

const hasStandIn = (word: string): boolean => {
  for (let at = 0; at < word.length; at += 1) if (STANDS[word.charCodeAt(at)] === 1) return true
  return false
}

const replaceLetters = (word: string, isLatin: boolean): string => {
  if (!hasStandIn(word)) return word
  let folded = ''
  let isAllAlike = true
  for (const letter of word) {
    const plain = STYLED_LETTERS.get(letter) ?? CONFUSABLES.get(letter)
    isAllAlike &&= plain !== undefined || letter <= 'z'
    folded += plain ?? letter
  }
  // a word wholly of another alphabet is that language's, unless the text around it is Latin
  if (isAllAlike && isLatin) return folded
  if (LATIN.test(word)) return folded
  let styled = ''
  for (const letter of word) styled += STYLED_LETTERS.get(letter) ?? letter
  return styled
}

const foldChunk = (chunk: string): string => {
  const plain = chunk.normalize('NFKD').replace(MARKS, '').toLowerCase().replace(MARKS, '').normalize('NFC')
  const isLatin = (plain.match(LATIN_ALL)?.length ?? 0) > (plain.match(OTHER_ALL)?.length ?? 0)
  return plain.replace(WORD_NOT_ASCII, (word) => (NOT_ASCII.test(word) ? replaceLetters(word, isLatin) : word))
}

/** Takes out what cannot be seen; letters keep their form. */
export const stripInvisible = (text: string): string => (NOT_ASCII.test(text) ? text.replace(INVISIBLE, '') : text)

/** Single characters that stand for whole words, up to eighteen letters each: nobody writes sentences in them. */
const WORD_SIGNS = /[\u3300-\u33ff\ufdf0-\ufdfd]/g

/**
 * One lower-case form of all that reads alike: compatibility forms, accents,
 * look-alike letters of other alphabets, invisible characters. At most four
 * times as long as a short text, and little longer than a long one.
 */
export const foldText = (text: string): string => {
  if (!NOT_ASCII.test(text)) return text.toLowerCase()
  const plain = text.replace(INVISIBLE, '').replace(MARKS, '').replace(MARK_RUN, '$1').replace(WORD_SIGNS, ' ')
  let folded = ''
  for (let at = 0; at < plain.length; at += CHUNK_CHARS) folded += foldChunk(plain.slice(at, at + CHUNK_CHARS))
  return folded.slice(0, Math.min(4 * text.length, text.length + GROWTH_CHARS_MAX))
}
