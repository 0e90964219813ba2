import type { CallOff, Clock } from '../../core/ports.ts'
import type { ObserveCloud, WebhookRefusal } from './events.ts'

/** How often the same refusal is told at most, in milliseconds. */
const EVERY_MS = 60_000

interface Tally {
  requests: number
  readonly callOff: CallOff
}

/** Tells of refused requests: at once of the first, and of those that follow it once a minute, however many they are. */
export class RefusalTally {
  readonly #clock: Clock
  readonly #observe: ObserveCloud
  readonly #tallies = new Map<WebhookRefusal, Tally>()

  constructor(clock: Clock, observe: ObserveCloud) {
    this.#clock = clock
    this.#observe = observe
  }

  /** A request was refused. */
  note(why: WebhookRefusal): void {
    const tally = this.#tallies.get(why)
    if (tally) tally.requests += 1
    else this.#tell(why, 1)
  }

  /** Tells nothing any more. */
  stop(): void {
    for (const { callOff } of this.#tallies.values()) callOff()
    this.#tallies.clear()
  }

  #tell(why: WebhookRefusal, requests: number): void {
    this.#observe({ type: 'cloud.webhook-refused', why, requests })
    const callOff = this.#clock.after(EVERY_MS, () => {
      const more = this.#tallies.get(why)?.requests ?? 0
      this.#tallies.delete(why)
      if (more > 0) this.#tell(why, more)
    })
    this.#tallies.set(why, { requests: 0, callOff })
  }
}
