/** How fast a person would write, and how much WhatsApp bears of an account. */
export interface PaceBounds {
  /** Shortest and longest pause between two messages of a chat, in milliseconds. */
  readonly gapMsMin: number
  readonly gapMsMax: number
  /** What a character takes to type, in milliseconds, and the longest that is pretended. */
  readonly typingMsPerChar: number
  readonly typingMsMax: number
  /** Messages of the whole account in a minute, on average, and so many of them at once. */
  readonly perMinuteMax: number
  readonly burstMax: number
}

/**
 * Accounts that send faster than people do are restricted, then banned: three a second is refused at once, and hundreds of
 * chats within hours end an account for good.
 */
export const PACE_BOUNDS: PaceBounds = {
  gapMsMin: 1_000,
  gapMsMax: 2_500,
  typingMsPerChar: 30,
  typingMsMax: 5_000,
  perMinuteMax: 20,
  burstMax: 5,
}

const MINUTE_MS = 60_000

/** Says when the next message may leave. It takes the time, and has no timer of its own. */
export class Pacing {
  readonly #bounds: PaceBounds
  readonly #random: () => number
  #tokens: number
  #filledAt: number

  /** @param random a number in [0, 1) */
  constructor(bounds: PaceBounds, random: () => number, now: number) {
    this.#bounds = bounds
    this.#random = random
    this.#tokens = bounds.burstMax
    this.#filledAt = now
  }

  /** How long a person would be silent, and then type, before a text of so many characters; in milliseconds. */
  toWritingMs(chars: number): number {
    const { gapMsMin, gapMsMax, typingMsPerChar, typingMsMax } = this.#bounds
    const gapMs = gapMsMin + this.#random() * (gapMsMax - gapMsMin)
    return Math.round(gapMs + Math.min(chars * typingMsPerChar, typingMsMax))
  }

  /** Takes the right to send one message: 0, or how long to wait before the next attempt, in milliseconds. */
  take(now: number): number {
    const { perMinuteMax, burstMax } = this.#bounds
    const grown = (Math.max(0, now - this.#filledAt) * perMinuteMax) / MINUTE_MS
    this.#tokens = Math.min(burstMax, this.#tokens + grown)
    this.#filledAt = now
    if (this.#tokens >= 1) {
      this.#tokens -= 1
      return 0
    }
    return Math.max(1, Math.ceil(((1 - this.#tokens) * MINUTE_MS) / perMinuteMax))
  }
}
