import { expect, test } from 'vitest'
import { connect, type Frame } from '../helpers/peer.ts'
import { startHub } from '../helpers/start-hub.ts'

test('a level-2 agent gets deadline, attempt, hops, conversation and trace; a level-1 agent none of them', async () => {
  await using hub = await startHub()
  await using old = await connect(hub, { name: 'old' })
  await using young = await connect(hub, { name: 'young', protocol: 2 })
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
  const body = { message: 'm', sender: 's', timeoutMs: 60_000, conversationId: 'c', hops: 8 }
  const calls = ['old', 'young'].map((agent) => hub.post('/task', { ...body, agent }, { headers: { traceparent } }))
  const base = { type: 'task', requestId: expect.any(String), message: 'm', sender: 's' }
  const oldTask = await old.nextTask()
  const youngTask = await young.nextTask()
  expect(oldTask).toEqual(base)
  const deadline = '2026-04-04T12:01:01.000Z'
  expect(youngTask).toEqual({ ...base, deadline, attempt: 1, conversationId: 'c', hops: 8, traceparent })
  old.reply(oldTask, '1')
  young.reply(youngTask, '2')
  for (const answer of await Promise.all(calls)) expect(answer.status).toBe(200)
})

test('a higher protocol than the hub knows is level 2', async () => {
  await using hub = await startHub()
  await using agent = await connect(hub, { name: 'a', protocol: 3 })
  void hub.post('/task', { agent: 'a', message: 'x' })
  expect(await agent.nextTask()).toMatchObject({ attempt: 1 })
})

test('only the holder may answer; anyone else gets not_your_task and changes nothing', async () => {
  await using hub = await startHub()
  await using thief = await connect(hub, { name: 'a', protocol: 2, instanceId: 'j' })
  await using agent = await connect(hub, { name: 'a', protocol: 2, instanceId: 'i' })
  const answer = hub.post('/task', { agent: 'a', message: 'x' })
  const task = await agent.nextTask()
  const { requestId } = task
  const tries: Frame[] = [
    { type: 'task-response', requestId, response: 'mine' },
    { type: 'task-response', requestId, response: 7 },
    { type: 'task-error', requestId, error: 'mine' },
    { type: 'task-accepted', requestId },
    { type: 'task-progress', requestId },
    { type: 'task-delta', requestId, seq: 0, text: 'm' },
  ]
  for (const frame of tries) {
    thief.send(frame)
    expect(await thief.nextError()).toEqual({
      type: 'error',
      code: 'not_your_task',
      error: expect.any(String),
      requestId,
    })
  }
  agent.reply(task, 'theirs')
  expect(await answer).toMatchObject({ status: 200, body: { response: 'theirs' } })
})

test('the first answer wins and later ones get unknown_task', async () => {
  await using hub = await startHub()
  await using agent = await connect(hub, { name: 'a' })
  const answer = hub.post('/task', { agent: 'a', message: 'x' })
  const task = await agent.nextTask()
  agent.reply(task, 'first')
  agent.reply(task, 'second')
  agent.fail(task, 'third')
  for (let at = 0; at < 2; at++) {
    expect(await agent.nextError()).toMatchObject({ code: 'unknown_task', requestId: task.requestId })
  }
  expect(await answer).toMatchObject({ body: { response: 'first' } })
})

test('a task-error is 502 agent_error with the reason, whatever code and retryable say', async () => {
  await using hub = await startHub()
  await using agent = await connect(hub, { name: 'a', protocol: 2 })
  for (const more of [{}, { code: 'quota', retryable: true }, { code: 'internal' }]) {
    const answer = hub.post('/task', { agent: 'a', message: 'x' })
    agent.fail(await agent.nextTask(), 'Out of tea', more)
    expect(await answer).toMatchObject({
      status: 502,
      body: { success: false, agent: 'a', code: 'agent_error', error: 'Out of tea', detail: 'Out of tea' },
    })
  }
})

test.each([
  ['a number', 7],
  ['null', null],
  ['an object', { text: 'x' }],
  ['a list', ['x']],
  ['nothing', undefined],
])('a response that is %s is bad_response and ends the task as 502', async (_what, response) => {
  await using hub = await startHub()
  await using agent = await connect(hub, { name: 'a' })
  const answer = hub.post('/task', { agent: 'a', message: 'x' })
  const task = await agent.nextTask()
  agent.reply(task, response)
  expect(await agent.nextError()).toMatchObject({ code: 'bad_response' })
  expect(await answer).toMatchObject({ status: 502, body: { code: 'bad_response', success: false, agent: 'a' } })
  await agent.settle()
})

test('an empty response is an answer', async () => {
  await using hub = await startHub()
  await using agent = await connect(hub, { name: 'a' })
  const answer = hub.post('/task', { agent: 'a', message: 'x' })
  agent.reply(await agent.nextTask(), '')
  expect(await answer).toMatchObject({ status: 200, body: { success: true, response: '' } })
})

test('texts arrive as they were sent, and lone surrogates become U+FFFD', async () => {
  await using hub = await startHub()
  await using agent = await connect(hub, { name: 'a' })
  const text = 'ünï 🙂 \u0000\u2028 "quoted" \\n'
  const body = JSON.stringify({ agent: 'a', message: `${text}\ud800`, sender: 'x\udc00' })
  const answer = hub.call('POST', '/task', { body, headers: { 'content-type': 'application/json' } })
  const task = await agent.nextTask()
  expect(task).toMatchObject({ message: `${text}\ufffd`, sender: 'x\ufffd' })
  agent.reply(task, `${text}\udfff!`)
  expect(await answer).toMatchObject({ body: { response: `${text}\ufffd!` } })
})

test('a task without an answer is 504 task_timeout at its deadline, and its agent is told to stop', async () => {
  await using hub = await startHub()
  await using agent = await connect(hub, { name: 'a', protocol: 2 })
  await using old = await connect(hub, { name: 'old' })
  const calls = ['a', 'old'].map((name) => hub.post('/task', { agent: name, message: 'x', timeoutMs: 1_000 }))
  const task = await agent.nextTask()
  const oldTask = await old.nextTask()
  hub.advance(900)
  await agent.settle()
  agent.send({ type: 'task-progress', requestId: task.requestId, percent: 99 })
  await agent.settle()
  hub.advance(200)
  for (const answer of await Promise.all(calls)) {
    expect(answer).toMatchObject({ status: 504, body: { code: 'task_timeout', success: false } })
  }
  expect(await agent.next('task-cancel')).toEqual({
    type: 'task-cancel',
    requestId: task.requestId,
    reason: expect.any(String),
  })
  agent.reply(task, 'late')
  expect(await agent.nextError()).toMatchObject({ code: 'unknown_task' })
  old.reply(oldTask, 'late')
  expect(await old.nextError()).toMatchObject({ code: 'unknown_task' })
  expect(old.seenOf('task-cancel')).toEqual([])
})

test('the default timeout is 175 s', async () => {
  await using hub = await startHub()
  await using agent = await connect(hub, { name: 'a' })
  const answer = hub.post('/task', { agent: 'a', message: 'x' })
  const task = await agent.nextTask()
  for (let at = 0; at < 174; at += 29) {
    hub.advance(29_000)
    await agent.settle()
  }
  expect((await hub.get('/agents')).body).toMatchObject({ agents: [{ inFlight: 1 }] })
  hub.advance(1_200)
  expect(await answer).toMatchObject({ status: 504 })
  agent.reply(task, 'late')
  expect(await agent.nextError()).toMatchObject({ code: 'unknown_task' })
})

test('a caller that hangs up cancels its task; the agent is told and may go on', async () => {
  await using hub = await startHub()
  await using agent = await connect(hub, { name: 'a', protocol: 2 })
  await using old = await connect(hub, { name: 'old' })
  for (const peer of [agent, old]) {
    const caller = new AbortController()
    const name = peer === agent ? 'a' : 'old'
    const answer = hub.post('/task', { agent: name, message: 'x' }, { signal: caller.signal })
    const task = await peer.nextTask()
    caller.abort()
    await expect(answer).rejects.toThrow()
    await hub.event('task.ended', ({ state, code }) => state === 'canceled' && code === 'task_canceled')
    if (peer === agent) expect(await peer.next('task-cancel')).toMatchObject({ requestId: task.requestId })
    peer.reply(task, 'late')
    expect(await peer.nextError()).toMatchObject({ code: 'unknown_task' })
  }
  expect(old.seenOf('task-cancel')).toEqual([])
  expect((await hub.get('/agents')).body).toMatchObject({ agents: [{ inFlight: 0 }, { inFlight: 0 }] })
})
