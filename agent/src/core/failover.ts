import { pause } from './alarms.ts'
import type { Observe, ProviderErrorKind } from './events.ts'
import { ProviderError, TaskError } from './failures.ts'
import type { Clock, Completion, Performer, Prompt, Provider, TaskInput, TaskTools } from './ports.ts'
import { toPrompt } from './prompt.ts'

/** Wait before the one repetition of a failed attempt, in milliseconds. */
export const REPEAT_AFTER_MS = 500
/** Longest wait that a vendor may ask for before that repetition, in milliseconds; beyond it the next provider is asked. */
export const REPEAT_AFTER_MS_MAX = 2_000

/** What to do after a failure: the same provider once more, the next one, or none. */
const STEPS = {
  auth: 'next',
  'rate-limit': 'next',
  overload: 'repeat',
  network: 'repeat',
  timeout: 'next',
  context: 'next',
  policy: 'stop',
  invalid: 'stop',
  truncated: 'next',
  canceled: 'stop',
} as const satisfies Record<ProviderErrorKind, 'repeat' | 'next' | 'stop'>

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

const toTaskError = (failures: readonly { provider: string; error: ProviderError }[]): TaskError => {
  const reasons = failures.map(({ provider, error }) => `${provider}: ${SENTENCES[error.kind]}`)
  return new TaskError(`No AI provider could answer (${[...new Set(reasons)].join('; ')}).`, {
    retryable: failures.some(({ error }) => RETRYABLE.has(error.kind)),
    cause: failures.at(-1)?.error,
  })
}

/** What the chain of providers needs. */
export interface FailoverParts {
  readonly providers: readonly Provider[]
  readonly system: string
  readonly clock: Clock
  readonly observe: Observe
}

/**
 * Asks the providers in order until one answers; what failed by accident is asked once more. Each attempt ends by the
 * task's deadline, and there are at most two attempts per provider, so that the asker always gets an answer or a reason.
 *
 * Once a piece of an answer has been seen, a later attempt begins anew without pieces and says so: two half answers
 * must not join to one.
 */
export const createFailover = (parts: FailoverParts): Performer => {
  const attempt = async (provider: Provider, prompt: Prompt, task: TaskInput, watched: WatchedTools) => {
    const startedAt = parts.clock.now()
    const facts = () => ({
      taskId: task.requestId,
      provider: provider.name,
      model: provider.model,
      workMs: parts.clock.now() - startedAt,
    })
    try {
      const completion = await provider.complete(prompt, {
        signal: watched.signal,
        deadlineAt: task.deadlineAt,
        onText: watched.nextStream(provider.name),
      })
      const { cutShort, usage } = completion
      parts.observe({ type: 'provider.answered', ...facts(), cutShort, ...(usage ? { usage } : {}) })
      return completion
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error
      const { kind, status, vendorCode, retryAfterMs } = error
      parts.observe({
        type: 'provider.failed',
        ...facts(),
        kind,
        ...(status === undefined ? {} : { status }),
        ...(vendorCode === undefined ? {} : { vendorCode }),
        ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      })
      return error
    }
  }

  /** Whether and how long to wait for the same provider's second try. */
  const findRepeatWait = (error: ProviderError, deadlineAt: number): number | undefined => {
    const waitMs = error.retryAfterMs ?? REPEAT_AFTER_MS
    const fits = waitMs <= REPEAT_AFTER_MS_MAX && parts.clock.now() + waitMs < deadlineAt
    return STEPS[error.kind] === 'repeat' && fits ? waitMs : undefined
  }

  return async (task, tools) => {
    const prompt = toPrompt(parts.system, task)
    const failures: { provider: string; error: ProviderError }[] = []
    const watched = new WatchedTools(tools)
    for (const provider of parts.providers) {
      let result = await attempt(provider, prompt, task, watched)
      if (result instanceof ProviderError) {
        const repeatMs = findRepeatWait(result, task.deadlineAt)
        if (repeatMs !== undefined) {
          await pause(parts.clock, repeatMs, tools.signal)
          if (!tools.signal.aborted) result = await attempt(provider, prompt, task, watched)
        }
      }
      if (!(result instanceof ProviderError)) return toAnswer(result, provider)
      failures.push({ provider: provider.name, error: result })
      if (STEPS[result.kind] === 'stop' || tools.signal.aborted) break
    }
    throw toTaskError(failures)
  }
}

/** An answer that ended at the token limit says so: a silent cut would pass for the whole. */
const toAnswer = ({ text, cutShort }: Completion, provider: Provider): string =>
  cutShort ? `${text}\n\n[Cut off here: ${provider.name} reached its configured length limit.]` : text

/** A task's tools, with an eye on what has been seen. */
class WatchedTools {
  readonly signal: AbortSignal
  readonly #tools: TaskTools
  #seen = false

  constructor(tools: TaskTools) {
    this.#tools = tools
    this.signal = tools.signal
  }

  /** Where the next attempt writes its pieces. */
  nextStream(provider: string): (text: string) => void {
    if (!this.#seen) {
      return (text) => {
        this.#seen = true
        this.#tools.delta(text)
      }
    }
    this.#tools.progress({
      message: `The answer broke off; ${provider} begins anew, and the whole answer will follow.`,
    })
    return () => {}
  }
}
