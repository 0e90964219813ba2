import { describe, expect, it } from 'vitest'
import { FailingJournal } from '../test-support/failing-journal.ts'
import { FakeClock } from '../test-support/fake-clock.ts'
import { failure, response } from '../test-support/journal-contract.ts'
import type { AgentEvent } from './events.ts'
import { PURGE_EVERY_MS, RETRY_EVERY_MS, STEP_MS, TaskMemory } from './task-memory.ts'

const setUp = () => {
  const clock = new FakeClock()
  const journal = new FailingJournal()
  const events: AgentEvent[] = []
  const memory = new TaskMemory({ journal, clock, observe: (event) => events.push(event) })
  const types = () => events.map(({ type }) => type)
  return { clock, journal, events, types, memory }
}

describe('what the agent remembers', () => {
  it('is an answer for every attempt, and a failure that may be tried again only for those up to its own', () => {
    const { memory } = setUp()
    memory.end(response('t1'), 1)
    memory.end(failure('t2', false), 1)
    memory.end(failure('t3', true), 2)
    expect(memory.find('t1', 5)).toMatchObject({ state: 'ended', answer: response('t1') })
    expect(memory.find('t2', 5)).toMatchObject({ state: 'ended', answer: failure('t2', false) })
    expect(memory.find('t3', 1)).toMatchObject({ state: 'ended' })
    expect(memory.find('t3', 2)).toMatchObject({ state: 'ended' })
    expect(memory.find('t3', 3)).toEqual({ state: 'unknown' })
  })

  it('lets go of what is too old now and then, a step at a time, until it rests', () => {
    const { clock, journal, memory } = setUp()
    journal.purge = () => journal.written.push('purge') < 3
    memory.start()
    clock.pass(STEP_MS * 5)
    expect(journal.written).toEqual(['purge', 'purge', 'purge'])
    clock.pass(PURGE_EVERY_MS)
    expect(journal.written).toHaveLength(4)
    memory.start()
    expect(clock.alarms).toBe(1)
    memory.rest()
    memory.start()
    expect(clock.alarms).toBe(0)
    expect(journal.written).toHaveLength(5)
  })

  it('is no excuse for a bug', () => {
    const { journal, memory } = setUp()
    journal.accept = () => {
      throw new TypeError('a bug')
    }
    expect(() => memory.accept('t1', 1)).toThrow('a bug')
  })
})

describe('a storage that cannot be written', () => {
  it('takes no task, says so once, and serves by itself when there is space again', () => {
    const { clock, journal, events, types, memory } = setUp()
    journal.isFull = true
    expect(memory.accept('t1', 1)).toBe(false)
    expect(memory.accept('t2', 1)).toBe(false)
    expect(memory.isServing).toBe(false)
    expect(events).toEqual([expect.objectContaining({ type: 'storage.failed', code: 'SQLITE_FULL' })])
    clock.pass(RETRY_EVERY_MS * 3)
    expect(types()).toEqual(['storage.failed'])
    journal.isFull = false
    expect(memory.accept('t1', 1)).toBe(true)
    clock.pass(RETRY_EVERY_MS)
    expect(events[1]).toEqual({ type: 'storage.recovered', failedMs: RETRY_EVERY_MS * 4 })
    expect(memory.isServing).toBe(true)
    expect(clock.alarms).toBe(0)
  })

  it('leaves answers in memory, which are found, and stores them in steps when it can', () => {
    const { clock, journal, types, memory } = setUp()
    journal.isFull = true
    const ids = Array.from({ length: 100 }, (_, index) => `t${index}`)
    for (const id of ids) memory.end(response(id, `of ${id}`), 2)
    expect(memory.find('t99', 3)).toMatchObject({ state: 'ended', answer: { response: 'of t99' } })
    journal.isFull = false
    clock.pass(RETRY_EVERY_MS)
    expect(journal.size).toBeLessThan(100)
    expect(memory.isServing).toBe(false)
    clock.pass(STEP_MS * 10)
    expect(ids.filter((id) => journal.find(id, clock.now())?.state !== 'ended')).toEqual([])
    expect(types()).toEqual(['storage.failed', 'storage.recovered'])
    expect(memory.find('t0', 3)).toMatchObject({ state: 'ended', attempt: 2 })
  })

  it('does not bring an old failure back over a task that was begun anew', () => {
    const { clock, journal, memory } = setUp()
    journal.isFull = true
    memory.end(failure('t1', true), 1)
    journal.isFull = false
    expect(memory.accept('t1', 2)).toBe(true)
    clock.pass(RETRY_EVERY_MS)
    expect(memory.find('t1', 1)).toEqual({ state: 'accepted', attempt: 2 })
  })

  it('does not bring an old failure back over a later answer', () => {
    const { clock, journal, memory } = setUp()
    journal.isFull = true
    memory.end(failure('t1', true), 1)
    journal.isFull = false
    memory.end(response('t1', 'later'), 2)
    clock.pass(RETRY_EVERY_MS)
    expect(memory.find('t1', 2)).toMatchObject({ answer: response('t1', 'later') })
  })

  it('is told apart from one that knows nothing when it cannot be read either', () => {
    const { journal, memory } = setUp()
    memory.end(response('t1'), 1)
    journal.isGone = true
    memory.end(response('t2'), 1)
    expect(memory.find('t1', 1)).toEqual({ state: 'unreadable' })
    expect(memory.find('t2', 1)).toMatchObject({ state: 'ended' })
  })

  it('gets what was kept for it at the end, or the loss is told', () => {
    for (const isFull of [false, true]) {
      const { clock, journal, types, memory } = setUp()
      journal.isFull = true
      for (let each = 0; each < 50; each++) memory.end(response(`t${each}`), 1)
      journal.isFull = isFull
      memory.close()
      expect(journal.size).toBe(isFull ? 0 : 50)
      expect(types()).toEqual(isFull ? ['storage.failed', 'storage.lost'] : ['storage.failed'])
      expect(journal.isClosed).toBe(true)
      expect(clock.alarms).toBe(0)
    }
  })
})
