import { ProviderError } from '../../core/failures.ts'
import type { CallOff, Clock, CompletionOptions } from '../../core/ports.ts'

/** How long a provider may keep us waiting, in milliseconds. */
export interface PatienceBounds {
  /** Until the first sign of an answer; models that think first need long. */
  readonly firstSignMs: number
  /** Between two signs. */
  readonly idleMs: number
}

/** Half of the usual deadline for the first sign, so that a second provider has its turn; less once it flows. */
export const PATIENCE_BOUNDS: PatienceBounds = { firstSignMs: 90_000, idleMs: 45_000 }

/**
 * Ends a request that nobody waits for (canceled), that has no time left, or whose provider has gone quiet, and knows
 * afterwards which of them it was: to an SDK they are all the same abort.
 */
export class Patience {
  readonly #abort = new AbortController()
  readonly #options: CompletionOptions
  readonly #clock: Clock
  readonly #bounds: PatienceBounds
  readonly #deadline: CallOff
  readonly #cancel = () => this.#abort.abort()
  #quiet: CallOff

  constructor(options: CompletionOptions, clock: Clock, bounds: PatienceBounds) {
    this.#options = options
    this.#clock = clock
    this.#bounds = bounds
    this.#deadline = clock.after(options.deadlineAt - clock.now(), this.#cancel)
    this.#quiet = clock.after(bounds.firstSignMs, this.#cancel)
    if (options.signal.aborted) this.#cancel()
    options.signal.addEventListener('abort', this.#cancel, { once: true })
  }

  /** For the SDK. */
  get signal(): AbortSignal {
    return this.#abort.signal
  }

  /** Something came. */
  heard(): void {
    this.#quiet()
    this.#quiet = this.#clock.after(this.#bounds.idleMs, this.#cancel)
  }

  /** Must be called when the request is over, however it ended. */
  end(): void {
    this.#deadline()
    this.#quiet()
    this.#options.signal.removeEventListener('abort', this.#cancel)
  }

  /** Our own reason for the end of a request, if it was ours. */
  findError(cause?: unknown): ProviderError | undefined {
    if (this.#options.signal.aborted) return new ProviderError('canceled', { cause })
    return this.#abort.signal.aborted ? new ProviderError('timeout', { cause }) : undefined
  }
}
