import type { CallOff, Clock } from '../ports.ts'

/** Waits before something unconfirmed is sent again, in milliseconds; after the last it is given up: ten minutes in all. */
export const INSIST_WAITS_MS: readonly number[] = [5_000, 15_000, 45_000, 135_000, 405_000]

/** The same over a channel of people, where every message counts, and an answer takes its time. */
export const SLOW_INSIST_WAITS_MS: readonly number[] = [60_000, 300_000, 900_000]

/** What is insisted on: sends it again, and tells whether it still has to be confirmed. */
export type Again = () => boolean

/** Sends again, a few times and ever more seldom, what nobody has confirmed. So it ends by itself, whatever is lost. */
export class Insistence {
  readonly #clock: Clock
  readonly #alarms = new Map<string, CallOff>()
  #isStopped = false
  #whenIdle: (() => void)[] = []

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** How much is insisted on at the moment. */
  get size(): number {
    return this.#alarms.size
  }

  /** Begins anew for this key: the first time it was sent by whoever calls. */
  insist(key: string, again: Again, givenUp: () => void, waits = INSIST_WAITS_MS): void {
    this.#alarms.get(key)?.()
    this.#arm(key, waits, again, givenUp)
  }

  /** It is confirmed, or does not matter any more. */
  settle(key: string): void {
    this.#alarms.get(key)?.()
    this.#drop(key)
  }

  /** Resolves when nothing is insisted on. */
  async idle(): Promise<void> {
    if (this.#alarms.size > 0) await new Promise<void>((resolve) => this.#whenIdle.push(resolve))
  }

  /** Nothing is sent again any more. */
  stop(): void {
    this.#isStopped = true
    for (const key of [...this.#alarms.keys()]) this.settle(key)
  }

  #arm(key: string, [waitMs, ...waits]: readonly number[], again: Again, givenUp: () => void): void {
    if (this.#isStopped) return
    if (waitMs === undefined) {
      this.#drop(key)
      givenUp()
      return
    }
    const callOff = this.#clock.after(waitMs, () => {
      if (again()) this.#arm(key, waits, again, givenUp)
      else this.#drop(key)
    })
    this.#alarms.set(key, callOff)
  }

  #drop(key: string): void {
    this.#alarms.delete(key)
    if (this.#alarms.size > 0) return
    for (const resolve of this.#whenIdle.splice(0)) resolve()
  }
}
