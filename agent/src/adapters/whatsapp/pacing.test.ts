import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PACE_BOUNDS, Pacing } from './pacing.ts'

describe('the pace of messages', () => {
  it('is that of a person: a pause, and time to type', () => {
    const pause = (random: number, chars: number) => new Pacing(PACE_BOUNDS, () => random, 0).toWritingMs(chars)
    expect(pause(0, 0)).toBe(1_000)
    expect(pause(0.999999, 0)).toBe(2_500)
    expect(pause(0, 50)).toBe(2_500)
    expect(pause(0, 3_500)).toBe(6_000)
  })

  it('lets five messages leave at once, and then one in three seconds', () => {
    const pacing = new Pacing(PACE_BOUNDS, () => 0, 0)
    expect(Array.from({ length: 5 }, () => pacing.take(0))).toEqual([0, 0, 0, 0, 0])
    expect(pacing.take(0)).toBe(3_000)
    expect(pacing.take(2_999)).toBe(1)
    expect(pacing.take(3_000)).toBe(0)
    expect(pacing.take(3_000)).toBe(3_000)
  })

  it('lets no account send more than its bounds in any minute, whoever asks when', () => {
    const asks = fc.array(fc.nat(4_000), { minLength: 1, maxLength: 300 })
    fc.assert(
      fc.property(asks, (gaps) => {
        const pacing = new Pacing(PACE_BOUNDS, () => 0, 0)
        let now = 0
        const sent: number[] = []
        for (const gap of gaps) {
          now += gap
          if (pacing.take(now) === 0) sent.push(now)
        }
        for (const start of sent) {
          const within = sent.filter((at) => at >= start && at < start + 60_000).length
          expect(within).toBeLessThanOrEqual(PACE_BOUNDS.perMinuteMax + PACE_BOUNDS.burstMax)
        }
      }),
    )
  })

  it('is not fooled by a clock that is set back', () => {
    const pacing = new Pacing(PACE_BOUNDS, () => 0, 100_000)
    for (let each = 0; each < 5; each += 1) pacing.take(100_000)
    expect(pacing.take(0)).toBeGreaterThan(0)
    expect(pacing.take(3_000)).toBe(0)
  })
})
