import { isTerminal, TASK_MOVES, type TaskState } from '@ai-comms/shared'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ForbiddenMoveError } from '../task.ts'
import * as law from './durable-task.ts'

const facts = {
  id: 't',
  target: { kind: 'skill', skill: 'sums', key: 'sums' },
  message: 'do it',
  sender: 'bot',
  conversationId: 'talk',
  hops: 1,
  traceparent: undefined,
  createdAt: 1_000,
  expiresAt: 5_000,
  timeoutAt: undefined,
} as const

type Verb = 'deliver' | 'resume' | 'release' | 'complete' | 'fail' | 'reject' | 'cancel'

const TO: Record<Verb, TaskState> = {
  deliver: 'working',
  resume: 'working',
  release: 'submitted',
  complete: 'completed',
  fail: 'failed',
  reject: 'rejected',
  cancel: 'canceled',
}

/** Applies a verb whatever the state: the law itself has to say no. */
const apply = (task: law.DurableTask, verb: Verb, at: number): law.DurableTask => {
  const receiver = { agent: 'worker', instanceKey: 'worker\ni' }
  const any = task as law.WaitingDurableTask & law.WorkingDurableTask
  switch (verb) {
    case 'deliver':
      return law.deliver(any, receiver, at)
    case 'resume':
      return law.resume(any, receiver, at)
    case 'release':
      return law.release(any, at)
    case 'complete':
      return law.complete(any, 'done', at)
    case 'fail':
      return law.fail(any, 'agent_error', 'broken', at)
    case 'reject':
      return law.reject(any, 'no', at)
    case 'cancel':
      return law.cancel(any, 'enough', at)
    default:
      return verb satisfies never
  }
}

const isAllowed = (from: TaskState, verb: Verb): boolean => {
  // A refusal to do it, and a call-off, may come in any state that is not terminal, as a failure may
  const to = TO[verb]
  return TASK_MOVES[from].includes(to)
}

describe('the law of durable tasks', () => {
  test('allows exactly the moves of the table, counts deliveries alone, and loses no fact', () => {
    const step = fc.record({
      verb: fc.constantFrom(...(Object.keys(TO) as Verb[])),
      at: fc.integer({ min: 0, max: 10_000 }),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        let task: law.DurableTask = law.submit(facts)
        let deliveries = 0
        for (const { verb, at } of steps) {
          if (!isAllowed(task.state, verb)) {
            const before = task
            expect(() => apply(before, verb, at)).toThrow(ForbiddenMoveError)
            continue
          }
          const next = apply(task, verb, at)
          if (verb === 'deliver') deliveries += 1
          expect(next).toMatchObject({ ...facts, state: TO[verb], attempts: deliveries })
          expect(next.updatedAt).toBe(Math.max(task.updatedAt, at))
          task = next
        }
        if (isTerminal(task.state)) expect(TASK_MOVES[task.state]).toEqual([])
      }),
    )
  })

  test('remembers who had a task last, and says so when it ends without an answer', () => {
    const had = law.release(law.deliver(law.submit(facts), { agent: 'worker', instanceKey: 'k' }, 2_000), 3_000)
    expect(had).toMatchObject({ state: 'submitted', agent: 'worker', instanceKey: 'k' })
    expect(law.fail(had, 'expired', 'Too late.', 6_000)).toMatchObject({
      state: 'failed',
      agent: 'worker',
      code: 'expired',
    })
  })

  test('names the agent that a task was for when nobody ever had it, and none for a skill', () => {
    const forAgent = law.submit({ ...facts, target: { kind: 'agent', name: 'Bolt', key: 'bolt' } })
    expect(law.cancel(forAgent, 'enough', 2_000).agent).toBe('Bolt')
    expect(law.cancel(law.submit(facts), 'enough', 2_000).agent).toBeUndefined()
  })
})
