import { expect, test } from 'vitest'
import { connect, type Peer } from '../helpers/peer.ts'
import { startHub, type TestHub } from '../helpers/start-hub.ts'

const level2 = (instanceId: string) => ({ name: 'a', protocol: 2, instanceId })

const crashWith = async (hub: TestHub, agent: Peer, act: (agent: Peer) => Promise<void> = async () => undefined) => {
  const answer = hub.post('/task', { agent: 'a', message: 'x' }, { limitMs: 15_000 })
  const task = await agent.nextTask()
  await act(agent)
  await agent.crash()
  await hub.event('session.closed')
  return { answer, task }
}

test('level 1: the caller hears 502 agent_disconnected within a second, even with a replica', async () => {
  await using hub = await startHub()
  await using _replica = await connect(hub, { name: 'a' })
  await using agent = await connect(hub, { name: 'a' })
  const { answer } = await crashWith(hub, agent)
  const diedAt = performance.now()
  const { status, body } = await answer
  expect(performance.now() - diedAt).toBeLessThan(1_000)
  expect(status).toBe(502)
  expect(body).toMatchObject({ success: false, agent: 'a', code: 'agent_disconnected', status: 502 })
  expect(_replica.seenOf('task')).toEqual([])
})

test('level 2, not begun: a replica gets it at once as the second attempt', async () => {
  await using hub = await startHub()
  await using replica = await connect(hub, level2('j'))
  await using agent = await connect(hub, level2('i'))
  const { answer, task } = await crashWith(hub, agent)
  const again = await replica.nextTask()
  expect(task).toMatchObject({ attempt: 1 })
  expect(again).toEqual({ ...task, attempt: 2 })
  replica.reply(again, 'done')
  expect(await answer).toMatchObject({ status: 200, body: { taskId: task.requestId } })
})

test('level 2, not begun: another agent with the skill is a replica for a task by skill', async () => {
  await using hub = await startHub()
  await using other = await connect(hub, { name: 'b', skills: ['s'], protocol: 2 })
  await using agent = await connect(hub, { ...level2('i'), skills: ['s'] })
  const answer = hub.post('/task', { skill: 's', message: 'x' })
  await agent.nextTask()
  await agent.crash()
  other.reply(await other.nextTask(), 'done')
  expect(await answer).toMatchObject({ status: 200, body: { agent: 'b' } })
})

test('level 2, not begun and no replica: the same instance gets it again, and that is no new attempt', async () => {
  await using hub = await startHub()
  await using agent = await connect(hub, level2('i'))
  const { answer, task } = await crashWith(hub, agent)
  hub.advance(14_000)
  await using returned = await connect(hub, level2('i'))
  const again = await returned.nextTask()
  expect(again).toEqual(task)
  returned.reply(again, 'done')
  expect(await answer).toMatchObject({ status: 200, body: { response: 'done' } })
})

test('level 2, not begun and no replica: a new session of the name gets it as the second attempt', async () => {
  await using hub = await startHub()
  await using agent = await connect(hub, level2('i'))
  const { answer, task } = await crashWith(hub, agent)
  await using other = await connect(hub, level2('j'))
  const again = await other.nextTask()
  expect(again).toEqual({ ...task, attempt: 2 })
  await using returned = await connect(hub, level2('i'))
  await returned.settle()
  expect(returned.seenOf('task')).toEqual([])
  other.reply(again, 'done')
  expect(await answer).toMatchObject({ status: 200 })
})

test('level 2, not begun and nobody comes: 502 after 15 s', async () => {
  await using hub = await startHub()
  await using agent = await connect(hub, level2('i'))
  const { answer } = await crashWith(hub, agent)
  let isOver = false
  void answer.then(() => {
    isOver = true
  })
  hub.advance(14_900)
  await hub.get('/health')
  expect(isOver).toBe(false)
  hub.advance(200)
  expect(await answer).toMatchObject({ status: 502, body: { code: 'agent_disconnected', agent: 'a' } })
})

test.each([
  ['task-accepted', {}],
  ['task-progress', { message: 'half', percent: 50 }],
  ['task-delta', { seq: 0, text: 'a' }],
])('level 2, begun by %s: the same instance keeps it although there is a replica', async (type, members) => {
  await using hub = await startHub()
  await using replica = await connect(hub, level2('j'))
  await using agent = await connect(hub, level2('i'))
  const { answer, task } = await crashWith(hub, agent, async () => {
    agent.send({ type, requestId: agent.seenOf('task')[0]?.['requestId'], ...members })
    await agent.settle()
  })
  hub.advance(14_900)
  await using returned = await connect(hub, level2('i'))
  expect(await returned.nextTask()).toEqual(task)
  await replica.settle()
  expect(replica.seenOf('task')).toEqual([])
  hub.advance(30_000)
  returned.reply(task, 'done')
  expect(await answer).toMatchObject({ status: 200 })
})

test('level 2, begun: 502 after 15 s, and the replica is left alone', async () => {
  await using hub = await startHub()
  await using replica = await connect(hub, level2('j'))
  await using agent = await connect(hub, level2('i'))
  const { answer } = await crashWith(hub, agent, async () => {
    agent.send({ type: 'task-accepted', requestId: agent.seenOf('task')[0]?.['requestId'] })
    await agent.settle()
  })
  hub.advance(15_100)
  expect(await answer).toMatchObject({ status: 502, body: { code: 'agent_disconnected' } })
  await replica.settle()
  expect(replica.seenOf('task')).toEqual([])
})

test('a return that comes after the grace finds nothing', async () => {
  await using hub = await startHub()
  await using agent = await connect(hub, level2('i'))
  const { answer, task } = await crashWith(hub, agent)
  hub.advance(15_100)
  expect(await answer).toMatchObject({ status: 502 })
  await using returned = await connect(hub, level2('i'))
  returned.reply(task, 'late')
  expect(await returned.nextError()).toMatchObject({ code: 'unknown_task', requestId: task.requestId })
  expect(returned.seenOf('task')).toEqual([])
})

test('a replacement keeps the tasks of the session it replaces, and only it may answer them', async () => {
  await using hub = await startHub()
  await using old = await connect(hub, level2('i'))
  const answer = hub.post('/task', { agent: 'a', message: 'x' })
  const task = await old.nextTask()
  await using newer = await connect(hub, level2('i'))
  expect(await old.end()).toMatchObject({ code: 4009 })
  expect(await newer.nextTask()).toEqual(task)
  newer.reply(task, 'done')
  expect(await answer).toMatchObject({ status: 200, body: { response: 'done' } })
})

test('an answer that was sent just before the socket closed is heard', async () => {
  await using hub = await startHub()
  for (const register of [{ name: 'a' }, level2('i')]) {
    await using agent = await connect(hub, register)
    const answer = hub.post('/task', { agent: 'a', message: 'x' })
    agent.reply(await agent.nextTask(), 'last words')
    agent.socket.close(1000)
    expect(await answer).toMatchObject({ status: 200, body: { response: 'last words' } })
    await hub.event('session.closed')
  }
})

test('a task survives many losses of its instance in a row', async () => {
  await using hub = await startHub()
  const first = await connect(hub, level2('i'))
  const { answer, task } = await crashWith(hub, first)
  for (let at = 0; at < 5; at++) {
    hub.advance(10_000)
    const agent = await connect(hub, level2('i'))
    expect(await agent.nextTask()).toEqual(task)
    await agent.crash()
    await hub.event('session.closed')
  }
  await using last = await connect(hub, level2('i'))
  last.reply(await last.nextTask(), 'done')
  expect(await answer).toMatchObject({ status: 200 })
})

test('the deadline ends a task also while its instance is away', async () => {
  await using hub = await startHub({ env: { HUB_TASK_TIMEOUT_MS: '5000' } })
  await using agent = await connect(hub, level2('i'))
  const { answer } = await crashWith(hub, agent)
  hub.advance(5_100)
  expect(await answer).toMatchObject({ status: 504, body: { code: 'task_timeout' } })
  await using returned = await connect(hub, level2('i'))
  await returned.settle()
  expect(returned.seenOf('task')).toEqual([])
})
