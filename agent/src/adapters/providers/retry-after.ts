/** Longest wait that is taken from a vendor, in milliseconds: an hour. */
export const RETRY_AFTER_MS_MAX = 3_600_000

const UNIT_MS: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1_000, ms: 1 }
const UNIT = '(?:milliseconds?|ms|hours?|h|min(?:ute)?s?|m|sec(?:ond)?s?|s)(?![a-z])'
/** `7m12s`, `1.5s`, `12ms`, `20 seconds`, `2 minutes`: one step of it. */
const STEP = new RegExp(`(\\d+(?:\\.\\d+)?)\\s?(${UNIT})`, 'gi')

const toUnitMs = (unit: string): number => UNIT_MS[/^mil/i.test(unit) ? 'ms' : unit] ?? UNIT_MS[unit.charAt(0)] ?? 0

/** Reads a span of time that is written with its units. */
const readSpan = (text: string): number | undefined => {
  const steps = [...text.matchAll(STEP)]
  if (steps.length === 0) return undefined
  return steps.reduce((sum, [, number, unit = '']) => sum + Number(number) * toUnitMs(unit.toLowerCase()), 0)
}

/** Numbers beyond these are points in time, in seconds or milliseconds since 1970, and no spans. */
const EPOCH_S_MIN = 1_000_000_000
const EPOCH_MS_MIN = 1_000_000_000_000

/** When a limit is lifted: a span, seconds, a date, or a point in time, as each vendor has it. */
const readReset = (text: string, now: number): number | undefined => {
  const trimmed = text.trim()
  if (/^\d+(?:\.\d+)?$/.test(trimmed)) {
    const number = Number(trimmed)
    if (number >= EPOCH_MS_MIN) return number - now
    return number >= EPOCH_S_MIN ? number * 1_000 - now : number * 1_000
  }
  const date = Date.parse(trimmed)
  return Number.isNaN(date) ? readSpan(trimmed) : date - now
}

const isWait = (waitMs: number | undefined): waitMs is number =>
  waitMs !== undefined && Number.isFinite(waitMs) && waitMs >= 0

const LIMIT_HEADER = /^(?:x|anthropic)-ratelimit-/

/**
 * The wait that the limits in the headers tell: the longest of those that are used up. When none says that it is, the
 * shortest: better asked once too often than rested for a limit that was not hit.
 */
const readLimits = (headers: Headers, now: number): number | undefined => {
  const resets = [...headers]
    .filter(([name]) => LIMIT_HEADER.test(name) && name.includes('reset'))
    .map(([name, value]) => ({
      waitMs: readReset(value, now),
      isUsedUp: headers.get(name.replace('reset', 'remaining'))?.trim() === '0',
    }))
    .flatMap(({ waitMs, isUsedUp }) => (isWait(waitMs) ? [{ waitMs, isUsedUp }] : []))
  if (resets.length === 0) return undefined
  const usedUp = resets.filter(({ isUsedUp }) => isUsedUp).map(({ waitMs }) => waitMs)
  return usedUp.length > 0 ? Math.max(...usedUp) : Math.min(...resets.map(({ waitMs }) => waitMs))
}

/** `Please try again in 20s`, `retry in 7m12.5s`, `Retry after 20 seconds`. */
const AGAIN = new RegExp(`(?:try again|retry)(?: after| in)? (?<span>(?:\\d+(?:\\.\\d+)?\\s?${UNIT}\\s?)+)`, 'i')

/** Where else a wait may be told than in `retry-after`; only believed for what is limited by a rate. */
export interface LimitFacts {
  readonly sentence: string
  readonly retryDelay?: string
  readonly isDaily: boolean
}

/** `retry-after-ms`, and `retry-after` in seconds or as a date. */
const readHeaders = (headers: Headers | undefined, now: number): number | undefined => {
  const exact = Number(headers?.get('retry-after-ms') ?? Number.NaN)
  const text = headers?.get('retry-after') ?? ''
  return [exact, text === '' ? Number.NaN : Number(text) * 1_000, Date.parse(text) - now].find(isWait)
}

/**
 * The wait that a vendor asks for, in milliseconds from `now`, whichever way it says it, at most an hour.
 * @param limit for a rate limit: what its body says
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3
 * @see https://platform.claude.com/docs/en/api/rate-limits
 */
export const readRetryAfterMs = (headers: Headers | undefined, now: number, limit?: LimitFacts): number | undefined => {
  const said = AGAIN.exec(limit?.sentence ?? '')?.groups?.['span']
  const waitMs = [
    limit?.isDaily === true ? RETRY_AFTER_MS_MAX : undefined,
    readHeaders(headers, now),
    limit?.retryDelay === undefined ? undefined : readSpan(limit.retryDelay),
    said === undefined ? undefined : readSpan(said),
    limit !== undefined && headers !== undefined ? readLimits(headers, now) : undefined,
  ].find(isWait)
  return waitMs === undefined ? undefined : Math.min(Math.ceil(waitMs), RETRY_AFTER_MS_MAX)
}
