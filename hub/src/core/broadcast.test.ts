import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { gatherBroadcast } from './broadcast.ts'
import * as law from './task.ts'

const toTask = (place: number) =>
  law.dispatch(
    law.submit({
      id: `task-${place}`,
      target: { kind: 'session', sessionId: `session-${place}`, name: `agent-${place}` },
      message: 'all',
      sender: 'bot',
      conversationId: undefined,
      hops: 0,
      traceparent: undefined,
      createdAt: 0,
      deadlineAt: 1_000,
    }),
    `session-${place}`,
    `agent-${place}`,
  )

describe('the gathering of a broadcast', () => {
  test('tells all ends once, in the order of their places, whatever order they come in', () => {
    const anyOrder = fc
      .integer({ min: 1, max: 12 })
      .chain((size) => fc.shuffledSubarray([...Array(size).keys()], { minLength: size, maxLength: size }))
    fc.assert(
      fc.property(anyOrder, (order) => {
        const told: (readonly law.EndedTask[])[] = []
        const gathering = gatherBroadcast(order.length, (ends) => told.push(ends))
        const watchers = order.map((_, place) => gathering.watch(place))
        for (const [count, place] of order.entries()) {
          expect(told).toHaveLength(0)
          const end =
            count % 2 === 0
              ? law.complete(toTask(place), `answer ${place}`)
              : law.fail(toTask(place), 'agent_error', 'x')
          watchers[place]?.ended(end)
        }
        expect(told).toHaveLength(1)
        expect(told[0]?.map(({ id }) => id)).toEqual(order.map((_, place) => `task-${place}`))
      }),
    )
  })

  test('with nobody to wait for it ends at once', () => {
    const told: unknown[] = []
    gatherBroadcast(0, (ends) => told.push(ends))
    expect(told).toEqual([[]])
  })

  test('answers beyond 64 Mi characters together are left out one by one, and say so', () => {
    const told: (readonly law.EndedTask[])[] = []
    const gathering = gatherBroadcast(3, (ends) => told.push(ends))
    const half = 'x'.repeat(32 * 1_048_576)
    for (const [place, response] of [half, half, 'one more'].entries()) {
      gathering.watch(place).ended(law.complete(toTask(place), response))
    }
    expect(told[0]?.map(({ state }) => state)).toEqual(['completed', 'completed', 'failed'])
    expect(told[0]?.[2]).toMatchObject({ id: 'task-2', agent: 'agent-2', attempts: 1, code: 'payload_too_large' })
  })
})
