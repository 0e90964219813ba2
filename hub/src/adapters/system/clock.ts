import type { Clock } from '../../core/ports.ts'

/**
 * The machine's clock: `performance.now` for all reckoning, which no change of
 * the wall clock touches, and the wall clock only to show a moment to people.
 */
export const systemClock: Clock = {
  now: () => performance.now(),
  toEpochMs: (at) => Date.now() - (performance.now() - at),
}
