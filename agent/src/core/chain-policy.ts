import type { ProviderErrorKind } from './events.ts'
import { type ProviderError, TaskError } from './failures.ts'

/** Attempts per provider and task, whatever they fail of. */
export const ATTEMPTS_MAX = 2
/** Shortest and longest wait before an attempt is repeated, in milliseconds, where the vendor asks for none. */
export const REPEAT_AFTER_MS = { min: 250, max: 750 } as const
/** Longest wait that a vendor may ask for while others could be asked, in milliseconds. */
export const REPEAT_AFTER_MS_MAX = 2_000
/** Longest wait that a vendor may ask for when nobody else is left to ask, in milliseconds. */
export const LAST_RESORT_WAIT_MS_MAX = 20_000
/** What is kept back of the time of a task, in milliseconds, so that a sentence still reaches the asker before it ends. */
export const CLOSING_MS = 500
/** Time that is kept for each provider that could still be asked, in milliseconds, where there is so much. */
export const TURN_MS = 20_000

/** What to do after a failure, before its circumstances are looked at. */
const STEPS = {
  auth: 'next',
  'rate-limit': 'next',
  overload: 'repeat',
  network: 'repeat',
  timeout: 'next',
  context: 'trim',
  policy: 'stop',
  invalid: 'stop',
  truncated: 'next',
  canceled: 'stop',
} as const satisfies Record<ProviderErrorKind, 'repeat' | 'trim' | 'next' | 'stop'>

/** What follows a failure: the same provider after a wait, the same one with a shorter prompt, the next one, or nobody. */
export type Step = { readonly name: 'repeat'; readonly waitMs: number } | { readonly name: 'trim' | 'next' | 'stop' }

/** The circumstances of a failure. */
export interface Circumstances {
  /** Attempts that the provider has had for this task, this one included. */
  readonly attempts: number
  /** How many others could still be asked. */
  readonly others: number
  /** Whether it went to rest over this failure, or did before. */
  readonly rests: boolean
  /** Whether pieces of its answer have been seen. */
  readonly isSeen: boolean
  readonly now: number
  /** When its turn ends. */
  readonly turnEndsAt: number
  /** In [0, 1). */
  readonly random: number
}

const findWaitMs = ({ kind, retryAfterMs }: ProviderError, { others, rests, isSeen, random }: Circumstances) => {
  const jitterMs = Math.floor(random * (REPEAT_AFTER_MS.max - REPEAT_AFTER_MS.min))
  if (others === 0) {
    // nobody else is there, so a short wait is better than no answer; a limit whose end is unknown is no use to wait for
    if (kind === 'rate-limit') return retryAfterMs === undefined ? undefined : retryAfterMs + jitterMs
    return retryAfterMs === undefined ? REPEAT_AFTER_MS.min + jitterMs : retryAfterMs + jitterMs
  }
  if (STEPS[kind] !== 'repeat' || isSeen) return undefined
  if (retryAfterMs !== undefined) return retryAfterMs > REPEAT_AFTER_MS_MAX ? undefined : retryAfterMs + jitterMs
  return rests ? undefined : REPEAT_AFTER_MS.min + jitterMs
}

/** Decides what follows a failure. It never waits beyond the turn, and nobody gets more than {@link ATTEMPTS_MAX}. */
export const decideStep = (error: ProviderError, circumstances: Circumstances): Step => {
  const { attempts, others, now, turnEndsAt } = circumstances
  const step = STEPS[error.kind]
  if (step === 'stop') return { name: error.isModelSpecific && error.kind !== 'canceled' ? 'next' : 'stop' }
  if (attempts >= ATTEMPTS_MAX) return { name: 'next' }
  if (step === 'trim') return { name: now < turnEndsAt ? 'trim' : 'next' }
  if (step !== 'repeat' && error.kind !== 'rate-limit') return { name: 'next' }
  const waitMs = findWaitMs(error, circumstances)
  const waitMsMax = others === 0 ? LAST_RESORT_WAIT_MS_MAX : REPEAT_AFTER_MS_MAX + REPEAT_AFTER_MS.max
  const fits = waitMs !== undefined && waitMs <= waitMsMax && now + waitMs < turnEndsAt
  return fits ? { name: 'repeat', waitMs } : { name: 'next' }
}

/** When the chain ends, so that its sentence is told before the task's deadline. */
export const toChainEnd = (now: number, deadlineAt: number): number =>
  deadlineAt - Math.min(CLOSING_MS, Math.max(0, deadlineAt - now) / 10)

/**
 * Until when a provider may go without a piece of an answer. Those after it keep {@link TURN_MS} each; where the time is
 * too short for that, everybody gets the same share of it. Once an answer flows, it has all the time there is.
 */
export const toTurnEnd = (now: number, chainEndsAt: number, others: number): number =>
  Math.max(chainEndsAt - others * TURN_MS, now + (chainEndsAt - now) / (others + 1))

const SENTENCES: Record<ProviderErrorKind, string> = {
  auth: 'its key, account or model was refused',
  'rate-limit': 'its rate limit is reached',
  overload: 'it failed or is overloaded',
  network: 'it could not be reached',
  timeout: 'it did not answer in time',
  context: 'the message is too long for it',
  policy: 'it refuses to answer this',
  invalid: 'it did not understand the request',
  truncated: 'its answer was empty or had no end',
  canceled: 'the task was given up',
}

/** Kinds after which the same task may succeed later. */
const RETRYABLE: ReadonlySet<ProviderErrorKind> = new Set(['rate-limit', 'overload', 'network', 'timeout', 'truncated'])

/** Why a provider gave no answer to a task: it failed, or it rests because it failed before. */
export interface Reason {
  readonly provider: string
  readonly kind: ProviderErrorKind
  readonly isRest: boolean
  readonly error?: ProviderError
}

/** The one sentence for the asker, when nobody of the chain could answer. */
export const toTaskError = (reasons: readonly Reason[], isLate: boolean): TaskError => {
  const told = reasons.map(
    ({ provider, kind, isRest }) => `${provider}: ${isRest ? 'it rests, ' : ''}${SENTENCES[kind]}`,
  )
  const list = told.length === 0 ? '' : ` (${[...new Set(told)].join('; ')})`
  return new TaskError(`No AI provider could answer${isLate ? ' in time' : ''}${list}.`, {
    ...(isLate ? { code: 'task_timeout' } : {}),
    retryable: isLate || reasons.some(({ kind }) => RETRYABLE.has(kind)),
    cause: reasons.findLast(({ error }) => error)?.error,
  })
}
