import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Answer, AnswerMemory } from './answers.ts'

const response = (requestId: string, text = 'ok'): Answer => ({ type: 'task-response', requestId, response: text })
const failure = (requestId: string, retryable: boolean): Answer => ({
  type: 'task-error',
  requestId,
  error: 'no',
  retryable,
})
const BOUNDS = { answersMax: 3, charsMax: 100, keepMs: 1_000 }

describe('the memory of answers', () => {
  it('finds an answer, whatever the attempt', () => {
    const memory = new AnswerMemory(BOUNDS)
    memory.keep(response('t1'), 1, 0)
    expect(memory.find('t1', 5, 999)).toEqual(response('t1'))
    expect(memory.find('t2', 1, 0)).toBeUndefined()
  })

  it('forgets after its time', () => {
    const memory = new AnswerMemory(BOUNDS)
    memory.keep(response('t1'), 1, 0)
    expect(memory.find('t1', 1, 1_000)).toBeUndefined()
    memory.keep(response('t2'), 1, 1_000)
    expect(memory.size).toBe(1)
  })

  it('gives way to a new attempt only where the failure said so', () => {
    const memory = new AnswerMemory(BOUNDS)
    memory.keep(failure('t1', true), 1, 0)
    memory.keep(failure('t2', false), 1, 0)
    expect(memory.find('t1', 1, 0)).toEqual(failure('t1', true))
    expect(memory.find('t1', 2, 0)).toBeUndefined()
    expect(memory.find('t2', 2, 0)).toEqual(failure('t2', false))
  })

  it('lets the oldest go when it is full, by number and by size', () => {
    const memory = new AnswerMemory(BOUNDS)
    for (const id of ['t1', 't2', 't3', 't4']) memory.keep(response(id), 1, 0)
    expect(memory.find('t1', 1, 0)).toBeUndefined()
    memory.keep(response('t5', 'x'.repeat(97)), 1, 0)
    expect(memory.size).toBe(2)
    memory.keep(response('t6', 'x'.repeat(101)), 1, 0)
    expect(memory.find('t6', 1, 0)).toBeUndefined()
    expect(memory.find('t5', 1, 0)).toBeDefined()
  })

  it('stays within its bounds and always knows the newest, whatever it is given', () => {
    const step = fc.record({ id: fc.nat(6), chars: fc.nat(60), now: fc.nat(500) })
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const memory = new AnswerMemory(BOUNDS)
        let now = 0
        for (const { id, chars, now: later } of steps) {
          now += later
          memory.keep(response(`t${id}`, 'x'.repeat(chars)), 1, now)
          expect(memory.find(`t${id}`, 1, now)).toMatchObject({ response: 'x'.repeat(chars) })
          expect(memory.size).toBeLessThanOrEqual(3)
          const kept = [0, 1, 2, 3, 4, 5, 6].map((each) => memory.find(`t${each}`, 1, now))
          const size = kept.reduce(
            (sum, each) => sum + (each?.type === 'task-response' ? String(each.response).length : 0),
            0,
          )
          expect(size).toBeLessThanOrEqual(100)
        }
      }),
    )
  })
})
