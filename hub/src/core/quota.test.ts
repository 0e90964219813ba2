import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fillBucket, takeToken } from './quota.ts'

describe('a token bucket', () => {
  test('gives no more than its capacity and its refill in any stretch of time', () => {
    const waits = fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 100, size: 'max' })
    const rates = fc.record({ capacity: fc.integer({ min: 1, max: 50 }), perSecond: fc.integer({ min: 1, max: 50 }) })
    fc.assert(
      fc.property(rates, waits, (rate, gaps) => {
        const bucket = fillBucket(rate, 0)
        let now = 0
        const takenAt: number[] = []
        for (const gap of gaps) {
          now += gap
          if (takeToken(bucket, rate, now)) takenAt.push(now)
        }
        for (const from of takenAt) {
          const taken = takenAt.filter((at) => at >= from)
          const last = taken.at(-1) ?? from
          expect(taken.length).toBeLessThanOrEqual(rate.capacity + ((last - from) / 1_000) * rate.perSecond + 1e-6)
        }
      }),
    )
  })

  test('who stays at the rate is never refused', () => {
    const rate = { capacity: 10, perSecond: 2 }
    const bucket = fillBucket(rate, 0)
    for (let now = 0; now < 60_000; now += 500) expect(takeToken(bucket, rate, now)).toBe(true)
  })

  test('a burst is taken up to the capacity, and a refused taker pays nothing', () => {
    const rate = { capacity: 3, perSecond: 1 }
    const bucket = fillBucket(rate, 0)
    expect([1, 2, 3, 4, 5].map(() => takeToken(bucket, rate, 0))).toEqual([true, true, true, false, false])
    expect(takeToken(bucket, rate, 1_000)).toBe(true)
    expect(takeToken(bucket, rate, 1_999)).toBe(false)
  })

  test('a rate of 0 is no limit', () => {
    const rate = { capacity: 0, perSecond: 0 }
    const bucket = fillBucket(rate, 0)
    expect(Array.from({ length: 1_000 }, () => takeToken(bucket, rate, 0))).not.toContain(false)
  })
})
