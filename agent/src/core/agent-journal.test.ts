import { describe, expect, it } from 'vitest'
import { FailingJournal } from '../test-support/failing-journal.ts'
import { FakeClock } from '../test-support/fake-clock.ts'
import { setUpAgent } from '../test-support/set-up-agent.ts'
import { TaskError } from './failures.ts'
import { TaskMemory } from './task-memory.ts'

describe('a task and the journal', () => {
  const setUpWithJournal = () => {
    const journal = new FailingJournal()
    const clock = new FakeClock()
    const all = setUpAgent({ clock, memory: new TaskMemory({ journal, clock, observe: () => {} }) })
    // what is sent is noted among what is written, to see which comes first
    const send = all.link.send.bind(all.link)
    all.link.send = (frame) => {
      journal.written.push(`send ${frame.type} ${frame.requestId}`)
      return send(frame)
    }
    return { ...all, journal, clock }
  }

  it('is written down before it is accepted, and its answer before it is sent', async () => {
    const { journal, work, send } = setUpWithJournal()
    await send('t1')
    await work(0).finish('done')
    await send('t2')
    await work(1).fail(new TaskError('No.'))
    expect(journal.written).toEqual([
      ...['accept t1', 'send task-accepted t1', 'end t1', 'send task-response t1'],
      ...['accept t2', 'send task-accepted t2', 'end t2', 'send task-error t2'],
    ])
  })

  it('is written down while it waits, before the hub hears a sign of life', async () => {
    const { clock, journal, send } = setUpWithJournal()
    for (const id of ['t1', 't2', 't3']) await send(id)
    clock.pass(15_000)
    expect(journal.written.indexOf('accept t3')).toBeGreaterThan(-1)
    expect(journal.written.indexOf('accept t3')).toBeLessThan(journal.written.indexOf('send task-progress t3'))
  })

  it('is begun anew, and told so, when it was accepted in an earlier life', async () => {
    const { clock, events, journal, link, work, send } = setUpWithJournal()
    journal.accept('t1', 1, clock.now())
    await send('t1', { attempt: 2 })
    expect(events).toContainEqual({ type: 'task.resumed', taskId: 't1', attempt: 2, attemptBefore: 1 })
    await work(0).finish('done')
    expect(link.types).toEqual(['task-accepted', 'task-response'])
    await send('t2')
    expect(events.filter(({ type }) => type === 'task.resumed')).toHaveLength(1)
  })

  it('is struck out when it is canceled, running, waiting or of an earlier life, but an answer stays', async () => {
    const { agent, clock, journal, work, send } = setUpWithJournal()
    journal.accept('t0', 1, clock.now())
    for (const id of ['t1', 't2', 't3', 't4']) await send(id)
    await work(0).finish('done')
    for (const id of ['t0', 't1', 't2', 't4']) agent.cancelTask(id, 'caller gone')
    const kept = ['t0', 't1', 't2', 't3', 't4'].map((id) => journal.find(id, clock.now())?.state)
    expect(kept).toEqual([undefined, 'ended', undefined, 'accepted', undefined])
  })

  it('leaves no answer behind when it is handed back: the same attempt is to be done later', async () => {
    const { agent, clock, journal, link, send } = setUpWithJournal()
    for (const id of ['t1', 't2', 't3']) await send(id)
    const drained = agent.drain(1_000)
    await send('t4')
    clock.pass(1_000)
    await drained
    expect(link.of('task-error').map(({ requestId, code }) => [requestId, code])).toEqual([
      ['t3', 'agent_disconnected'],
      ['t4', 'agent_disconnected'],
      ['t1', 'agent_disconnected'],
      ['t2', 'agent_disconnected'],
    ])
    const kept = ['t1', 't2', 't3', 't4'].map((id) => journal.find(id, clock.now()))
    expect(kept).toEqual([undefined, undefined, undefined, undefined])
  })

  it('is refused while it cannot be written down, and taken under the same attempt when it can', async () => {
    const { journal, link, works, work, send } = setUpWithJournal()
    journal.isFull = true
    await send('t1')
    expect(link.of('task-error')).toMatchObject([{ requestId: 't1', code: 'storage_unavailable', retryable: true }])
    expect(works).toHaveLength(0)
    journal.isFull = false
    await send('t1')
    await work(0).finish('done')
    expect(link.of('task-response')).toMatchObject([{ response: 'done' }])
  })

  it('is refused while nobody can tell whether it is done already', async () => {
    const { journal, link, works, work, send } = setUpWithJournal()
    await send('t1')
    await work(0).finish('done')
    journal.isGone = true
    await send('t1', { attempt: 2 })
    expect(link.of('task-error')).toMatchObject([{ code: 'storage_unavailable', retryable: true }])
    expect(works).toHaveLength(1)
  })

  it('is answered although the answer cannot be stored, again and again', async () => {
    const { journal, link, works, work, send } = setUpWithJournal()
    await send('t1')
    journal.isFull = true
    await work(0).finish('done')
    await send('t1', { attempt: 2 })
    expect(link.of('task-response')).toMatchObject([{ response: 'done' }, { response: 'done' }])
    expect(works).toHaveLength(1)
  })
})
