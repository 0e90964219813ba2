import { expect, test } from 'vitest'
import { connect, type Peer, type TaskFrame } from '../helpers/peer.ts'
import { startHub, type TestHub } from '../helpers/start-hub.ts'

/** Sends a task that nobody answers, and tells which of the agents got it. */
const whoGets = async (hub: TestHub, agents: Readonly<Record<string, Peer>>) => {
  void hub.post('/task', { agent: 'a', message: 'x' }).catch(() => undefined)
  const { taskId } = await hub.event('task.dispatched')
  await Promise.all(Object.values(agents).map((agent) => agent.settle()))
  const found = Object.entries(agents).find(([, agent]) => agent.seenOf('task').at(-1)?.['requestId'] === taskId)
  return found?.[0]
}

test('a task goes to the newest of equal replicas, then to the one with fewer in flight', async () => {
  await using hub = await startHub()
  await using old = await connect(hub, { name: 'a' })
  await using middle = await connect(hub, { name: 'A' })
  await using newest = await connect(hub, { name: 'a' })
  const agents = { old, middle, newest }
  const order = []
  for (let at = 0; at < 6; at++) order.push(await whoGets(hub, agents))
  expect(order).toEqual(['newest', 'middle', 'old', 'newest', 'middle', 'old'])
})

test('an answer makes its agent the freest again', async () => {
  await using hub = await startHub()
  await using old = await connect(hub, { name: 'a' })
  await using newer = await connect(hub, { name: 'a' })
  const agents = { old, newer }
  expect(await whoGets(hub, agents)).toBe('newer')
  expect(await whoGets(hub, agents)).toBe('old')
  old.reply(await old.nextTask(), 'done')
  await old.settle()
  expect(await whoGets(hub, agents)).toBe('old')
})

test('a session at its maxConcurrency is chosen last, and still chosen', async () => {
  await using hub = await startHub()
  await using small = await connect(hub, { name: 'a', protocol: 2, maxConcurrency: 1 })
  await using large = await connect(hub, { name: 'a', protocol: 2, maxConcurrency: 3 })
  const agents = { small, large }
  const order = []
  for (let at = 0; at < 6; at++) order.push(await whoGets(hub, agents))
  expect(order).toEqual(['large', 'small', 'large', 'large', 'small', 'small'])
})

test('a session silent for longer than 45 s is chosen only when nothing fresher is there', async () => {
  await using hub = await startHub()
  await using fresh = await connect(hub, { name: 'a' })
  await using silent = await connect(hub, { name: 'a' }, { socket: { autoPong: false } })
  const submit = () => void hub.post('/task', { agent: 'a', message: 'x' }).catch(() => undefined)
  hub.advance(44_000)
  await fresh.settle()
  hub.clock.time += 1_000
  submit()
  await silent.nextTask()
  hub.clock.time += 1
  for (let at = 0; at < 2; at++) {
    submit()
    await fresh.nextTask()
  }
  await fresh.crash()
  await hub.event('session.closed')
  submit()
  await silent.nextTask()
})

test('a task by skill goes to whoever has it, whatever the name, in any case', async () => {
  await using hub = await startHub()
  await using _other = await connect(hub, { name: 'other', skills: ['cook'] })
  await using builder = await connect(hub, { name: 'builder', skills: ['Build', 'test'] })
  const answer = hub.post('/task', { skill: 'bUILD', message: 'x' })
  builder.reply(await builder.nextTask(), 'made')
  expect(await answer).toMatchObject({ status: 200, body: { agent: 'builder', response: 'made' } })
})

test('a session holds at most 256 unanswered tasks; the next gets 503 agent_busy until one is answered', async () => {
  await using hub = await startHub()
  await using agent = await connect(hub, { name: 'a', skills: ['s'] })
  const calls = Array.from({ length: 256 }, () => hub.post('/task', { agent: 'a', message: 'x' }, { limitMs: 20_000 }))
  const tasks: TaskFrame[] = []
  while (tasks.length < 256) tasks.push(await agent.nextTask())
  expect((await hub.get('/agents')).body).toMatchObject({ agents: [{ inFlight: 256 }] })
  for (const target of [{ agent: 'a' }, { skill: 's' }]) {
    const full = await hub.post('/task', { ...target, message: 'x' })
    expect(full).toMatchObject({ status: 503, body: { code: 'agent_busy', success: false, status: 503 } })
    expect(Number(full.headers['retry-after'])).toBeGreaterThanOrEqual(1)
  }
  const [first] = tasks
  if (first === undefined) throw new Error('No task')
  agent.reply(first, 'done')
  await agent.settle()
  const next = hub.post('/task', { agent: 'a', message: 'one more' })
  tasks.push(await agent.nextTask())
  for (const task of tasks.slice(1)) agent.reply(task, 'done')
  const answers = await Promise.all([...calls, next])
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
})

test('a full session leaves the tasks to its replica', async () => {
  await using hub = await startHub()
  await using old = await connect(hub, { name: 'a' })
  const calls = Array.from({ length: 256 }, () => hub.post('/task', { agent: 'a', message: 'x' }, { limitMs: 20_000 }))
  for (const _ of calls) await old.nextTask()
  await using replica = await connect(hub, { name: 'a', protocol: 2, maxConcurrency: 1 })
  const both = [hub.post('/task', { agent: 'a', message: 'x' }), hub.post('/task', { agent: 'a', message: 'x' })]
  for (const _ of both) replica.reply(await replica.nextTask(), 'done')
  for (const answer of await Promise.all(both)) expect(answer).toMatchObject({ status: 200 })
  await old.crash()
  for (const answer of await Promise.all(calls)) expect(answer).toMatchObject({ status: 502 })
})

test('agents are listed in order of registration, with what is known of them', async () => {
  await using hub = await startHub()
  await using one = await connect(hub, { name: 'one', protocol: 2, instanceId: 'i', maxConcurrency: 3, version: '1.2' })
  await using _two = await connect(hub, { name: 'two', workspace: 'w', skills: ['s'] })
  hub.clock.time += 5_000
  await one.settle()
  const { status, text, body } = await hub.get('/agents')
  expect(status).toBe(200)
  expect(text).not.toContain(hub.secret)
  const start = '2026-04-04T12:00:01.000Z'
  expect(body).toEqual({
    agents: [
      {
        id: expect.any(String),
        name: 'one',
        workspace: '',
        skills: [],
        connectedAt: start,
        lastSeen: '2026-04-04T12:00:06.000Z',
        inFlight: 0,
        protocol: 2,
        maxConcurrency: 3,
        version: '1.2',
      },
      expect.objectContaining({ name: 'two', workspace: 'w', skills: ['s'], connectedAt: start, lastSeen: start }),
    ],
  })
})
