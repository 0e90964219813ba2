import type { ProviderErrorKind } from './events.ts'

/** Failures in a row, within {@link FAILURE_WINDOW_MS}, after which a provider rests: one never is enough. */
export const FAILURES_TO_REST = 3
/** How long a failure counts, in milliseconds: longer than three of the slowest timeouts take. */
export const FAILURE_WINDOW_MS = 600_000
/** First rest after repeated failures, or after a rate limit without a word on its reset, in milliseconds; it doubles. */
export const REST_MS_BASE = 30_000
/** Longest rest that grew by itself, in milliseconds. */
export const REST_MS_CAP = 600_000
/** Rest of a key that was refused, in milliseconds: only a person can mend it, and a restart asks at once. */
export const REFUSED_KEY_REST_MS = 3_600_000
/** Longest rest that a vendor may ask for, in milliseconds. */
export const ASKED_REST_MS_MAX = 3_600_000
/** Shortest rest, in milliseconds, whatever a vendor asks for. */
export const REST_MS_MIN = 1_000

/** What is known of one provider with one key and one model. */
export type Breaker =
  | {
      readonly name: 'awake'
      /** When it failed lately, without an answer since. */
      readonly failedAt: readonly number[]
    }
  | {
      readonly name: 'resting'
      readonly until: number
      readonly why: ProviderErrorKind
      /** How often it went to rest without an answer in between. */
      readonly rests: number
    }
  | {
      /** One attempt is under way that decides; everybody else takes it for resting. */
      readonly name: 'probing'
      readonly since: number
      readonly why: ProviderErrorKind
      readonly rests: number
    }

/**
 * By which right an attempt is made: `ask` of one who is awake, `probe` of one whose rest is over, `force` of one who
 * rests, because nobody else is there.
 */
export type Ticket = 'ask' | 'probe' | 'force'

/** A failure, as far as a breaker is concerned. */
export interface BreakerFailure {
  readonly kind: ProviderErrorKind
  readonly retryAfterMs?: number
}

/** Nothing is known to be wrong. */
export const AWAKE: Breaker = { name: 'awake', failedAt: [] }

/** Whether it may be asked now, and what it is from then on. A rest that is over lets exactly one attempt through. */
export const admit = (breaker: Breaker, now: number): { readonly ticket?: 'ask' | 'probe'; readonly next: Breaker } => {
  switch (breaker.name) {
    case 'awake':
      return { ticket: 'ask', next: breaker }
    case 'resting': {
      const { why, rests, until } = breaker
      return now < until ? { next: breaker } : { ticket: 'probe', next: { name: 'probing', since: now, why, rests } }
    }
    case 'probing':
      return { next: breaker }
  }
}

/** After an answer. One that was asked for before the rest began tells nothing about its end. */
export const afterAnswer = (breaker: Breaker, ticket: Ticket): Breaker =>
  breaker.name === 'awake' || ticket !== 'ask' ? AWAKE : breaker

/** After an attempt that tells nothing of the provider, given up by us or broken by a bug of ours: the next probe may go. */
export const afterNothing = (breaker: Breaker, ticket: Ticket, now: number): Breaker =>
  breaker.name === 'probing' && ticket === 'probe'
    ? { name: 'resting', until: now, why: breaker.why, rests: breaker.rests }
    : breaker

/** @param jitter in [0, 1): rests grow by up to a tenth, so that agents which share a key do not come back in step */
const toRest = (breaker: Breaker, { kind }: BreakerFailure, ms: number, now: number, jitter: number): Breaker => {
  const rests = (breaker.name === 'awake' ? 0 : breaker.rests) + 1
  return { name: 'resting', until: now + Math.max(REST_MS_MIN, Math.ceil(ms * (1 + jitter / 10))), why: kind, rests }
}

const grownRestMs = (breaker: Breaker): number =>
  Math.min(REST_MS_CAP, REST_MS_BASE * 2 ** Math.min(breaker.name === 'awake' ? 0 : breaker.rests, 30))

/** The rest that a failure asks for by itself, in milliseconds. */
const findAskedMs = ({ kind, retryAfterMs }: BreakerFailure): number | undefined => {
  if (kind === 'auth') return REFUSED_KEY_REST_MS
  return retryAfterMs === undefined || retryAfterMs <= 0 ? undefined : Math.min(retryAfterMs, ASKED_REST_MS_MAX)
}

const countFailure = (breaker: Breaker & { name: 'awake' }, failure: BreakerFailure, now: number, jitter: number) => {
  const failedAt = [...breaker.failedAt.filter((at) => at > now - FAILURE_WINDOW_MS), now]
  return failedAt.length < FAILURES_TO_REST
    ? ({ name: 'awake', failedAt } as const)
    : toRest(breaker, failure, grownRestMs(breaker), now, jitter)
}

/** After trouble of the provider: a rest if the failure, or its repetition, asks for one. */
const afterTrouble = (
  breaker: Breaker,
  ticket: Ticket,
  failure: BreakerFailure,
  now: number,
  jitter: number,
): Breaker => {
  const askedMs = findAskedMs(failure)
  if (askedMs !== undefined) return toRest(breaker, failure, askedMs, now, jitter)
  // asked for before the rest began: this failure is one of those that led to it
  if (breaker.name !== 'awake' && ticket === 'ask') return breaker
  if (breaker.name === 'awake' && failure.kind !== 'rate-limit') return countFailure(breaker, failure, now, jitter)
  return toRest(breaker, failure, grownRestMs(breaker), now, jitter)
}

/** A rest is never shortened by a failure that came after it: what was asked for still holds. */
const later = (before: Breaker, after: Breaker): Breaker =>
  before.name === 'resting' && after.name === 'resting' && before.until > after.until ? before : after

/**
 * After a failure. A prompt that is too long, refused or not understood says that the provider is well; that we gave up
 * says nothing.
 *
 * @param jitter in [0, 1), as `Math.random` gives
 */
export const afterFailure = (
  breaker: Breaker,
  ticket: Ticket,
  failure: BreakerFailure,
  now: number,
  jitter: number,
): Breaker => {
  switch (failure.kind) {
    case 'context':
    case 'policy':
    case 'invalid':
      return afterAnswer(breaker, ticket)
    case 'canceled':
      return afterNothing(breaker, ticket, now)
    case 'auth':
    case 'rate-limit':
    case 'overload':
    case 'network':
    case 'timeout':
    case 'truncated':
      return later(breaker, afterTrouble(breaker, ticket, failure, now, jitter))
  }
}
