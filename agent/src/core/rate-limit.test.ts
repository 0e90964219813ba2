import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RateLimit } from './rate-limit.ts'

const BOUNDS = { max: 3, windowMs: 100 }

describe('the limit of a sender', () => {
  it('gives one notice, then silence, and lets patience help', () => {
    const limit = new RateLimit(BOUNDS)
    expect([0, 1, 2, 3, 4, 99].map((now) => limit.take('1', now))).toEqual([
      ...['within', 'within', 'within'],
      ...['first-beyond', 'beyond', 'beyond'],
    ])
    // the place of the first is free again, and only that
    expect([100, 100].map((now) => limit.take('1', now))).toEqual(['within', 'beyond'])
    expect(limit.take('1', 1_000)).toBe('within')
  })

  it('is nobody else’s', () => {
    const limit = new RateLimit(BOUNDS)
    for (let each = 0; each < 9; each++) limit.take('1', 0)
    expect(limit.take('2', 0)).toBe('within')
  })

  it('does not bar anybody until a time that a wrong clock has told', () => {
    const limit = new RateLimit(BOUNDS)
    for (let each = 0; each < 9; each++) limit.take('1', 1_000_000)
    expect(limit.take('1', 0)).toBe('within')
  })

  it('counts so many senders and no more, and forgets first who is within it anyway', () => {
    const limit = new RateLimit({ ...BOUNDS, sendersMax: 10 })
    for (let each = 0; each < 50; each++) limit.take(`${each}`, 0)
    expect(limit.size).toBe(10)
    limit.take('new', 100)
    expect(limit.size).toBe(1)
  })

  const step = fc.record({ sender: fc.constantFrom('1', '2'), later: fc.nat(40) })

  it('holds in any window, and one sender’s messages never count for another', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const both = new RateLimit(BOUNDS)
        const alone = { '1': new RateLimit(BOUNDS), '2': new RateLimit(BOUNDS) }
        const admitted: { sender: string; now: number }[] = []
        const noticed: { sender: string; now: number }[] = []
        let now = 0
        for (const { sender, later } of steps) {
          now += later
          const outcome = both.take(sender, now)
          expect(outcome).toBe(alone[sender as '1' | '2'].take(sender, now))
          if (outcome === 'within') admitted.push({ sender, now })
          if (outcome === 'first-beyond') noticed.push({ sender, now })
          const recent = ({ sender: who, now: then }: { sender: string; now: number }) =>
            who === sender && then > now - BOUNDS.windowMs
          expect(admitted.filter(recent).length).toBeLessThanOrEqual(BOUNDS.max)
          expect(noticed.filter(recent).length).toBeLessThanOrEqual(1)
        }
      }),
    )
  })
})
