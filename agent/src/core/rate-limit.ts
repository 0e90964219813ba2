/** Most senders that are counted at a time; whoever wrote longest ago makes room. */
export const RATE_SENDERS_MAX = 10_000

/** How often somebody may write. */
export interface RateBounds {
  /** Most messages within any window. */
  readonly max: number
  readonly windowMs: number
  readonly sendersMax?: number
}

/** What one more message is: within the limit, the first beyond it, or another one beyond it. */
export type RateOutcome = 'within' | 'first-beyond' | 'beyond'

interface Sender {
  /** When the messages within the limit came, the oldest first. */
  times: number[]
  noticedAt: number | undefined
}

/**
 * Counts each sender's messages over a window that slides, so that no window of its length ever has more than the
 * limit. What is beyond it does not count, so that patience always helps; and there is one notice per window at most.
 */
export class RateLimit {
  readonly #bounds: RateBounds
  /** Whoever wrote longest ago first. */
  readonly #senders = new Map<string, Sender>()

  constructor(bounds: RateBounds) {
    this.#bounds = bounds
  }

  /** How many senders are counted. */
  get size(): number {
    return this.#senders.size
  }

  /** Counts a message. */
  take(senderId: string, now: number): RateOutcome {
    const sender = this.#senders.get(senderId) ?? { times: [], noticedAt: undefined }
    this.#senders.delete(senderId)
    this.#makeRoom(now)
    this.#senders.set(senderId, sender)
    sender.times = sender.times.filter((time) => this.#isRecent(time, now))
    if (sender.times.length < this.#bounds.max) {
      sender.times.push(now)
      return 'within'
    }
    if (sender.noticedAt !== undefined && this.#isRecent(sender.noticedAt, now)) return 'beyond'
    sender.noticedAt = now
    return 'first-beyond'
  }

  /** A time in the future is that of a clock which was set back, and would bar somebody until it comes. */
  #isRecent(time: number, now: number): boolean {
    return time <= now && time > now - this.#bounds.windowMs
  }

  #makeRoom(now: number): void {
    const { sendersMax = RATE_SENDERS_MAX } = this.#bounds
    for (const [senderId, { times, noticedAt }] of this.#senders) {
      const isNeeded = [times.at(-1), noticedAt].some((time) => time !== undefined && this.#isRecent(time, now))
      if (isNeeded && this.#senders.size < sendersMax) break
      this.#senders.delete(senderId)
    }
  }
}
