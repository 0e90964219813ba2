import type { Clock } from '../core/ports.ts'

/** A clock that stands still until the test moves it. */
export class FakeClock implements Clock {
  #now = 0

  now(): number {
    return this.#now
  }

  toEpochMs(at: number): number {
    return Date.UTC(2026, 0, 1) + at
  }

  advance(ms: number): void {
    this.#now += ms
  }
}
