import { expect, test } from 'vitest'
import { endOf, findTask, passTime, submit } from '../helpers/durable-calls.ts'
import { connect, type Peer, type TaskFrame } from '../helpers/peer.ts'
import { startHub, type TestHub } from '../helpers/start-hub.ts'

const level2 = (instanceId: string, more: object = {}) => ({ name: 'a', protocol: 2, instanceId, ...more })

/** Lets time pass until the agent has been sent so many tasks; returns how long that took, to a second. */
const secondsUntil = async (hub: TestHub, agent: Peer, tasks: number): Promise<number> => {
  const from = hub.clock.now()
  while (agent.seenOf('task').length < tasks) {
    if (hub.clock.now() - from > 300_000) throw new Error(`No delivery ${tasks} within 300 s`)
    await passTime(hub, 500, agent)
  }
  return (hub.clock.now() - from) / 1_000
}

/** Crashes an agent that holds a task, once the hub has read what it said. */
const crash = async (hub: TestHub, agent: Peer): Promise<void> => {
  await agent.settle()
  await agent.crash()
  await hub.event('session.closed')
}

test('a task that is not acknowledged is delivered five times, with growing waits, and then undeliverable', async () => {
  await using hub = await startHub()
  await using agent = await connect(hub, level2('i'))
  const task = await submit(hub)
  const first = await agent.nextTask()
  for (const [attempt, wait] of [
    [2, 30 + 1],
    [3, 30 + 5],
    [4, 30 + 30],
    [5, 30 + 120],
  ] as const) {
    const took = await secondsUntil(hub, agent, attempt)
    expect(took, `attempt ${attempt}`).toBeGreaterThanOrEqual(wait)
    expect(took, `attempt ${attempt}`).toBeLessThan(wait + 2)
    expect(await findTask(hub, task.id)).toMatchObject({ state: 'working', attempts: attempt })
  }
  expect(agent.seenOf('task').map((frame) => frame['attempt'])).toEqual([1, 2, 3, 4, 5])
  expect(new Set(agent.seenOf('task').map((frame) => frame['requestId']))).toEqual(new Set([first.requestId]))
  await passTime(hub, 31_000, agent)
  const end = { state: 'failed', code: 'undeliverable', error: expect.stringMatching(/\w/), attempts: 5 }
  expect(await endOf(hub, task.id)).toMatchObject(end)
  await passTime(hub, 130_000, agent)
  expect(agent.seenOf('task')).toHaveLength(5)
})

test.each([
  ['task-accepted', {}],
  ['task-progress', { message: 'half' }],
  ['task-delta', { seq: 0, text: 'a' }],
])('%s acknowledges a task: it may take its time', async (type, members) => {
  await using hub = await startHub()
  await using agent = await connect(hub, level2('i'))
  const task = await submit(hub)
  const delivered = await agent.nextTask()
  await passTime(hub, 29_000, agent)
  agent.send({ type, requestId: task.id, ...members })
  await passTime(hub, 300_000, agent)
  expect(agent.seenOf('task')).toHaveLength(1)
  agent.reply(delivered, 'done')
  expect(await endOf(hub, task.id)).toMatchObject({ state: 'completed', attempts: 1 })
})

test('an answer after the wait for an acknowledgement counts while nobody else has the task', async () => {
  await using hub = await startHub()
  await using stranger = await connect(hub, { name: 'b', protocol: 2 })
  await using agent = await connect(hub, level2('i'))
  const task = await submit(hub)
  const delivered = await agent.nextTask()
  await passTime(hub, 30_200, agent, stranger)
  expect(await findTask(hub, task.id)).toMatchObject({ state: 'submitted', attempts: 1 })
  stranger.reply(delivered, 'mine now')
  expect(await stranger.nextError()).toMatchObject({ code: 'not_your_task', requestId: task.id })
  agent.reply(delivered, 'late')
  expect(await endOf(hub, task.id)).toMatchObject({ state: 'completed', response: 'late', attempts: 1 })
  await passTime(hub, 5_000, agent)
  expect(agent.seenOf('task')).toHaveLength(1)
})

test('a retryable error is tried again after the wait, five times at most', async () => {
  await using hub = await startHub()
  await using agent = await connect(hub, level2('i'))
  const task = await submit(hub)
  agent.fail(await agent.nextTask(), 'Try later', { retryable: true })
  for (const [attempt, wait] of [
    [2, 1],
    [3, 5],
    [4, 30],
    [5, 120],
  ] as const) {
    await agent.settle()
    expect(await findTask(hub, task.id)).toMatchObject({ state: 'submitted', attempts: attempt - 1 })
    const took = await secondsUntil(hub, agent, attempt)
    expect(took, `attempt ${attempt}`).toBeGreaterThanOrEqual(wait)
    expect(took, `attempt ${attempt}`).toBeLessThan(wait + 1.5)
    agent.fail(await agent.nextTask(), 'Try later', { retryable: true })
  }
  expect(await endOf(hub, task.id)).toMatchObject({ state: 'failed', code: 'undeliverable', attempts: 5 })
})

test('a poisoned task delays none of those behind it', async () => {
  await using hub = await startHub()
  await using agent = await connect(hub, level2('i', { maxConcurrency: 1 }))
  const poisoned = await submit(hub, { message: 'poison' })
  const others = [await submit(hub), await submit(hub), await submit(hub)]
  agent.fail(await agent.nextTask(), 'It hurts', { retryable: true })
  for (const other of others) {
    const task = await agent.nextTask()
    expect(task.requestId).toBe(other.id)
    agent.reply(task, 'done')
  }
  await passTime(hub, 1_500, agent)
  expect(await agent.nextTask()).toMatchObject({ requestId: poisoned.id, attempt: 2 })
})

test('the same instance gets its task again after a crash, and that is no new attempt', async () => {
  await using hub = await startHub()
  await using replica = await connect(hub, level2('j'))
  const agent = await connect(hub, level2('i'))
  const task = await submit(hub)
  const delivered = await agent.nextTask()
  agent.accept(delivered)
  await crash(hub, agent)
  await passTime(hub, 14_000, replica)
  await using back = await connect(hub, level2('i'))
  expect(await back.nextTask()).toEqual(delivered)
  back.reply(delivered, 'done')
  expect(await endOf(hub, task.id)).toMatchObject({ state: 'completed', attempts: 1 })
  await replica.settle()
  expect(replica.seenOf('task')).toEqual([])
})

test.each([
  ['not begun: after the wait', async () => undefined, 1],
  ['begun: not before the grace of its instance is over', (agent: Peer, task: TaskFrame) => agent.accept(task), 15],
])('a task of a lost session goes to a replica as the next attempt; %s', async (_what, act, wait) => {
  await using hub = await startHub()
  await using replica = await connect(hub, level2('j'))
  const agent = await connect(hub, level2('i'))
  const task = await submit(hub)
  const delivered = await agent.nextTask()
  await act(agent, delivered)
  await crash(hub, agent)
  const took = await secondsUntil(hub, replica, 1)
  expect(took).toBeGreaterThanOrEqual(wait)
  expect(took).toBeLessThan(wait + 2)
  const again = await replica.nextTask()
  expect(again).toMatchObject({ requestId: task.id, attempt: 2 })
  await using back = await connect(hub, level2('i'))
  back.reply(delivered, 'I was first')
  expect(await back.nextError()).toMatchObject({ code: 'not_your_task', requestId: task.id })
  replica.reply(again, 'done')
  expect(await endOf(hub, task.id)).toMatchObject({ state: 'completed', response: 'done', attempts: 2 })
})

test('an answer of a returned agent counts while nobody has the task', async () => {
  await using hub = await startHub()
  const agent = await connect(hub, level2('i'))
  const task = await submit(hub)
  const delivered = await agent.nextTask()
  agent.accept(delivered)
  await crash(hub, agent)
  await passTime(hub, 600_000)
  expect(await findTask(hub, task.id)).toMatchObject({ state: 'submitted', attempts: 1 })
  await using back = await connect(hub, level2('new install', { maxConcurrency: 1 }))
  back.reply(delivered, 'from the outbox')
  expect(await endOf(hub, task.id)).toMatchObject({ state: 'completed', response: 'from the outbox' })
})

test('a task of a lost level-1 session waits for the next session of its name', async () => {
  await using hub = await startHub()
  const agent = await connect(hub, { name: 'a' })
  const task = await submit(hub)
  await agent.nextTask()
  await crash(hub, agent)
  await passTime(hub, 60_000)
  expect(await findTask(hub, task.id)).toMatchObject({ state: 'submitted', attempts: 1 })
  await using back = await connect(hub, { name: 'A' })
  back.reply(await back.nextTask(), 'done')
  expect(await endOf(hub, task.id)).toMatchObject({ state: 'completed', agent: 'A', attempts: 2 })
})

test('a newer session of the same instance takes the tasks over under the same attempt', async () => {
  await using hub = await startHub()
  await using old = await connect(hub, level2('i'))
  const task = await submit(hub)
  const delivered = await old.nextTask()
  await using newer = await connect(hub, level2('i'))
  expect(await old.end()).toMatchObject({ code: 4009 })
  expect(await newer.nextTask()).toEqual(delivered)
  newer.reply(delivered, 'done')
  expect(await endOf(hub, task.id)).toMatchObject({ state: 'completed', attempts: 1 })
})

test('a task that kills its agent each time is given up after the fifth', async () => {
  await using hub = await startHub()
  const task = await submit(hub)
  for (let attempt = 1; attempt <= 5; attempt++) {
    const agent = await connect(hub, level2(`install ${attempt}`))
    expect(await agent.nextTask()).toMatchObject({ requestId: task.id, attempt })
    agent.accept({ type: 'task', requestId: task.id })
    await crash(hub, agent)
    await passTime(hub, 121_000)
  }
  expect(await endOf(hub, task.id)).toMatchObject({ state: 'failed', code: 'undeliverable', attempts: 5 })
})
