import type { HubOverrides } from '@ai-comms/hub'

type Clock = NonNullable<HubOverrides['clock']>

const START_EPOCH_MS = Date.UTC(2026, 3, 4, 12)

/** A clock that stands still until a test moves it. */
export class ManualClock implements Clock {
  /** Monotonic milliseconds. */
  time = 1_000
  /** What the wall clock is off by: a jump changes this and nothing else. */
  wallOffsetMs = 0

  now(): number {
    return this.time
  }

  toEpochMs(at: number): number {
    return START_EPOCH_MS + this.wallOffsetMs + at
  }
}
