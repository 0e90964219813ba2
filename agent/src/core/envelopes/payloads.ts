import { hasAtMostChars, type JsonValue, LIMITS } from '@ai-comms/shared'

/** Longest text that one agent takes from another, in characters; whoever has more to say sends it in parts. */
export const PEER_TEXT_CHARS_MAX = 65_536

/** What an agent tells of itself when it announces itself. */
export interface About {
  readonly workspace: string
  readonly skills: readonly string[]
  readonly description?: string
}

/** An object of a stranger. */
export type Members = { readonly [member: string]: JsonValue }

/** The payload as an object, if it is one. */
export const toMembers = (payload: JsonValue | undefined): Members | undefined =>
  typeof payload === 'object' && payload !== null && !Array.isArray(payload) ? (payload as Members) : undefined

/** A text of at most so many characters, or nothing. */
export const toText = (value: JsonValue | undefined, charsMax: number): string | undefined =>
  typeof value === 'string' && hasAtMostChars(value, charsMax) ? value : undefined

/** A whole number from `min` on that a double holds exactly, or nothing. */
export const toCount = (value: JsonValue | undefined, min = 0): number | undefined =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= min ? value : undefined

/** What is said: the payload itself, or its member `text`. Nothing when there is none, or too much of it. */
export const readText = (payload: JsonValue): string | undefined => {
  const text = toText(typeof payload === 'string' ? payload : toMembers(payload)?.['text'], PEER_TEXT_CHARS_MAX)
  return text?.trim() === '' ? undefined : text
}

const readSkills = (value: JsonValue | undefined): string[] =>
  (Array.isArray(value) ? value : [])
    .slice(0, LIMITS.SKILLS_MAX)
    .map((skill) => toText(skill, LIMITS.SKILL_CHARS_MAX))
    .filter((skill) => skill !== undefined)

/** What an announcement tells; what it tells wrongly counts as untold, so that any agent can be known at least by name. */
export const readAbout = (payload: JsonValue): About => {
  const members = toMembers(payload) ?? {}
  const description = toText(members['description'], LIMITS.DESCRIPTION_CHARS_MAX)
  return {
    workspace: toText(members['workspace'], LIMITS.WORKSPACE_CHARS_MAX) ?? '',
    skills: readSkills(members['skills']),
    ...(description === undefined ? {} : { description }),
  }
}
