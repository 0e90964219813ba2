import type { Clock } from '../../core/ports.ts'

/** Longest delay that a timer of Node takes; beyond it `setTimeout` would fire at once. */
const TIMER_MS_MAX = 2_147_483_647

/** The clock of the machine. Its alarms follow the monotonic clock, so a wall-clock jump moves none of them. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after: (delayMs, act) => {
    const timer = setTimeout(act, Math.min(Math.max(delayMs, 0), TIMER_MS_MAX))
    return () => clearTimeout(timer)
  },
}
