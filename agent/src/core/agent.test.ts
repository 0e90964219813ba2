import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { settle } from '../test-support/fake-clock.ts'
import { setUpAgent as setUp } from '../test-support/set-up-agent.ts'
import type { AgentEvent } from './events.ts'
import { TaskError } from './failures.ts'
import { TaskQueue } from './task-queue.ts'

describe('the hall', () => {
  it('says that the work begins, gives the task to the performer and sends its answer', async () => {
    const { link, work, send } = setUp()
    await send('t1', { conversationId: 'c1', attempt: 2 })
    expect(work(0).task).toMatchObject({
      requestId: 't1',
      message: 'do t1',
      sender: 'bot',
      attempt: 2,
      conversationId: 'c1',
    })
    await work(0).finish('done')
    expect(link.frames).toEqual([
      { type: 'task-accepted', requestId: 't1' },
      { type: 'task-response', requestId: 't1', response: 'done' },
    ])
  })

  it('works on as many tasks as it may and lets the rest wait their turn', async () => {
    const { agent, link, works, work, send } = setUp()
    for (const id of ['t1', 't2', 't3', 't4']) await send(id)
    expect(agent.load).toEqual({ running: 2, waiting: 2 })
    expect(link.of('task-accepted').map((frame) => frame.requestId)).toEqual(['t1', 't2'])
    await work(1).finish('two')
    expect(works.map(({ task }) => task.requestId)).toEqual(['t1', 't2', 't3'])
    expect(agent.load).toEqual({ running: 2, waiting: 1 })
  })

  it('refuses a task that finds no room, and says that it may be tried again', async () => {
    const { link, send } = setUp({ queue: new TaskQueue({ tasksMax: 1, charsMax: 1_000 }) })
    for (const id of ['t1', 't2', 't3', 't4']) await send(id)
    expect(link.of('task-error')).toMatchObject([{ requestId: 't4', code: 'agent_busy', retryable: true }])
  })

  it('tells the asker a TaskError and keeps any other error to its log', async () => {
    const { link, events, work, send } = setUp()
    await send('t1')
    await send('t2')
    await work(0).fail(new TaskError('I do not cook.', { code: 'rejected' }))
    await work(1).fail(new Error('password is hunter2'))
    expect(link.of('task-error')).toMatchObject([
      { requestId: 't1', error: 'I do not cook.', code: 'rejected', retryable: false },
      { requestId: 't2', error: 'The agent failed while it worked on the task.', code: 'internal' },
    ])
    expect(JSON.stringify(link.frames)).not.toContain('hunter2')
    expect(events).toContainEqual(expect.objectContaining({ type: 'task.broken', taskId: 't2' }))
  })

  it('keeps a failure within the bounds of the wire', async () => {
    const { link, work, send } = setUp()
    await send('t1')
    await work(0).fail(new TaskError('x'.repeat(9_000), { code: 'y'.repeat(99) }))
    expect(link.of('task-error')).toMatchObject([{ error: 'x'.repeat(4_096), code: 'y'.repeat(64) }])
  })

  it('takes a performer that throws at once for one that fails', async () => {
    const { link, send } = setUp({
      perform: () => {
        throw new TaskError('No.')
      },
    })
    await send('t1')
    expect(link.of('task-error')).toMatchObject([{ error: 'No.' }])
  })

  it('takes an answer that is no string for a bug', async () => {
    const { link, send } = setUp({ perform: async () => JSON.parse('42') })
    await send('t1')
    expect(link.of('task-error')).toMatchObject([{ code: 'internal' }])
  })
})

describe('a task that is delivered twice', () => {
  it('is done once while it is worked on, and says again that it is', async () => {
    const { link, works, work, send } = setUp()
    await send('t1')
    await send('t1', { attempt: 2 })
    expect(works).toHaveLength(1)
    await work(0).finish('once')
    expect(link.types).toEqual(['task-accepted', 'task-accepted', 'task-response'])
  })

  it('keeps its place while it waits', async () => {
    const { agent, works, work, send } = setUp({ maxConcurrency: 1 })
    for (const id of ['t1', 't2', 't3', 't2']) await send(id, { attempt: 2 })
    expect(agent.load).toEqual({ running: 1, waiting: 2 })
    await work(0).finish('')
    expect(works.map(({ task }) => task.requestId)).toEqual(['t1', 't2'])
  })

  it('is answered from memory when it is done', async () => {
    const { link, works, work, send } = setUp()
    await send('t1')
    await work(0).finish('done')
    await send('t1', { attempt: 2 })
    expect(works).toHaveLength(1)
    expect(link.of('task-response')).toEqual([
      { type: 'task-response', requestId: 't1', response: 'done' },
      { type: 'task-response', requestId: 't1', response: 'done' },
    ])
  })

  it('is done again when it failed, may be tried again, and the attempt is a new one', async () => {
    const { link, works, work, send } = setUp()
    await send('t1', { attempt: 1 })
    await work(0).fail(new TaskError('Overloaded.', { retryable: true }))
    await send('t1', { attempt: 1 })
    expect(works).toHaveLength(1)
    expect(link.of('task-error')).toHaveLength(2)
    await send('t1', { attempt: 2 })
    expect(works).toHaveLength(2)
    await work(1).finish('now')
    expect(link.of('task-response')).toMatchObject([{ response: 'now' }])
  })

  it('is not begun again by an answer that comes from work given up before', async () => {
    const { agent, link, works, work, send } = setUp()
    await send('t1')
    agent.cancelTask('t1', 'caller gone')
    await send('t1')
    expect(works).toHaveLength(2)
    await work(0).finish('of the first')
    expect(link.of('task-response')).toEqual([])
    await work(1).finish('of the second')
    expect(link.of('task-response')).toMatchObject([{ response: 'of the second' }])
  })
})

describe('a task that is canceled', () => {
  it('is aborted, frees its slot and is not answered', async () => {
    const { agent, link, works, work, send } = setUp({ maxConcurrency: 1 })
    await send('t1')
    await send('t2')
    agent.cancelTask('t1', 'caller gone')
    await settle()
    expect(work(0).tools.signal.aborted).toBe(true)
    expect(works.map(({ task }) => task.requestId)).toEqual(['t1', 't2'])
    await work(0).finish('too late')
    expect(link.types).toEqual(['task-accepted', 'task-accepted'])
  })

  it('is never begun when it was waiting', async () => {
    const { agent, works, work, send } = setUp({ maxConcurrency: 1 })
    await send('t1')
    await send('t2')
    agent.cancelTask('t2', 'caller gone')
    await work(0).finish('')
    expect(works).toHaveLength(1)
    expect(agent.load).toEqual({ running: 0, waiting: 0 })
  })

  it('is no matter when nobody knows it', () => {
    const { agent, link } = setUp()
    agent.cancelTask('nobody', 'caller gone')
    expect(link.frames).toEqual([])
  })

  it('says nothing more, whatever its work still says', async () => {
    const { agent, clock, link, work, send } = setUp()
    await send('t1')
    agent.cancelTask('t1', 'caller gone')
    work(0).tools.delta('more')
    work(0).tools.progress({ percent: 50 })
    clock.pass(60_000)
    expect(link.types).toEqual(['task-accepted'])
  })
})

describe('a deadline', () => {
  it('that is past is refused, with a word about clocks', async () => {
    const { link, works, send, inMs } = setUp()
    await send('t1', { deadline: inMs(-2_000) })
    expect(works).toEqual([])
    expect(link.of('task-error')).toMatchObject([
      { code: 'task_timeout', retryable: false, error: expect.stringContaining('2 s ago') },
    ])
  })

  it('ends work that takes longer', async () => {
    const { clock, link, work, send, inMs } = setUp()
    await send('t1', { deadline: inMs(5_000) })
    expect(work(0).task.deadlineAt).toBe(clock.now() + 5_000)
    clock.pass(5_000)
    expect(work(0).tools.signal.aborted).toBe(true)
    expect(link.of('task-error')).toMatchObject([{ requestId: 't1', code: 'task_timeout' }])
    await work(0).finish('too late')
    expect(link.of('task-response')).toEqual([])
  })

  it('ends waiting too', async () => {
    const { agent, clock, link, works, send, inMs } = setUp({ maxConcurrency: 1 })
    await send('t1')
    await send('t2', { deadline: inMs(1_000) })
    clock.pass(1_000)
    expect(link.of('task-error')).toMatchObject([{ requestId: 't2', code: 'task_timeout' }])
    expect(agent.load).toEqual({ running: 1, waiting: 0 })
    expect(works).toHaveLength(1)
  })

  it('that the hub does not give is the longest work that is allowed', async () => {
    const { clock, link, send } = setUp({ workMsMax: 30_000 })
    await send('t1', { deadline: 'soon' })
    clock.pass(30_000)
    expect(link.of('task-error')).toMatchObject([{ code: 'task_timeout' }])
  })
})

describe('a task that takes long', () => {
  it('gives a sign of life, while it waits as well', async () => {
    const { clock, link, send } = setUp({ maxConcurrency: 1 })
    await send('t1')
    await send('t2')
    clock.pass(15_000)
    expect(link.of('task-progress')).toEqual([
      { type: 'task-progress', requestId: 't1' },
      { type: 'task-progress', requestId: 't2', message: 'Waiting for a free slot.' },
    ])
  })

  it('sends its notes, not more than twenty a second, each within the bounds of the wire', async () => {
    const { clock, link, work, send } = setUp()
    await send('t1')
    for (let percent = 0; percent < 100; percent++) work(0).tools.progress({ percent, message: 'x'.repeat(5_000) })
    clock.pass(50)
    work(0).tools.progress({ percent: 120 })
    expect(link.of('task-progress')).toEqual([
      { type: 'task-progress', requestId: 't1', percent: 0, message: 'x'.repeat(4_096) },
      { type: 'task-progress', requestId: 't1', percent: 100 },
    ])
  })

  it('leaves no alarm behind when it is done', async () => {
    const { clock, work, send, inMs } = setUp()
    await send('t1', { deadline: inMs(5_000) })
    work(0).tools.delta('a')
    work(0).tools.delta('b')
    await work(0).finish('ab')
    expect(clock.alarms).toBe(0)
  })
})

describe('draining', () => {
  it('hands back what has not begun, lets the rest finish and takes nothing new', async () => {
    const { agent, link, work, send } = setUp({ maxConcurrency: 1 })
    await send('t1')
    await send('t2')
    const drained = agent.drain(10_000)
    await send('t3')
    expect(link.of('task-error')).toMatchObject([
      { requestId: 't2', code: 'agent_disconnected', retryable: true },
      { requestId: 't3', code: 'agent_disconnected', retryable: true },
    ])
    await work(0).finish('done')
    await drained
    expect(link.of('task-response')).toMatchObject([{ requestId: 't1', response: 'done' }])
  })

  it('hands back what does not finish in time', async () => {
    const { agent, clock, link, work, send } = setUp()
    await send('t1')
    const drained = agent.drain(10_000)
    clock.pass(10_000)
    await drained
    expect(link.of('task-error')).toMatchObject([{ requestId: 't1', code: 'agent_disconnected', retryable: true }])
    expect(work(0).tools.signal.aborted).toBe(true)
    expect(clock.alarms).toBe(0)
  })

  it('is over when the last task is canceled', async () => {
    const { agent, send } = setUp()
    await send('t1')
    const drained = agent.drain(10_000)
    agent.cancelTask('t1', 'caller gone')
    await drained
    expect(agent.load).toEqual({ running: 0, waiting: 0 })
  })
})

describe('whatever comes in whatever order', () => {
  const act = fc.oneof(
    fc.record({
      do: fc.constant('send' as const),
      id: fc.integer({ min: 0, max: 4 }),
      attempt: fc.integer({ min: 1, max: 3 }),
    }),
    fc.record({ do: fc.constant('cancel' as const), id: fc.integer({ min: 0, max: 4 }) }),
    fc.record({ do: fc.constant('finish' as const), index: fc.nat(20) }),
    fc.record({ do: fc.constant('fail' as const), index: fc.nat(20), retryable: fc.boolean() }),
    fc.record({ do: fc.constant('pass' as const), ms: fc.nat(40_000) }),
  )

  it('never works on more than it may, never answers twice for one work, and ends with nothing left', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 40 }), async (acts) => {
        const { agent, clock, events, link, works, send } = setUp()
        for (const step of acts) {
          if (step.do === 'send') await send(`t${step.id}`, { attempt: step.attempt })
          else if (step.do === 'cancel') agent.cancelTask(`t${step.id}`, 'test')
          else if (step.do === 'finish') await works[step.index]?.finish('ok')
          else if (step.do === 'fail') await works[step.index]?.fail(new TaskError('no', { retryable: step.retryable }))
          else clock.pass(step.ms)
          await settle()
          expect(agent.load.running).toBeLessThanOrEqual(2)
          expect(agent.load.running === 2 || agent.load.waiting === 0).toBe(true)
        }
        const drained = agent.drain(1_000)
        clock.pass(1_000)
        await drained
        const count = (type: AgentEvent['type']) => events.filter((event) => event.type === type).length
        const answers = link.of('task-response').length + link.of('task-error').length
        expect(agent.load).toEqual({ running: 0, waiting: 0 })
        expect(clock.alarms).toBe(0)
        expect(answers).toBe(count('task.completed') + count('task.failed') + count('task.repeated'))
        expect(count('task.begun')).toBe(works.length)
      }),
      { numRuns: 150 },
    )
  })
})
