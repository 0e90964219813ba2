import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  AWAKE,
  admit,
  afterAnswer,
  afterFailure,
  afterNothing,
  type Breaker,
  FAILURE_WINDOW_MS,
  REFUSED_KEY_REST_MS,
  REST_MS_BASE,
  REST_MS_CAP,
  type Ticket,
} from './breaker.ts'
import type { ProviderErrorKind } from './events.ts'

const fail = (
  breaker: Breaker,
  kind: ProviderErrorKind,
  now: number,
  more: { ticket?: Ticket; retryAfterMs?: number } = {},
) => {
  const { ticket = 'ask', ...facts } = more
  return afterFailure(breaker, ticket, { kind, ...facts }, now, 0)
}
const failTimes = (times: number, kind: ProviderErrorKind = 'overload', everyMs = 0) => {
  let breaker: Breaker = AWAKE
  for (let each = 0; each < times; each++) breaker = fail(breaker, kind, each * everyMs)
  return breaker
}

describe('a breaker', () => {
  it.each(['overload', 'network', 'timeout', 'truncated'] as const)(
    'opens at the third %s in a row, not before',
    (kind) => {
      expect(failTimes(2, kind)).toMatchObject({ name: 'awake' })
      expect(failTimes(3, kind)).toEqual({ name: 'resting', until: REST_MS_BASE, why: kind, rests: 1 })
    },
  )

  it('forgets failures that are long ago, and all of them at an answer', () => {
    expect(failTimes(9, 'overload', FAILURE_WINDOW_MS / 2)).toMatchObject({ name: 'awake' })
    expect(fail(afterAnswer(failTimes(2), 'ask'), 'overload', 0)).toMatchObject({ name: 'awake', failedAt: [0] })
  })

  it('opens at once, and for an hour, when the key is refused', () => {
    expect(fail(AWAKE, 'auth', 5)).toMatchObject({ name: 'resting', until: 5 + REFUSED_KEY_REST_MS, why: 'auth' })
  })

  it('opens at once at a rate limit: until the reset, at most an hour, or by its own measure', () => {
    expect(fail(AWAKE, 'rate-limit', 0, { retryAfterMs: 7_000 })).toMatchObject({ until: 7_000 })
    expect(fail(AWAKE, 'rate-limit', 0, { retryAfterMs: 86_400_000 })).toMatchObject({ until: 3_600_000 })
    expect(fail(AWAKE, 'rate-limit', 0)).toMatchObject({ until: REST_MS_BASE })
  })

  it('rests longer each time, up to a cap, and from the beginning after an answer', () => {
    let breaker: Breaker = fail(AWAKE, 'rate-limit', 0)
    const rests: number[] = []
    for (let each = 0; each < 7; each++) {
      const now = breaker.name === 'resting' ? breaker.until : Number.NaN
      const { ticket, next } = admit(breaker, now)
      expect(ticket).toBe('probe')
      breaker = fail(next, 'rate-limit', now, { ticket: 'probe' })
      rests.push(breaker.name === 'resting' ? breaker.until - now : Number.NaN)
    }
    expect(rests).toEqual([60_000, 120_000, 240_000, 480_000, REST_MS_CAP, REST_MS_CAP, REST_MS_CAP])
    expect(fail(afterAnswer(breaker, 'probe'), 'rate-limit', 0)).toMatchObject({ until: REST_MS_BASE })
  })

  it('comes back a little later than it must, so that agents which share a key do not come in step', () => {
    expect(afterFailure(AWAKE, 'ask', { kind: 'rate-limit', retryAfterMs: 10_000 }, 0, 0.5)).toMatchObject({
      until: 10_500,
    })
  })

  it('lets exactly one probe through when its rest is over, and closes at its answer', () => {
    const resting = failTimes(3)
    expect(admit(resting, REST_MS_BASE - 1).ticket).toBeUndefined()
    const { ticket, next } = admit(resting, REST_MS_BASE)
    expect(ticket).toBe('probe')
    expect(admit(next, REST_MS_BASE + 999_999).ticket).toBeUndefined()
    expect(afterAnswer(next, 'probe')).toEqual(AWAKE)
  })

  it.each(['context', 'policy', 'invalid'] as const)('takes %s for a sign of life', (kind) => {
    expect(fail(failTimes(2), kind, 0)).toEqual(AWAKE)
    const { next } = admit(failTimes(3), REST_MS_BASE)
    expect(fail(next, kind, REST_MS_BASE, { ticket: 'probe' })).toEqual(AWAKE)
  })

  it('lets the next probe go when one was given up', () => {
    const { next } = admit(failTimes(3), REST_MS_BASE)
    for (const after of [fail(next, 'canceled', 70_000, { ticket: 'probe' }), afterNothing(next, 'probe', 70_000)]) {
      expect(admit(after, 70_000).ticket).toBe('probe')
    }
    expect(fail(failTimes(2), 'canceled', 0)).toEqual(failTimes(2))
  })

  it('takes what was asked before its rest for neither its end nor a reason to rest longer', () => {
    const resting = failTimes(3)
    expect(afterAnswer(resting, 'ask')).toBe(resting)
    expect(fail(resting, 'timeout', 1)).toBe(resting)
    const { next } = admit(resting, REST_MS_BASE)
    expect(fail(next, 'timeout', REST_MS_BASE)).toBe(next)
    expect(afterAnswer(next, 'ask')).toBe(next)
  })

  it('is never asked sooner than a vendor said because of a failure that came after it', () => {
    const limited = fail(AWAKE, 'rate-limit', 0, { retryAfterMs: 3_000_000 })
    expect(fail(limited, 'overload', 10, { ticket: 'force' })).toMatchObject({ until: 3_000_000, why: 'rate-limit' })
  })
})

const KINDS: readonly ProviderErrorKind[] = [
  'auth',
  'rate-limit',
  'overload',
  'network',
  'timeout',
  'context',
  'policy',
  'invalid',
  'truncated',
  'canceled',
]

describe('whatever happens to a breaker, in whatever order', () => {
  const step = fc.record({
    act: fc.constantFrom('ask', 'force', 'answer', 'fail', 'nothing'),
    which: fc.nat(5),
    kind: fc.constantFrom(...KINDS),
    retryAfterMs: fc.option(fc.integer({ min: -5, max: 10_000_000 }), { nil: undefined }),
    jitter: fc.double({ min: 0, max: 0.999, noNaN: true }),
    laterMs: fc.integer({ min: 0, max: 400_000 }),
  })

  it('has one probe at most, asks nobody who rests, rests within its bounds, and comes back in the end', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let breaker: Breaker = AWAKE
        let now = 0
        let open: Ticket[] = []
        for (const { act, which, kind, retryAfterMs, jitter, laterMs } of steps) {
          now += laterMs
          const before = breaker
          if (act === 'ask') {
            const { ticket, next } = admit(breaker, now)
            if (ticket) open.push(ticket)
            expect(ticket !== undefined).toBe(
              before.name === 'awake' || (before.name === 'resting' && before.until <= now),
            )
            breaker = next
          } else if (act === 'force') {
            open.push('force')
          } else {
            const ticket = open[which % Math.max(1, open.length)]
            if (ticket === undefined) continue
            const index = open.indexOf(ticket)
            open = open.filter((_, each) => each !== index)
            const failure = { kind, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) }
            if (act === 'answer') breaker = afterAnswer(breaker, ticket)
            else if (act === 'fail') breaker = afterFailure(breaker, ticket, failure, now, jitter)
            else breaker = afterNothing(breaker, ticket, now)
            // neither an answer nor a failure makes a probe of somebody
            expect(breaker.name === 'probing' && before.name !== 'probing').toBe(false)
          }
          if (breaker.name === 'probing')
            expect(open.filter((each) => each === 'probe').length).toBeGreaterThanOrEqual(1)
          if (breaker.name === 'resting') expect(breaker.until - now).toBeLessThanOrEqual(3_600_000 * 1.1)
          if (breaker.name === 'awake') expect(breaker.failedAt.length).toBeLessThan(3)
        }
        // whoever holds the last word lets it come back: no sequence locks a provider out for good
        for (const ticket of open) breaker = afterNothing(breaker, ticket, now)
        expect(admit(breaker, now + 4_000_000).ticket).toBeDefined()
      }),
      { numRuns: 300 },
    )
  })
})
