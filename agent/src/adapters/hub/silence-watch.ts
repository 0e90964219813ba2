import { repeat } from '../../core/alarms.ts'
import type { CallOff, Clock } from '../../core/ports.ts'

/** Bounds of the watch, in milliseconds. */
export interface SilenceBounds {
  readonly tickMs: number
  readonly pingEveryMs: number
  readonly silenceMsMax: number
}

/** A ping within the hub's 30 s; two of its own pings and a half may fail before the link is given up. */
export const SILENCE_BOUNDS: SilenceBounds = { tickMs: 5_000, pingEveryMs: 25_000, silenceMsMax: 75_000 }

/** What the watch asks for. */
export interface SilenceListener {
  /** It is time to say something. */
  ping(): void
  /** Nothing was heard for too long. */
  silent(): void
}

/**
 * Notices a hub that is gone without a word. Silence is counted in ticks and not by a clock: a machine that slept counts
 * one tick and not an hour, and finds out with its next ping whether the hub is still there.
 */
export class SilenceWatch {
  readonly #callOff: CallOff
  #silentTicks = 0
  #ticks = 0

  constructor(clock: Clock, { tickMs, pingEveryMs, silenceMsMax }: SilenceBounds, listener: SilenceListener) {
    this.#callOff = repeat(clock, tickMs, () => {
      this.#ticks += 1
      this.#silentTicks += 1
      if (this.#silentTicks * tickMs >= silenceMsMax) listener.silent()
      else if (this.#ticks % Math.ceil(pingEveryMs / tickMs) === 0) listener.ping()
    })
  }

  /** Something came from the hub. */
  heard(): void {
    this.#silentTicks = 0
  }

  /** Ends the watch. */
  end(): void {
    this.#callOff()
  }
}
