import type { CallOff, Clock } from '../../core/ports.ts'

/** One alarm for whatever is due first; whoever is woken looks what that is, and sets it anew. */
export class EarliestAlarm {
  readonly #clock: Clock
  readonly #wake: () => void
  #set: { readonly at: number; readonly callOff: CallOff } | undefined

  constructor(clock: Clock, wake: () => void) {
    this.#clock = clock
    this.#wake = wake
  }

  /** Wakes at that time, in epoch milliseconds, or before. */
  set(at: number): void {
    if (this.#set && this.#set.at <= at) return
    this.clear()
    const callOff = this.#clock.after(at - this.#clock.now(), () => {
      this.#set = undefined
      this.#wake()
    })
    this.#set = { at, callOff }
  }

  clear(): void {
    this.#set?.callOff()
    this.#set = undefined
  }
}
