import { describe, expect, test } from 'vitest'
import { openDataFolder, STORES } from '../helpers/data-folder.ts'
import { endOf, findTask, passTime, submit } from '../helpers/durable-calls.ts'
import { connect, type Peer } from '../helpers/peer.ts'
import { startHub } from '../helpers/start-hub.ts'

const level2 = (instanceId: string, more: object = {}) => ({ name: 'a', protocol: 2, instanceId, ...more })

const takeTasks = async (agent: Peer, count: number) => {
  const ids: string[] = []
  for (let at = 0; at < count; at++) ids.push((await agent.nextTask()).requestId)
  return ids
}

describe.each(STORES)('with the %s store', (store) => {
  test('an agent that comes gets what waits for its name and skills, in the order of submission', async () => {
    await using folder = await openDataFolder(store)
    await using hub = await startHub({ env: { HUB_DATA_DIR: folder.path } })
    const targets = [{}, { skill: 'Sums' }, { agent: 'A' }, { agent: 'b' }, { skill: 'words' }, { skill: 'nobody' }, {}]
    const tasks = []
    for (const target of targets) tasks.push(await submit(hub, target))
    await using agent = await connect(hub, { ...level2('i'), skills: ['sums', 'words'] })
    const mine = [tasks[0], tasks[1], tasks[2], tasks[4], tasks[6]].map((task) => task?.id)
    expect(await takeTasks(agent, 5)).toEqual(mine)
    await agent.settle()
    expect(agent.seenOf('task')).toHaveLength(5)
  })

  test('a task that nobody comes for has failed as expired when its ttl is over', async () => {
    await using folder = await openDataFolder(store)
    await using hub = await startHub({ env: { HUB_DATA_DIR: folder.path } })
    const short = await submit(hub, { ttlMs: 5_000 })
    const long = await submit(hub)
    await passTime(hub, 4_900)
    expect(await findTask(hub, short.id)).toMatchObject({ state: 'submitted' })
    hub.advance(200)
    const error = expect.stringMatching(/\w/)
    expect(await endOf(hub, short.id)).toMatchObject({ state: 'failed', code: 'expired', error, attempts: 0 })
    await using agent = await connect(hub, level2('i'))
    expect(await takeTasks(agent, 1)).toEqual([long.id])
    await agent.settle()
    expect(agent.seenOf('task')).toHaveLength(1)
  })
})

test('a task for an agent of level 1 comes in the documented frame and nothing more', async () => {
  await using hub = await startHub()
  await using agent = await connect(hub, { name: 'a' })
  const task = await submit(hub, { sender: 'admin', conversationId: 'talk' })
  expect(await agent.nextTask()).toEqual({ type: 'task', requestId: task.id, message: 'do it', sender: 'admin' })
  agent.send({ type: 'task-response', requestId: task.id, response: '' })
  expect(await endOf(hub, task.id)).toMatchObject({ state: 'completed', response: '', agent: 'a', attempts: 1 })
})

test('a task for an agent of level 1 is not taken back for its silence', async () => {
  await using hub = await startHub()
  await using agent = await connect(hub, { name: 'a' })
  const task = await submit(hub)
  const delivered = await agent.nextTask()
  await passTime(hub, 400_000, agent)
  expect(agent.seenOf('task')).toHaveLength(1)
  agent.reply(delivered, 'at last')
  expect(await endOf(hub, task.id)).toMatchObject({ state: 'completed', response: 'at last', attempts: 1 })
})

test('the frame of level 2 tells deadline and attempt', async () => {
  await using hub = await startHub()
  await using agent = await connect(hub, level2('i'))
  const [timed, open] = [await submit(hub, { timeoutMs: 60_000 }), await submit(hub)]
  expect(await agent.nextTask()).toMatchObject({ attempt: 1, deadline: timed['deadline'] })
  const { deadline } = await agent.nextTask()
  expect(Date.parse(String(deadline))).toBeGreaterThanOrEqual(Date.parse(String(open['deadline'])))
})

const endings: [string, object, object][] = [
  ['an error', { error: 'No route' }, { state: 'failed', code: 'agent_error', error: 'No route' }],
  ['an error with a code', { error: 'No', code: 'net' }, { state: 'failed', code: 'agent_error', error: 'No' }],
  ['a final error', { error: 'No', retryable: false }, { state: 'failed', code: 'agent_error', error: 'No' }],
  [
    'a rejection',
    { error: 'Not my trade', code: 'rejected' },
    { state: 'rejected', code: 'rejected', error: 'Not my trade' },
  ],
]
test.each(endings)('%s of the agent ends the task at once', async (_what, frame, end) => {
  await using hub = await startHub()
  await using agent = await connect(hub, level2('i'))
  const task = await submit(hub)
  await agent.nextTask()
  agent.send({ type: 'task-error', requestId: task.id, ...frame })
  expect(await endOf(hub, task.id)).toMatchObject({ ...end, agent: 'a', attempts: 1 })
  await passTime(hub, 10_000, agent)
  expect(agent.seenOf('task')).toHaveLength(1)
})

test('a response that is no text ends the task as bad_response', async () => {
  await using hub = await startHub()
  await using agent = await connect(hub, { name: 'a' })
  const task = await submit(hub)
  agent.reply(await agent.nextTask(), { text: 'x' })
  expect(await agent.nextError()).toMatchObject({ code: 'bad_response' })
  expect(await endOf(hub, task.id)).toMatchObject({ state: 'failed', code: 'bad_response' })
})

test('a timeout ends the task wherever it is, and tells its agent to stop', async () => {
  await using hub = await startHub()
  const waiting = await submit(hub, { agent: 'absent', timeoutMs: 5_000 })
  await using agent = await connect(hub, level2('i'))
  const task = await submit(hub, { timeoutMs: 5_000 })
  agent.accept(await agent.nextTask())
  await passTime(hub, 4_000, agent)
  agent.send({ type: 'task-progress', requestId: task.id, percent: 99 })
  await agent.settle()
  expect(await findTask(hub, task.id)).toMatchObject({ state: 'working' })
  hub.advance(1_100)
  for (const { id } of [task, waiting]) {
    expect(await endOf(hub, id)).toMatchObject({ state: 'failed', code: 'task_timeout' })
  }
  expect(await agent.next('task-cancel')).toEqual({
    type: 'task-cancel',
    requestId: task.id,
    reason: expect.stringMatching(/\w/),
  })
  agent.reply({ type: 'task', requestId: task.id }, 'late')
  expect(await agent.nextError()).toMatchObject({ code: 'unknown_task', requestId: task.id })
})

test('the first answer counts, and only its holder may speak about a task', async () => {
  await using hub = await startHub()
  await using stranger = await connect(hub, { name: 'b', protocol: 2 })
  await using other = await connect(hub, level2('j'))
  await using agent = await connect(hub, level2('i'))
  const task = await submit(hub)
  const delivered = await agent.nextTask()
  for (const peer of [stranger, other]) {
    for (const frame of [
      { type: 'task-accepted' },
      { type: 'task-progress', percent: 1 },
      { type: 'task-delta', seq: 0, text: 'x' },
      { type: 'task-error', error: 'x' },
      { type: 'task-response', response: 'x' },
    ]) {
      peer.send({ ...frame, requestId: task.id })
      expect(await peer.nextError(), frame.type).toMatchObject({ code: 'not_your_task', requestId: task.id })
    }
  }
  expect(await findTask(hub, task.id)).toMatchObject({ state: 'working' })
  agent.reply(delivered, 'first')
  agent.reply(delivered, 'second')
  agent.fail(delivered, 'third')
  for (const peer of [agent, agent]) expect(await peer.nextError()).toMatchObject({ code: 'unknown_task' })
  expect(await endOf(hub, task.id)).toMatchObject({ state: 'completed', response: 'first' })
  agent.reply({ type: 'task', requestId: 'no-such-task' }, 'x')
  expect(await agent.nextError()).toMatchObject({ code: 'unknown_task', requestId: 'no-such-task' })
})

test('an answer and two cancels at once agree on one end', async () => {
  await using hub = await startHub()
  await using agent = await connect(hub, level2('i'))
  for (let round = 0; round < 10; round++) {
    const { id } = await submit(hub)
    const delivered = await agent.nextTask()
    const cancels = [hub.post(`/tasks/${id}/cancel`, {}), hub.post(`/tasks/${id}/cancel`, {})]
    agent.reply(delivered, 'done')
    const end = await endOf(hub, id)
    for (const answer of await Promise.all(cancels)) expect(answer).toMatchObject({ status: 200, body: end })
  }
})

test('while all places of an agent are taken the mailbox keeps the rest, in order', async () => {
  await using hub = await startHub()
  const ids: string[] = []
  for (let at = 0; at < 5; at++) ids.push((await submit(hub)).id)
  await using agent = await connect(hub, level2('i', { maxConcurrency: 2 }))
  expect(await takeTasks(agent, 2)).toEqual(ids.slice(0, 2))
  await agent.settle()
  expect(agent.seenOf('task')).toHaveLength(2)
  agent.reply({ type: 'task', requestId: ids[1] ?? '' }, 'done')
  expect(await takeTasks(agent, 1)).toEqual([ids[2]])
  await using replica = await connect(hub, level2('j', { maxConcurrency: 1 }))
  expect(await takeTasks(replica, 1)).toEqual([ids[3]])
  await passTime(hub, 2_000, agent, replica)
  expect(await findTask(hub, ids[4] ?? '')).toMatchObject({ state: 'submitted', attempts: 0 })
})

test('tasks of one name are shared out among its replicas', async () => {
  await using hub = await startHub()
  await using one = await connect(hub, level2('i'))
  await using two = await connect(hub, level2('j'))
  for (let at = 0; at < 6; at++) await submit(hub)
  expect(new Set([...(await takeTasks(one, 3)), ...(await takeTasks(two, 3))]).size).toBe(6)
})

test('an agent that does not read delays no other, and no task is lost over it', async () => {
  await using hub = await startHub()
  await using slow = await connect(hub, level2('i', { name: 'slow', maxConcurrency: 1_000 }))
  await using quick = await connect(hub, level2('j', { name: 'quick' }))
  slow.socket.pause()
  const message = 'x'.repeat(200_000)
  const ids: string[] = []
  for (let at = 0; at < 35; at++) {
    ids.push((await submit(hub, { agent: 'slow', message })).id)
    const task = await submit(hub, { agent: 'quick' })
    quick.reply(await quick.nextTask(), `answer ${at}`)
    expect(await endOf(hub, task.id)).toMatchObject({ response: `answer ${at}` })
  }
  slow.socket.resume()
  await slow.crash()
  await using back = await connect(hub, level2('i', { name: 'slow', maxConcurrency: 1_000 }))
  const seen = new Set<string>()
  while (seen.size < ids.length) {
    const task = await back.nextTask()
    seen.add(task.requestId)
    back.reply(task, 'done')
  }
  expect([...seen].toSorted()).toEqual(ids.toSorted())
  for (const id of ids) expect(await endOf(hub, id)).toMatchObject({ state: 'completed' })
})
