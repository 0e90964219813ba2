import type { CallOff, Clock } from '../core/ports.ts'

/** A clock that the test moves. */
export class FakeClock implements Clock {
  #now: number
  #alarms: { readonly at: number; readonly act: () => void }[] = []

  constructor(now = Date.UTC(2026, 0, 1)) {
    this.#now = now
  }

  now(): number {
    return this.#now
  }

  after(delayMs: number, act: () => void): CallOff {
    const alarm = { at: this.#now + Math.max(0, delayMs), act }
    this.#alarms.push(alarm)
    return () => {
      this.#alarms = this.#alarms.filter((each) => each !== alarm)
    }
  }

  /** How many alarms are set. */
  get alarms(): number {
    return this.#alarms.length
  }

  /** Lets time pass; each alarm rings at its own time. */
  pass(ms: number): void {
    const end = this.#now + ms
    for (;;) {
      const [next] = this.#alarms.filter(({ at }) => at <= end).sort((one, other) => one.at - other.at)
      if (!next) break
      this.#alarms = this.#alarms.filter((each) => each !== next)
      this.#now = Math.max(this.#now, next.at)
      next.act()
    }
    this.#now = end
  }
}

/** Lets promises that are settled run to their next wait. */
export const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
