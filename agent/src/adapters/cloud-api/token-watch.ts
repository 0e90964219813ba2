import type { CallOff, Clock } from '../../core/ports.ts'
import type { Complain, ObserveCloud } from './events.ts'
import type { GraphApi } from './graph-api.ts'
import { TOKEN_SENTENCE } from './graph-errors.ts'

/** What watching over the token takes. */
export interface TokenWatchParts {
  readonly graph: Pick<GraphApi, 'check'>
  readonly clock: Clock
  readonly observe: ObserveCloud
  readonly complain: Complain
  /** How often it is tried whether Meta takes the token again, in milliseconds. */
  readonly everyMs: number
  /** Nothing may be sent any more. */
  readonly onRefused: () => void
  /** Everything may be sent again. */
  readonly onTaken: () => void
}

/**
 * Knows whether Meta takes the access token. One that was refused is tried again now and then with a question that sends
 * nothing, since Meta may have been wrong, or have got its right back; what waits is kept meanwhile.
 */
export class TokenWatch {
  readonly #parts: TokenWatchParts
  #isRefused = false
  #isStopped = false
  #callOff: CallOff | undefined

  constructor(parts: TokenWatchParts) {
    this.#parts = parts
  }

  get isRefused(): boolean {
    return this.#isRefused
  }

  /** What the owner should do. */
  get advice(): string | undefined {
    return this.#isRefused ? TOKEN_SENTENCE : undefined
  }

  /** Asks Meta, without waiting for the answer. */
  check(): void {
    void this.#ask().catch((error: unknown) => this.#parts.complain('check-token', error))
  }

  /** Meta has refused the token. */
  noteRefused(code: number): void {
    const { clock, everyMs, observe, onRefused } = this.#parts
    if (this.#isStopped) return
    this.#callOff?.()
    this.#callOff = clock.after(everyMs, () => this.check())
    if (this.#isRefused) return
    this.#isRefused = true
    onRefused()
    observe({ type: 'cloud.state', state: 'token-refused', code, sentence: TOKEN_SENTENCE })
  }

  stop(): void {
    this.#isStopped = true
    this.#callOff?.()
  }

  async #ask(): Promise<void> {
    const { clock, everyMs, graph, observe, onTaken } = this.#parts
    const outcome = await graph.check()
    if (this.#isStopped) return
    if (outcome.kind === 'refused' && outcome.class === 'token') this.noteRefused(outcome.code)
    else if (outcome.kind === 'answered' && this.#isRefused) {
      this.#isRefused = false
      observe({ type: 'cloud.state', state: 'open' })
      onTaken()
    } else if (this.#isRefused) {
      // nobody knows yet
      this.#callOff = clock.after(everyMs, () => this.check())
    }
  }
}
