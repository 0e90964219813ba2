import type { RegisterFrame } from '@ai-comms/shared'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type HallAct, HallModel } from '../test-support/hall-model.ts'

const anyRegister: fc.Arbitrary<Partial<RegisterFrame>> = fc.record(
  {
    name: fc.constantFrom('Ann', 'ann', 'Bob'),
    skills: fc.subarray(['Build', 'test']),
    protocol: fc.constantFrom(1, 2),
    instanceId: fc.constantFrom('one', 'two'),
    maxConcurrency: fc.constantFrom(1, 2),
  },
  { requiredKeys: ['name', 'skills', 'protocol'] },
)
const anyTarget = fc.constantFrom({ agent: 'ANN' }, { agent: 'bob' }, { skill: 'build' }, { skill: 'TEST' })
const anyNumber = fc.nat(11)

const anyAct: fc.Arbitrary<HallAct> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('open' as const), register: anyRegister }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('close' as const, 'break', 'live'), guest: anyNumber }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('submit' as const), target: anyTarget }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'broadcast' as const }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constantFrom('accept' as const, 'accept', 'progress', 'answer', 'answerNothing', 'fail', 'reject'),
      guest: anyNumber,
      task: anyNumber,
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cancel' as const), task: anyNumber }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.constantFrom(50, 1_000, 7_000, 15_000, 31_000) }),
  },
)

/** Holds after every act. */
const checkHall = (model: HallModel): void => {
  const { hub } = model.hall
  expect(hub.listAgents().map(({ id }) => id)).toEqual([...model.here].map(({ session }) => session.id))
  expect(hub.tasks.count).toBe(model.inFlight.size)

  const held = [...model.here].flatMap(({ session }) => [...session.held])
  expect(new Set(held).size, 'no task is held twice').toBe(held.length)
  const awaited = new Set(model.awaited.flatMap(({ session }) => [...session.held]))
  const kept = new Set([...held, ...[...model.inFlight].filter((id) => awaited.has(id))])
  expect(kept, 'what is held, or waits for a return, is just what is in flight').toEqual(model.inFlight)

  for (const [id, ends] of model.ends) expect(ends, `ends of ${id}`).toBe(model.inFlight.has(id) ? 0 : 1)
  expect(model.wrongBroadcasts).toBe(0)

  const present = new Map<string, number>()
  for (const { session } of [...model.here, ...model.awaited]) {
    present.set(session.nameKey, (present.get(session.nameKey) ?? 0) + 1)
  }
  for (const [key, balance] of model.readPresence()) expect(balance, `presence of ${key}`).toBe(present.get(key) ?? 0)
}

const checkAllOver = (model: HallModel): void => {
  expect(model.hall.hub.tasks.count).toBe(0)
  expect([...model.ends.values()].every((ends) => ends === 1)).toBe(true)
  expect([...model.here].every(({ session }) => session.held.size === 0)).toBe(true)
  checkHall(model)
}

const runStory = (acts: readonly HallAct[]): HallModel => {
  const model = new HallModel()
  for (const act of acts) {
    model.run(act)
    checkHall(model)
  }
  return model
}

const anyStory = fc.array(anyAct, { minLength: 5, maxLength: 60, size: 'max' })

describe('for any story of coming, going, working and waiting', () => {
  test('every task ends exactly once, when all agents have left', () => {
    fc.assert(
      fc.property(anyStory, (acts) => {
        const model = runStory(acts)
        while (model.here.size > 0) model.run({ kind: 'close', guest: 0 })
        model.run({ kind: 'pass', ms: 15_000 })
        checkAllOver(model)
        expect([...model.readPresence().values()].every((balance) => balance === 0)).toBe(true)
      }),
      { numRuns: 150 },
    )
  })

  test('every task ends exactly once, when nobody does anything any more', () => {
    fc.assert(
      fc.property(anyStory, (acts) => {
        const model = runStory(acts)
        for (let second = 0; second <= 60; second++) model.run({ kind: 'pass', ms: 1_000 })
        checkAllOver(model)
      }),
      { numRuns: 100 },
    )
  })

  test('every task ends exactly once, when the hub is drained in the middle', () => {
    fc.assert(
      fc.property(anyStory, anyStory, (before, during) => {
        const model = runStory(before)
        let idle = 0
        model.hall.hub.startDrain(() => {
          idle += 1
        })
        for (const act of during) {
          model.run(act)
          checkHall(model)
        }
        expect(idle).toBe(model.inFlight.size === 0 ? 1 : 0)
        model.hall.hub.finishDrain()
        model.run({ kind: 'pass', ms: 0 })
        checkAllOver(model)
        expect([...model.here].every(({ transport }) => transport.closedBy !== undefined)).toBe(true)
      }),
      { numRuns: 100 },
    )
  })
})
