import { z } from 'zod'
import { findNearest } from './nearest.ts'
import { isSecretVariable, toFileVariable } from './secret-variables.ts'

/** Environment of a process: names and their raw values. */
export type Environment = Readonly<Record<string, string | undefined>>

/** What came of reading an environment. */
export type EnvResult<Values> =
  | { readonly ok: true; readonly values: Values; readonly warnings: readonly string[] }
  | { readonly ok: false; readonly mistakes: readonly string[]; readonly warnings: readonly string[] }

/** Families of names whose misspelling is worth a warning. */
const FAMILIES = ['HUB_', 'TLS_', 'AGENT_', 'AI_', 'SECURITY_', 'WHATSAPP_']

/** A whole number between two bounds, ends included. */
export const wholeNumber = (min: number, max: number) => {
  const error = `must be a whole number from ${min} to ${max}`
  return z
    .string()
    .regex(/^\d{1,15}$/, { error })
    .transform(Number)
    .refine((value) => value >= min && value <= max, { error })
}

const UNITS_MS = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000, ms: 1 } as const
const DURATION = /^(\d{1,15}) ?(d|h|m|s|ms)?$/

const findUnitMs = (unit = 'ms'): number | undefined => Object.entries(UNITS_MS).find(([name]) => name === unit)?.[1]

/** The largest unit that says a time as a whole number: `90d`, `36h`, `1500ms`. */
export const toDurationText = (ms: number): string => {
  const [unit, unitMs] = Object.entries(UNITS_MS).find(([, each]) => ms >= each && ms % each === 0) ?? ['ms', 1]
  return `${ms / unitMs}${unit}`
}

/**
 * A time with its unit (`90d`, `12h`, `30m`, `45s`, `500ms`), read into
 * milliseconds; a bare number is milliseconds.
 *
 * @param minMs shortest time that is taken, in milliseconds
 * @param maxMs longest time that is taken, in milliseconds
 */
export const duration = (minMs: number, maxMs: number) => {
  const error = `must be a time such as 90d, 12h, 30m, 45s or 500ms, from ${toDurationText(minMs)} to ${toDurationText(maxMs)}`
  return z
    .string()
    .toLowerCase()
    .transform((text) => {
      const [, digits, unit] = DURATION.exec(text) ?? []
      return digits === undefined ? Number.NaN : Number(digits) * (findUnitMs(unit) ?? Number.NaN)
    })
    .refine((ms) => Number.isSafeInteger(ms) && ms >= minMs && ms <= maxMs, { error })
}

/** `true` or `false` (also `1`/`0`, `yes`/`no`, `on`/`off`). */
export const flag = () =>
  z
    .string()
    .toLowerCase()
    .pipe(z.enum(['true', 'false', '1', '0', 'yes', 'no', 'on', 'off'], { error: 'must be true or false' }))
    .transform((text) => ['true', '1', 'yes', 'on'].includes(text))

/** Comma-separated words; blanks around them and empty ones are dropped. */
export const commaList = () =>
  z.string().transform((text) =>
    text
      .split(',')
      .map((word) => word.trim())
      .filter((word) => word !== ''),
  )

/** One of a few words, in any case. */
export const oneOf = <const Words extends readonly [string, ...string[]]>(words: Words) =>
  z
    .string()
    .toLowerCase()
    .pipe(z.enum(words, { error: `must be one of ${words.join(', ')}` }))

const findMisspellings = (env: Environment, known: ReadonlySet<string>, foreign: readonly string[]): string[] => {
  const names = [...known, ...foreign]
  const all = [...names, ...names.filter(isSecretVariable).map(toFileVariable)]
  return Object.keys(env)
    .filter((name) => !all.includes(name) && FAMILIES.some((family) => name.startsWith(family)))
    .map((name) => {
      const [nearest] = findNearest(name, all, 1)
      return `${name} is not a known variable${nearest === undefined ? '' : `; did you mean ${nearest}?`}`
    })
}

/** A mistake for each secret whose file was named and not read, so that it is never taken for missing. */
export const findUnreadFiles = (env: Environment, secrets: readonly string[]): string[] =>
  secrets
    .filter((name) => env[toFileVariable(name)]?.trim())
    .map((name) => `${toFileVariable(name)} is not read here; set ${name} itself`)

/**
 * Reads an environment by a zod object whose keys are the variables' names.
 * Blank values count as missing, as in an `.env` file with the value left out.
 * Every mistake is told at once, each naming the variable, what was wrong and
 * what is allowed; values are never repeated, since any of them may be a secret.
 * Secrets that stand in files are read before, by `readSecretFiles`.
 *
 * @param foreign names that belong to another program of the project and are no misspelling here
 */
export const readEnv = <Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  env: Environment,
  foreign: readonly string[] = [],
): EnvResult<z.output<z.ZodObject<Shape>>> => {
  const known = new Set(Object.keys(schema.shape))
  const warnings = findMisspellings(env, known, foreign)
  const given = Object.fromEntries([...known].map((name) => [name, env[name]?.trim() || undefined]))
  const parsed = schema.safeParse(given)
  const unread = findUnreadFiles(env, [...known].filter(isSecretVariable))
  if (parsed.success && unread.length === 0) return { ok: true, values: parsed.data, warnings }
  const issues = parsed.error?.issues ?? []
  const mistakes = issues.map((issue) => `${issue.path.map(String).join('.')} ${issue.message}`)
  return { ok: false, mistakes: [...mistakes, ...unread], warnings }
}
