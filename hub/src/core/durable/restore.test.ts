import { describe, expect, test } from 'vitest'
import { FakeClock } from '../../test-support/fake-clock.ts'
import { deliver, release, submit } from './durable-task.ts'
import { restore } from './restore.ts'

const NOW = Date.UTC(2026, 0, 1)
const facts = {
  id: 't',
  target: { kind: 'agent', name: 'worker', key: 'worker' },
  message: 'do it',
  sender: 'bot',
  conversationId: undefined,
  hops: 0,
  traceparent: undefined,
  createdAt: NOW - 10_000,
  expiresAt: NOW + 50_000,
  timeoutAt: NOW + 20_000,
} as const
const receiver = { agent: 'worker', instanceKey: 'worker\ni' }
const waiting = submit(facts)
const working = deliver(waiting, receiver, NOW - 5_000)

describe('a task from an earlier run', () => {
  test('has what is left of its times', () => {
    const live = restore(waiting, 7, new FakeClock(), 3)
    expect(live).toMatchObject({ id: 't', order: 7, eventId: 3, expiresAt: 50_000, timeoutAt: 20_000 })
    expect(live.phase).toMatchObject({ name: 'waiting', notBefore: 0, claimUntil: 0 })
  })

  test('that nobody timed has no time', () => {
    expect(restore({ ...waiting, timeoutAt: undefined }, 1, new FakeClock(), 1).timeoutAt).toBe(
      Number.POSITIVE_INFINITY,
    )
  })

  test('has never more time left than it began with, though the wall clock was set back', () => {
    const future = submit({ ...facts, createdAt: NOW + 3_600_000, expiresAt: NOW + 3_660_000, timeoutAt: undefined })
    expect(restore(future, 1, new FakeClock(), 1).expiresAt).toBe(60_000)
  })

  test('that is overdue is due at once', () => {
    const past = submit({ ...facts, expiresAt: NOW - 1, timeoutAt: NOW - 1 })
    expect(restore(past, 1, new FakeClock(), 1)).toMatchObject({ expiresAt: 0, timeoutAt: 0 })
  })

  test('that was in hands waits for its instance: 15 s alone, a minute as no new delivery', () => {
    const { phase } = restore(working, 1, new FakeClock(), 1)
    expect(phase).toMatchObject({ name: 'waiting', notBefore: 15_000, claimUntil: 60_000 })
    expect(phase).toMatchObject({ task: { state: 'submitted', attempts: 1, instanceKey: 'worker\ni' } })
  })

  test('that was in the hands of an agent which cannot return is delivered at once', () => {
    const of1 = deliver(waiting, { agent: 'worker', instanceKey: undefined }, NOW - 5_000)
    expect(restore(of1, 1, new FakeClock(), 1).phase).toMatchObject({ notBefore: 0 })
  })

  test('that waited for its next delivery waits for the rest of that', () => {
    const second = deliver(release(working, NOW - 4_000), receiver, NOW - 3_000)
    const { phase } = restore(release(second, NOW - 2_000), 1, new FakeClock(), 1)
    expect(phase).toMatchObject({ notBefore: 3_000, claimUntil: 60_000 })
  })
})
