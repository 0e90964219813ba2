import { toLine } from '../team/texts.ts'

/** Longest name that is repeated to a person, in characters; those of groups and agents are shorter. */
const NAME_CHARS_MAX = 80
/** What could break a line, or turn its direction. */
const UNSHOWN = /[\p{Cc}\p{Zl}\p{Zp}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu

const LIST = new Intl.ListFormat('en-GB', { type: 'conjunction' })

/** Words as people write them one after the other. */
export const listWords = (words: Iterable<string>): string => LIST.format(words)

/** A name that somebody else has chosen, or typed, on one line. */
export const showName = (name: string): string => {
  const chars = [...toLine(name.slice(0, 4 * NAME_CHARS_MAX).replaceAll(UNSHOWN, ' '))]
  return chars.length <= NAME_CHARS_MAX ? chars.join('') : `${chars.slice(0, NAME_CHARS_MAX).join('')}…`
}

/** Names on one line, as people write them one after the other. */
export const listNames = (names: Iterable<string>): string => listWords([...names].map(showName))

/** A count with its word. */
export const count = (number: number, one: string, many = `${one}s`): string => `${number} ${number === 1 ? one : many}`
