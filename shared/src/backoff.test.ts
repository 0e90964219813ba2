import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fullJitterMs } from './backoff.ts'

const anyBounds = fc.record({
  baseMs: fc.integer({ min: 1, max: 10_000 }),
  capMs: fc.integer({ min: 1, max: 600_000 }),
})
/** A number in [0, 1), as `Math.random` gives. */
const anyRandom = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })

describe('the wait before another try', () => {
  test('is a whole number from 0 up to a bound that doubles and stops at the cap', () => {
    fc.assert(
      fc.property(fc.nat(2_000), anyBounds, anyRandom, (attempt, bounds, random) => {
        const waitMs = fullJitterMs(attempt, bounds, random)
        expect(Number.isSafeInteger(waitMs)).toBe(true)
        expect(waitMs).toBeGreaterThanOrEqual(0)
        expect(waitMs).toBeLessThanOrEqual(Math.min(bounds.capMs, bounds.baseMs * 2 ** attempt))
      }),
    )
  })

  test('grows with each attempt', () => {
    const bounds = { baseMs: 1_000, capMs: 30_000 }
    const longest = [0, 1, 2, 3, 4, 5, 6, 1_000].map((attempt) => fullJitterMs(attempt, bounds, 0.999_999_9))
    expect(longest).toEqual([999, 1_999, 3_999, 7_999, 15_999, 29_999, 29_999, 29_999])
  })

  test('is drawn from the whole range', () => {
    const bounds = { baseMs: 1_000, capMs: 30_000 }
    expect([0, 0.25, 0.5, 0.75].map((random) => fullJitterMs(10, bounds, random))).toEqual([0, 7_500, 15_000, 22_500])
  })

  test('of an attempt below the first one is that of the first one', () => {
    expect(fullJitterMs(-5, { baseMs: 1_000, capMs: 30_000 }, 0.5)).toBe(500)
  })
})
