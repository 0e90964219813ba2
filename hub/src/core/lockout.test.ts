import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Lockout } from './lockout.ts'

const fail = (lockout: Lockout, times: number, now: number, address = 'here') =>
  Array.from({ length: times }, () => lockout.recordFailure(address, now))

describe('the lockout', () => {
  test('ten failures within a minute are told that they are wrong, the next one to wait a minute', () => {
    const lockout = new Lockout()
    expect(fail(lockout, 10, 1_000)).toEqual(Array(10).fill(0))
    expect(lockout.recordFailure('here', 1_000)).toBe(60_000)
    expect(lockout.recordFailure('here', 31_000)).toBe(30_000)
  })

  test('a lock is not made longer by trying again, and after it the count begins anew', () => {
    const lockout = new Lockout()
    fail(lockout, 10, 0)
    for (let now = 0; now < 60_000; now += 1_000) expect(lockout.recordFailure('here', now)).toBe(60_000 - now)
    expect(fail(lockout, 10, 60_000)).toEqual(Array(10).fill(0))
    expect(lockout.waitMs('here', 60_000)).toBe(60_000)
  })

  test('nine failures a minute never lock', () => {
    const lockout = new Lockout()
    for (let minute = 0; minute < 20; minute++) {
      expect(fail(lockout, 9, minute * 60_000)).toEqual(Array(9).fill(0))
      expect(lockout.waitMs('here', minute * 60_000)).toBe(0)
    }
  })

  test('the minute is any minute, not one that begins with the first failure', () => {
    const lockout = new Lockout()
    lockout.recordFailure('here', 0)
    fail(lockout, 8, 59_000)
    fail(lockout, 1, 60_000)
    expect(lockout.waitMs('here', 60_000)).toBe(0)
    fail(lockout, 1, 61_000)
    expect(lockout.waitMs('here', 61_000)).toBe(60_000)
  })

  test('one address does not lock another', () => {
    const lockout = new Lockout()
    fail(lockout, 10, 0, 'bad')
    expect(lockout.waitMs('good', 0)).toBe(0)
    expect(lockout.recordFailure('good', 0)).toBe(0)
  })

  test('whatever comes, an address is told to wait exactly while it is locked', () => {
    const tries = fc.array(fc.record({ address: fc.constantFrom('a', 'b', 'c'), gap: fc.nat(20_000) }), {
      maxLength: 100,
      size: 'max',
    })
    fc.assert(
      fc.property(tries, (steps) => {
        const lockout = new Lockout()
        let now = 0
        for (const { address, gap } of steps) {
          now += gap
          if (gap % 7 === 0) lockout.sweep(now)
          const waitMs = lockout.waitMs(address, now)
          expect(lockout.recordFailure(address, now)).toBe(waitMs)
          expect(lockout.waitMs(address, now)).toBeLessThanOrEqual(60_000)
        }
      }),
    )
  })

  test('a sweep forgets only what is over', () => {
    const lockout = new Lockout()
    fail(lockout, 10, 0, 'locked')
    fail(lockout, 9, 30_000, 'recent')
    lockout.sweep(59_999)
    expect(lockout.waitMs('locked', 59_999)).toBe(1)
    lockout.recordFailure('recent', 60_000)
    expect(lockout.waitMs('recent', 60_000)).toBe(60_000)
  })

  test('a flood of addresses pushes out the one that was touched longest ago', () => {
    const lockout = new Lockout()
    fail(lockout, 9, 0, 'touched')
    fail(lockout, 10, 0, 'forgotten')
    for (let address = 0; address < 9_998; address++) lockout.recordFailure(`address-${address}`, 0)
    lockout.recordFailure('touched', 0)
    fail(lockout, 10, 0, 'newest')
    expect(['touched', 'newest', 'forgotten'].map((address) => lockout.waitMs(address, 0))).toEqual([60_000, 60_000, 0])
  })
})
