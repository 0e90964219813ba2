import { z } from 'zod'
import { NAME_CHARS_MAX } from './limits.ts'

/**
 * Whether a text has at most `max` characters (code points). Most texts are
 * decided by their length in UTF-16 units alone; only the narrow band between
 * is counted.
 */
export const hasAtMostChars = (text: string, max: number): boolean => {
  if (text.length <= max) return true
  if (text.length > 2 * max) return false
  let chars = 0
  for (const _ of text) if (++chars > max) return false
  return true
}

/**
 * Any string; lone surrogates become U+FFFD, because they cannot be written as
 * UTF-8 and would break a peer's parser.
 */
export const anyText = (member: string) =>
  z
    .string({ error: `${member} must be a string` })
    .overwrite((text) => (text.isWellFormed() ? text : text.toWellFormed()))

/** A string of at most `max` characters. */
export const shortText = (member: string, max: number) =>
  anyText(member).refine((text) => hasAtMostChars(text, max), {
    error: `${member} must be at most ${max} characters`,
    abort: true,
  })

/** A string of 1 to `max` characters. */
export const filledText = (member: string, max: number) =>
  shortText(member, max).refine((text) => text !== '', { error: `${member} must not be empty` })

/** The form in which names and skills are compared: NFKC, lower case. */
export const toMatchKey = (name: string): string => name.normalize('NFKC').toLowerCase()

/**
 * An agent's name: after NFKC a Unicode letter or digit first, then letters,
 * digits, marks, `.`, `_`, `-` and inner spaces.
 */
const NAME = /^[\p{L}\p{Nd}](?:[\p{L}\p{Nd}\p{M}._\- ]*[\p{L}\p{Nd}\p{M}._-])?$/u

/** Whether a text, already in NFKC, may be the name of an agent. */
export const isAgentName = (name: string): boolean => hasAtMostChars(name, NAME_CHARS_MAX) && NAME.test(name)

/** Every complaint of a failed parse, as one sentence that names the members. */
export const describeIssues = (error: z.ZodError): string => {
  const sentences = error.issues.slice(0, 5).map((issue) => {
    const path = issue.path.map(String).join('.')
    return path === '' || issue.message.startsWith(path.split('.')[0] ?? path)
      ? issue.message
      : `${path}: ${issue.message}`
  })
  const more = error.issues.length - sentences.length
  return `${sentences.join('; ')}${more > 0 ? `; and ${more} more` : ''}.`
}
