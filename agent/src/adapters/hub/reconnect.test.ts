import { CLOSE_CODES } from '@ai-comms/shared'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decideAfterLoss, RECONNECT_BOUNDS } from './reconnect.ts'

const decide = (
  code: number,
  more: { attempt?: number; onlineMs?: number; refusal?: string; random?: number } = {},
) => {
  const { random = 0, ...loss } = more
  return decideAfterLoss({ code, attempt: 0, onlineMs: 0, ...loss }, RECONNECT_BOUNDS, random)
}

describe('after a lost socket', () => {
  it.each([
    [4003, 'AGENT_HUB_SECRET'],
    [4009, 'DATA_DIR'],
    [4002, 'AGENT_NAME'],
  ])('the link stops at %d and says what to look at', (code, variable) => {
    expect(decide(code)).toEqual({ stop: expect.stringContaining(variable) })
    expect(decide(code)).toEqual({ stop: expect.stringContaining(String(code)) })
  })

  it("the hub's own words say why a registration was refused", () => {
    expect(decide(4002, { refusal: 'name must be shorter.' })).toEqual({
      stop: expect.stringContaining('name must be shorter.'),
    })
  })

  it.each([
    [1001, 0],
    [1006, 0],
    [4008, 0],
    [1009, 10_000],
    [4001, 10_000],
    [4004, 10_000],
    [4005, 10_000],
    [4010, 10_000],
    [4006, 60_000],
  ])('%d waits at least %d ms', (code, leastMs) => {
    expect(decide(code)).toEqual({ waitMs: leastMs, attempt: 1 })
  })

  it('every row of the table of close codes has an answer', () => {
    for (const { code } of Object.values(CLOSE_CODES)) expect(decide(code)).toBeDefined()
  })

  it('the wait grows with every attempt up to its cap, and begins anew after a stable minute', () => {
    const waits = [0, 1, 2, 3, 4, 5, 6].map((attempt) => decide(1006, { attempt, random: 0.999_999 }))
    expect(waits.map((after) => ('waitMs' in after ? Math.ceil(after.waitMs / 1_000) : 0))).toEqual([
      1, 2, 4, 8, 16, 30, 30,
    ])
    expect(decide(1006, { attempt: 6, onlineMs: 59_999 })).toMatchObject({ attempt: 7 })
    expect(decide(1006, { attempt: 6, onlineMs: 60_000 })).toMatchObject({ attempt: 1 })
  })

  it('no wait is shorter than the code asks for or longer than that and the cap', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(1006, 4004, 4006),
        fc.nat(100),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (code, attempt, random) => {
          const after = decide(code, { attempt, random })
          const leastMs = code === 4006 ? 60_000 : code === 4004 ? 10_000 : 0
          expect('waitMs' in after && after.waitMs >= leastMs && after.waitMs <= leastMs + 30_000).toBe(true)
        },
      ),
    )
  })
})
