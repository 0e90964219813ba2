import { isTerminal, mayMove, TASK_STATES } from '@ai-comms/shared'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as law from './task.ts'

const facts = {
  id: 'task-1',
  target: { kind: 'agent', name: 'Builder', key: 'builder' },
  message: 'build it',
  sender: 'bot',
  conversationId: 'talk-1',
  hops: 2,
  traceparent: '00-0-0-00',
  createdAt: 10,
  deadlineAt: 1_010,
} as const

type Verb = 'dispatch' | 'accept' | 'adopt' | 'release' | 'complete' | 'fail' | 'reject' | 'cancel'

/** The state each verb leads to; undefined = it stays where it is. */
const LEADS_TO: { readonly [Name in Verb]: law.Task['state'] | undefined } = {
  dispatch: 'working',
  accept: undefined,
  adopt: undefined,
  release: 'submitted',
  complete: 'completed',
  fail: 'failed',
  reject: 'rejected',
  cancel: 'canceled',
}

// The verbs ask for the state they may be used in; a caller without types is what the law itself must stop
const apply = (verb: Verb, task: law.Task): law.Task => {
  const [submitted, working, live] = [task as law.SubmittedTask, task as law.WorkingTask, task as law.LiveTask]
  switch (verb) {
    case 'dispatch':
      return law.dispatch(submitted, 'session-1', 'Builder')
    case 'accept':
      return law.accept(working, 20)
    case 'adopt':
      return law.adopt(working, 'session-2')
    case 'release':
      return law.release(working)
    case 'complete':
      return law.complete(working, 'built')
    case 'fail':
      return law.fail(live, 'agent_error', 'broken')
    case 'reject':
      return law.reject(live, 'no')
    case 'cancel':
      return law.cancel(live, 'hung up')
    default:
      return verb satisfies never
  }
}

const anyVerb = fc.constantFrom<Verb>('dispatch', 'accept', 'adopt', 'release', 'complete', 'fail', 'reject', 'cancel')
const submitted = () => law.submit(facts)
const working = () => law.dispatch(submitted(), 'session-1', 'Builder')

describe('the law of tasks', () => {
  test('a task follows the table for any sequence of verbs, and nothing leaves an end', () => {
    fc.assert(
      fc.property(fc.array(anyVerb, { maxLength: 12, size: 'max' }), (verbs) => {
        let task: law.Task = submitted()
        let deliveries = 0
        for (const verb of verbs) {
          const to = LEADS_TO[verb]
          if (to === undefined) {
            if (task.state === 'working') task = apply(verb, task)
            continue
          }
          // `fail`'s siblings ask the table about `failed`, which stands in every row that they stand in
          if (!mayMove(task.state, to)) {
            const before: law.Task = task
            expect(() => apply(verb, before)).toThrow(law.ForbiddenMoveError)
            continue
          }
          task = apply(verb, task)
          if (verb === 'dispatch') deliveries += 1
          expect(task.state).toBe(to)
        }
        expect(task).toMatchObject({ ...facts, attempts: deliveries })
      }),
    )
  })

  test.each(TASK_STATES)('the table and the law agree about %s being an end', (state) => {
    expect(isTerminal(state)).toBe(!['submitted', 'working'].includes(state))
  })

  test('a verb leaves the task that it was given as it was', () => {
    const before = working()
    const copy = structuredClone(before)
    law.accept(before, 5)
    law.adopt(before, 'other')
    law.complete(before, 'x')
    expect(before).toEqual(copy)
  })

  test('what only one state has is gone with it', () => {
    const released = law.release(law.accept(working(), 20))
    expect(Object.keys(released).sort()).toEqual([...Object.keys(facts), 'attempts', 'state'].sort())
    expect(law.complete(working(), 'built')).not.toHaveProperty('holder')
  })

  test('the first acceptance counts', () => {
    expect(law.accept(law.accept(working(), 20), 30).acceptedAt).toBe(20)
  })

  test('an adoption is no new delivery', () => {
    expect(law.adopt(working(), 'session-2')).toMatchObject({ holder: 'session-2', attempts: 1 })
  })

  test('a task that was held names its agent at its end, and one by skill that nobody held names none', () => {
    expect(law.fail(working(), 'agent_error', 'x').agent).toBe('Builder')
    expect(law.fail(submitted(), 'task_timeout', 'x').agent).toBe('Builder')
    const bySkill = law.submit({ ...facts, target: { kind: 'skill', skill: 'Build', key: 'build' } })
    expect(law.fail(bySkill, 'task_timeout', 'x').agent).toBeUndefined()
  })

  test('a rejection and a cancellation carry their codes', () => {
    expect(law.reject(working(), 'no')).toMatchObject({ state: 'rejected', code: 'rejected', error: 'no' })
    expect(law.cancel(working(), 'gone')).toMatchObject({ state: 'canceled', code: 'task_canceled', error: 'gone' })
  })
})
