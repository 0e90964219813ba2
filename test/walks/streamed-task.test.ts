import { expect, test } from 'vitest'
import { eventsOf, follow, type SentEvent } from '../helpers/event-reader.ts'
import { connect } from '../helpers/peer.ts'
import { startHub, type TestHub } from '../helpers/start-hub.ts'

const level2 = (instanceId = 'i') => ({ name: 'a', protocol: 2, instanceId })

const ask = (hub: TestHub, body: object = {}, headers: Readonly<Record<string, string>> = {}) =>
  follow(hub, '/task', { method: 'POST', body: { agent: 'a', message: 'x', ...body }, headers })

const statesOf = (events: readonly SentEvent[]) =>
  events.map(({ event, data }) => `${event} ${data['state'] ?? ''}`.trim())

test('a caller of /task may watch: snapshot, everything the agent says, and the end', async () => {
  await using hub = await startHub()
  await using agent = await connect(hub, level2())
  await using caller = await ask(hub, { sender: 's', conversationId: 'talk', timeoutMs: 60_000 })
  expect(caller.response.headers['content-type']).toMatch(/^text\/event-stream/)
  expect(caller.response.headers['cache-control']).toContain('no-cache')
  const task = await agent.nextTask()
  const { requestId } = task
  agent.accept(task)
  agent.send({ type: 'task-progress', requestId, percent: 10 })
  agent.send({ type: 'task-delta', requestId, seq: 0, text: 'do' })
  agent.send({ type: 'task-delta', requestId, seq: 1, text: 'ne' })
  agent.reply(task, 'done')
  const events = await caller.all()
  const shown = events.filter(({ event }) => event !== 'state')
  expect(shown.map(({ event, data }) => [event, event === 'snapshot' ? data['id'] : data])).toEqual([
    ['snapshot', requestId],
    ['progress', { percent: 10 }],
    ['delta', { seq: 0, text: 'do' }],
    ['delta', { seq: 1, text: 'ne' }],
  ])
  const members = { id: requestId, agent: 'a', message: 'x', sender: 's' }
  expect(events[0]?.data).toMatchObject({ ...members, deadline: task['deadline'] })
  const end = { ...members, state: 'completed', response: 'done', attempts: 1 }
  expect(events.at(-1)).toMatchObject({ event: 'state', data: end })
  expect(events.map(({ id }) => id)).toEqual(events.map(({ id }) => id).toSorted((one, other) => one - other))
})

test('an agent of level 1 can be watched too', async () => {
  await using hub = await startHub()
  await using agent = await connect(hub, { name: 'a', skills: ['s'] })
  await using caller = await follow(hub, '/task', { method: 'POST', body: { skill: 's', message: 'x' } })
  agent.reply(await agent.nextTask(), 'done')
  const events = await caller.all()
  expect(events[0]?.event).toBe('snapshot')
  expect(events.at(-1)).toMatchObject({ event: 'state', data: { state: 'completed', response: 'done', agent: 'a' } })
})

test.each([
  ['text/event-stream', true],
  ['Text/Event-Stream; charset=utf-8', true],
  ['text/event-stream, application/json;q=0.1', true],
  ['application/json', false],
  ['*/*', false],
])('Accept: %s', async (accept, isStream) => {
  await using hub = await startHub()
  await using agent = await connect(hub, level2())
  const answer = hub.post('/task', { agent: 'a', message: 'x' }, { headers: { accept } })
  agent.reply(await agent.nextTask(), 'done')
  const { status, headers, text } = await answer
  expect(status).toBe(200)
  expect(String(headers['content-type']).startsWith('text/event-stream')).toBe(isStream)
  expect(text.includes('event: snapshot')).toBe(isStream)
})

const refused: [string, object, number, string][] = [
  ['an unknown agent', { agent: 'nobody', message: 'x' }, 404, 'agent_not_found'],
  ['an unknown skill', { skill: 'none', message: 'x' }, 404, 'no_agent_with_skill'],
  ['no message', { agent: 'a' }, 400, 'bad_request'],
  ['a ninth hop', { agent: 'a', message: 'x', hops: 9 }, 400, 'loop_detected'],
]
test.each(refused)(
  'what fails before the stream begins is a problem document: %s',
  async (_what, body, status, code) => {
    await using hub = await startHub()
    await using _agent = await connect(hub, { name: 'a' })
    const answer = await hub.post('/task', body, { headers: { accept: 'text/event-stream' } })
    expect(answer).toMatchObject({ status, body: { code, success: false, status } })
    expect(answer.headers['content-type']).toContain('application/problem+json')
  },
)

test('a missing credential and a draining hub are problem documents for a streaming caller, too', async () => {
  await using hub = await startHub({ env: { HUB_DRAIN_MS: '5000' } })
  await using agent = await connect(hub, level2())
  const headers = { accept: 'text/event-stream' }
  const body = { agent: 'a', message: 'x' }
  expect(await hub.callBare('POST', '/task', { body, headers })).toMatchObject({ status: 401 })
  await using caller = await ask(hub)
  const task = await agent.nextTask()
  const drained = hub.drain()
  const answer = await hub.post('/task', body, { headers })
  expect(answer).toMatchObject({ status: 503, body: { code: 'hub_draining' } })
  expect(Number(answer.headers['retry-after'])).toBeGreaterThanOrEqual(1)
  agent.reply(task, 'done')
  expect((await caller.all()).at(-1)).toMatchObject({ data: { state: 'completed' } })
  await drained
})

const endings: [string, object, object][] = [
  ['an error', { error: 'No route' }, { state: 'failed', code: 'agent_error', error: 'No route' }],
  ['a rejection', { error: 'Not me', code: 'rejected' }, { state: 'rejected', code: 'rejected', error: 'Not me' }],
]
test.each(endings)('%s of the agent is the last state of the stream', async (_what, frame, data) => {
  await using hub = await startHub()
  await using agent = await connect(hub, level2())
  await using caller = await ask(hub)
  const { requestId } = await agent.nextTask()
  agent.send({ type: 'task-error', requestId, ...frame })
  expect((await caller.all()).at(-1)).toMatchObject({ event: 'state', data })
})

test('the death of a level-1 agent ends the stream with a failed state', async () => {
  await using hub = await startHub()
  const agent = await connect(hub, { name: 'a' })
  await using caller = await ask(hub)
  await agent.nextTask()
  await agent.crash()
  const last = (await caller.all()).at(-1)
  expect(last).toMatchObject({ event: 'state', data: { state: 'failed', code: 'agent_disconnected', agent: 'a' } })
})

test('the death of a level-2 agent is heard as a state, and as the end once its grace is over', async () => {
  await using hub = await startHub()
  const agent = await connect(hub, level2())
  await using caller = await ask(hub)
  agent.accept(await agent.nextTask())
  await agent.settle()
  await agent.crash()
  await hub.event('session.closed')
  hub.advance(14_000)
  await hub.get('/health')
  expect(statesOf(caller.seen)).not.toContain('state failed')
  hub.advance(1_500)
  expect((await caller.all()).at(-1)).toMatchObject({ data: { state: 'failed', code: 'agent_disconnected' } })
})

test('a task that goes to a replica is heard as a state with the next attempt', async () => {
  await using hub = await startHub()
  await using replica = await connect(hub, level2('j'))
  const agent = await connect(hub, level2('i'))
  await using caller = await ask(hub)
  await agent.nextTask()
  await agent.crash()
  replica.reply(await replica.nextTask(), 'done')
  const events = await caller.all()
  expect(statesOf(events)[0]).toMatch(/^snapshot/)
  expect(events.some(({ event, data }) => event === 'state' && data['attempts'] === 2)).toBe(true)
  expect(events.at(-1)).toMatchObject({ data: { state: 'completed', attempts: 2 } })
})

test('a timeout is the last state of the stream', async () => {
  await using hub = await startHub()
  await using agent = await connect(hub, level2())
  await using caller = await ask(hub, { timeoutMs: 2_000 })
  await agent.nextTask()
  hub.advance(2_100)
  expect((await caller.all()).at(-1)).toMatchObject({ data: { state: 'failed', code: 'task_timeout' } })
  await agent.next('task-cancel')
})

test('a caller that hangs up cancels its task, and its agent hears so', async () => {
  await using hub = await startHub()
  await using agent = await connect(hub, level2())
  await using caller = await ask(hub)
  const task = await agent.nextTask()
  agent.send({ type: 'task-delta', requestId: task.requestId, seq: 0, text: 'x' })
  await caller.nextWhere(({ event }) => event === 'delta', 'a delta')
  await caller.leave()
  const reason = expect.stringMatching(/\w/)
  expect(await agent.next('task-cancel')).toEqual({ type: 'task-cancel', requestId: task.requestId, reason })
  agent.reply(task, 'late')
  expect(await agent.nextError()).toMatchObject({ code: 'unknown_task' })
})

test('a watched /task is not durable: nothing of it is kept', async () => {
  await using hub = await startHub()
  await using agent = await connect(hub, level2())
  await using caller = await ask(hub)
  const task = await agent.nextTask()
  agent.reply(task, 'done')
  await caller.all()
  expect((await hub.get('/tasks')).body).toEqual({ tasks: [] })
  expect((await hub.get(eventsOf(task.requestId))).status).toBe(404)
})
