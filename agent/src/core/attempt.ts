import type { Usage } from './events.ts'
import { ProviderError } from './failures.ts'
import type { Clock, Completion, Prompt, Provider } from './ports.ts'
import { estimateUsage } from './usage.ts'

/** Word for an end by the task's own deadline, in place of a vendor's; the adapters say it, too. */
const DEADLINE = 'deadline'
/** Word for an end because it is the next one's turn. */
const TURN_OVER = 'turn_over'
/** Time in which a provider that is well shows something of an answer, in milliseconds. */
export const FAIR_MS = 10_000

/** Whether a failure says more of the task, which had no time for an answer, than of the provider. */
export const isUnfair = ({ result, workMs }: Outcome): boolean =>
  result instanceof ProviderError &&
  result.kind === 'timeout' &&
  (result.vendorCode === DEADLINE || result.vendorCode === TURN_OVER) &&
  workMs < FAIR_MS

/** How a provider is asked once. */
export interface AttemptParts {
  readonly provider: Provider
  readonly prompt: Prompt
  readonly clock: Clock
  /** Aborted when nobody waits for the task. */
  readonly signal: AbortSignal
  /** When it must have shown a piece of an answer, in epoch milliseconds. */
  readonly firstPieceBy: number
  /** When the answer must be complete, in epoch milliseconds. */
  readonly endsAt: number
  readonly onText: (text: string) => void
}

/** What came of an attempt. */
export interface Outcome {
  readonly result: Completion | ProviderError
  readonly workMs: number
  readonly firstPieceMs?: number
  readonly usage?: Usage
  readonly isEstimate?: true
}

/** The pieces of one attempt, until it is over. */
class Pieces {
  readonly #onText: (text: string) => void
  readonly #clock: Clock
  #isOpen = true
  text = ''
  firstAt: number | undefined

  constructor({ onText, clock }: AttemptParts) {
    this.#onText = onText
    this.#clock = clock
  }

  /** What comes after the end belongs to no answer any more. A piece that nobody sees is a piece all the same. */
  add(text: string): void {
    if (!this.#isOpen) return
    this.firstAt ??= this.#clock.now()
    if (text === '') return
    this.text += text
    this.#onText(text)
  }

  close(): void {
    this.#isOpen = false
  }
}

/** A call is an answer if it is of a tool that was offered; else the words are. */
const check = (completion: Completion, { tools = [] }: Prompt): Completion | ProviderError => {
  const { call, ...said } = completion
  if (call && tools.some(({ name }) => name === call.tool)) return completion
  if (said.text.trim() !== '') return said
  return new ProviderError('truncated', { usage: said.usage, vendorCode: call && 'unknown_tool' })
}

/** Tokens of an attempt: the vendor's word, else an estimate where text was seen; a failure that showed none counts none. */
const toUsage = (result: Completion | ProviderError, prompt: Prompt, seen: string): Partial<Outcome> => {
  if (result.usage) return { usage: result.usage }
  const text = result instanceof ProviderError ? seen : result.call ? JSON.stringify(result.call) : result.text
  return text === '' ? {} : { usage: estimateUsage(prompt, text), isEstimate: true }
}

/** Ends an attempt that nobody waits for, or whose time is over, even where the provider takes no notice of it. */
const watch = (
  { clock, signal, endsAt, firstPieceBy }: AttemptParts,
  pieces: Pieces,
  cut: (error: ProviderError) => void,
) => {
  const now = clock.now()
  const cancel = () => cut(new ProviderError('canceled'))
  const alarms = [
    clock.after(endsAt - now, () => cut(new ProviderError('timeout', { vendorCode: DEADLINE }))),
    clock.after(firstPieceBy - now, () => {
      if (pieces.firstAt === undefined) cut(new ProviderError('timeout', { vendorCode: TURN_OVER }))
    }),
  ]
  signal.addEventListener('abort', cancel, { once: true })
  if (signal.aborted) cancel()
  return () => {
    for (const callOff of alarms) callOff()
    signal.removeEventListener('abort', cancel)
  }
}

const readFailure = (error: unknown): ProviderError => {
  if (error instanceof ProviderError) return error
  throw error
}

/**
 * Asks a provider once. It is over by its times, whatever the provider does, and no piece comes after that.
 *
 * @throws {unknown} whatever the provider throws that is no {@link ProviderError}: a bug
 */
export const runAttempt = async (parts: AttemptParts): Promise<Outcome> => {
  const { provider, prompt, clock, endsAt } = parts
  const startedAt = clock.now()
  const abort = new AbortController()
  const pieces = new Pieces(parts)
  const ended = Promise.withResolvers<ProviderError>()
  const unwatch = watch(parts, pieces, (error) => {
    // at once, and before the provider hears of it: whatever it says of this end comes too late
    pieces.close()
    ended.resolve(error)
    abort.abort(error)
  })
  const ask = async () =>
    provider.complete(prompt, { signal: abort.signal, deadlineAt: endsAt, onText: (text) => pieces.add(text) })
  try {
    const result = await Promise.race([
      ended.promise,
      ask().then((completion) => check(completion, prompt), readFailure),
    ])
    const workMs = clock.now() - startedAt
    const { firstAt } = pieces
    return {
      result,
      workMs,
      ...(firstAt === undefined ? {} : { firstPieceMs: firstAt - startedAt }),
      ...toUsage(result, prompt, pieces.text),
    }
  } finally {
    pieces.close()
    unwatch()
  }
}
