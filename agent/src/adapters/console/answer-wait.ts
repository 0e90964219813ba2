import type { CallOff, Clock } from '../../core/ports.ts'

/** A receiver that is done with a message is quiet for this long, in milliseconds: answers may have several parts. */
const QUIET_MS = 100
/** A receiver that shows nothing at all of a message within this, in milliseconds, does not answer it. */
const SILENCE_MS = 2_000

/** Waits until whoever got a message is done with it: not working any more, and quiet. */
export class AnswerWait {
  readonly #clock: Clock
  #isWorking = false
  #callOff: CallOff | undefined
  #resolve: (() => void) | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Begins to wait. */
  start(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#resolve = resolve
    this.#arm(SILENCE_MS)
    return promise
  }

  noteWorking(isWorking: boolean): void {
    this.#isWorking = isWorking
    this.#arm(QUIET_MS)
  }

  /** Something was shown. */
  noteSign(): void {
    this.#arm(QUIET_MS)
  }

  /** Nobody waits any longer. */
  end(): void {
    this.#callOff?.()
    this.#resolve?.()
    this.#resolve = undefined
  }

  #arm(afterMs: number): void {
    this.#callOff?.()
    if (this.#resolve === undefined || this.#isWorking) return
    this.#callOff = this.#clock.after(afterMs, () => this.end())
  }
}
