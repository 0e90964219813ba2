import { ProviderError } from '../../core/failures.ts'
import type { CallOff, Clock, CompletionOptions } from '../../core/ports.ts'

/** How long a provider may keep us waiting, in milliseconds. */
export interface PatienceBounds {
  /** From the request until the headers of the answer. */
  readonly connectMs: number
  /** From the request until the first token, of thoughts or of the answer; models that think in silence need long. */
  readonly firstTokenMs: number
  /** Between two tokens. */
  readonly idleMs: number
}

/** Generous to models that think, and yet a second provider has its turn within the usual 170 s of a task. */
export const PATIENCE_BOUNDS: PatienceBounds = { connectMs: 30_000, firstTokenMs: 120_000, idleMs: 60_000 }

/** Which bound ended a request, in the word that is told to the log. */
type Bound = 'connect_timeout' | 'first_token_timeout' | 'idle_timeout' | 'deadline'

/**
 * Ends a request that nobody waits for (canceled), that has no time left, or whose provider has gone quiet, and knows
 * afterwards which of them it was: to an SDK they are all the same abort.
 *
 * Headers, role markers and keep-alives are no tokens: vendors send them at once, while the model has yet to begin.
 */
export class Patience {
  readonly #abort = new AbortController()
  readonly #options: CompletionOptions
  readonly #clock: Clock
  readonly #bounds: PatienceBounds
  readonly #cancel = () => this.#abort.abort()
  readonly #callOffs = new Map<Bound, CallOff>()
  #ended: Bound | undefined

  /** @param awaitsHeaders false for a vendor that sends them with its first token: then `connectMs` says nothing */
  constructor(options: CompletionOptions, clock: Clock, bounds: PatienceBounds, awaitsHeaders = true) {
    this.#options = options
    this.#clock = clock
    this.#bounds = bounds
    this.#set('deadline', options.deadlineAt - clock.now())
    this.#set('first_token_timeout', bounds.firstTokenMs)
    if (awaitsHeaders) this.#set('connect_timeout', bounds.connectMs)
    if (options.signal.aborted) this.#cancel()
    options.signal.addEventListener('abort', this.#cancel, { once: true })
  }

  /** For the SDK. */
  get signal(): AbortSignal {
    return this.#abort.signal
  }

  /** The headers came. */
  connected(): void {
    this.#callOff('connect_timeout')
  }

  /** A token came. */
  heard(): void {
    this.#callOff('connect_timeout')
    this.#callOff('first_token_timeout')
    this.#set('idle_timeout', this.#bounds.idleMs)
  }

  /** Must be called when the request is over, however it ended. */
  end(): void {
    for (const bound of [...this.#callOffs.keys()]) this.#callOff(bound)
    this.#options.signal.removeEventListener('abort', this.#cancel)
  }

  /** Our own reason for the end of a request, if it was ours. */
  findError(): ProviderError | undefined {
    if (this.#options.signal.aborted) return new ProviderError('canceled')
    return this.#ended === undefined ? undefined : new ProviderError('timeout', { vendorCode: this.#ended })
  }

  #set(bound: Bound, delayMs: number): void {
    this.#callOff(bound)
    this.#callOffs.set(
      bound,
      this.#clock.after(delayMs, () => {
        this.#ended ??= bound
        this.#cancel()
      }),
    )
  }

  #callOff(bound: Bound): void {
    this.#callOffs.get(bound)?.()
    this.#callOffs.delete(bound)
  }
}
