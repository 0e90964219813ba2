/** Bounds of a growing wait, in milliseconds. */
export interface BackoffBounds {
  readonly baseMs: number
  readonly capMs: number
}

/**
 * Wait before try number `attempt` (0 = first), in milliseconds: drawn evenly
 * from 0 up to a bound that doubles with every attempt and stops at the cap.
 * Drawing from the whole range keeps a thousand agents that lost one hub from
 * coming back in step.
 *
 * @param random a number in [0, 1), as `Math.random` gives
 * @see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export const fullJitterMs = (attempt: number, { baseMs, capMs }: BackoffBounds, random: number): number =>
  // 2 ** 30 is far above any cap and still an exact number
  Math.floor(random * Math.min(capMs, baseMs * 2 ** Math.min(Math.max(attempt, 0), 30)))
