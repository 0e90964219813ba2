import { expect, test } from 'vitest'
import { connect, dial } from '../helpers/peer.ts'
import { startHub } from '../helpers/start-hub.ts'

test('a ping is answered with a pong and nothing else', async () => {
  await using hub = await startHub()
  await using agent = await connect(hub, { name: 'a' })
  agent.send({ type: 'ping', at: 7 })
  expect(await agent.nextFrame()).toEqual({ type: 'pong' })
})

test('a direct message reaches its target with the registered name of its sender', async () => {
  await using hub = await startHub()
  await using one = await connect(hub, { name: 'One' })
  await using two = await connect(hub, { name: 'Two' })
  one.send({ type: 'agent-message', target: 'tWO', message: 'hi 🙂\ud800', from: 'somebody else' })
  expect(await two.next('agent-message')).toEqual({ type: 'agent-message', from: 'One', message: 'hi 🙂\ufffd' })
  one.send({ type: 'agent-message', target: 'one', message: '' })
  expect(await one.next('agent-message')).toEqual({ type: 'agent-message', from: 'One', message: '' })
})

test('a direct message to nobody gets agent_not_found', async () => {
  await using hub = await startHub()
  await using agent = await connect(hub, { name: 'a' })
  for (const target of ['b', '', '__proto__', 'constructor', 'x'.repeat(10_000)]) {
    agent.send({ type: 'agent-message', target, message: 'x' })
    expect(await agent.nextError()).toMatchObject({ code: 'agent_not_found' })
  }
})

test('a direct message reaches one session of the name, and also one full of tasks', async () => {
  await using hub = await startHub()
  await using sender = await connect(hub, { name: 'sender' })
  await using agent = await connect(hub, { name: 'a' })
  const calls = Array.from({ length: 256 }, () => hub.post('/task', { agent: 'a', message: 'x' }, { limitMs: 15_000 }))
  for (const _ of calls) await agent.nextTask()
  sender.send({ type: 'agent-message', target: 'a', message: 'still hearing?' })
  await agent.next('agent-message')
  await using replica = await connect(hub, { name: 'a' })
  sender.send({ type: 'agent-message', target: 'a', message: 'again' })
  await replica.next('agent-message')
  await agent.settle()
  expect(agent.seenOf('agent-message')).toHaveLength(1)
  await agent.crash()
  await Promise.all(calls)
})

test('work that was passed on more than 8 times is refused as loop_detected', async () => {
  await using hub = await startHub()
  await using agent = await connect(hub, { name: 'a' })
  agent.send({ type: 'agent-message', target: 'a', message: 'x', hops: 8 })
  await agent.next('agent-message')
  agent.send({ type: 'agent-message', target: 'a', message: 'x', hops: 9 })
  expect(await agent.nextError()).toMatchObject({ code: 'loop_detected' })
  const refused = await hub.post('/task', { agent: 'a', message: 'x', hops: 9 })
  expect(refused).toMatchObject({ status: 400, body: { code: 'loop_detected', success: false, agent: 'a' } })
})

test.each([
  ['bad_json', ['{', '', 'undefined', "{'type':'ping'}", '{"type":"ping"}}', '\ufeff{"type":"ping"}']],
  ['bad_request', ['null', '7', '"ping"', '[]', '[{"type":"ping"}]', 'true', '{}', '{"type":7}', '{"type":null}']],
  ['unknown_type', ['{"type":"dance"}', '{"type":""}', '{"type":"PING"}', '{"type":"task"}', '{"type":"registered"}']],
  [
    'bad_request',
    [
      '{"type":"task-response"}',
      '{"type":"task-response","requestId":7,"response":"x"}',
      '{"type":"task-response","requestId":"","response":"x"}',
      `{"type":"task-response","requestId":"${'x'.repeat(129)}","response":"x"}`,
      '{"type":"task-error"}',
      '{"type":"task-error","requestId":"x","error":"x","retryable":"yes"}',
      '{"type":"task-accepted"}',
      '{"type":"task-progress","requestId":"x","percent":"50"}',
      '{"type":"task-progress","requestId":"x","message":5}',
      '{"type":"task-delta","requestId":"x","seq":-1,"text":"x"}',
      '{"type":"task-delta","requestId":"x","seq":0.5,"text":"x"}',
      '{"type":"task-delta","requestId":"x","seq":0}',
      '{"type":"agent-message","target":"a"}',
      '{"type":"agent-message","message":"a"}',
      '{"type":"agent-message","target":7,"message":"a"}',
      '{"type":"agent-message","target":"a","message":{"text":"a"}}',
      '{"type":"agent-message","target":"a","message":"a","hops":-1}',
      '{"type":"agent-message","target":"a","message":"a","hops":"1"}',
    ],
  ],
])('%s is what a wrong frame gets, and the socket stays open', async (code, texts) => {
  await using hub = await startHub()
  await using agent = await connect(hub, { name: 'a' })
  for (const text of texts) {
    agent.sendRaw(text)
    expect(await agent.nextFrame(), text).toMatchObject({ type: 'error', code, error: expect.any(String) })
  }
  await agent.settle()
})

test('an answer to a task that never was gets unknown_task', async () => {
  await using hub = await startHub()
  await using agent = await connect(hub, { name: 'a' })
  for (const type of ['task-response', 'task-error', 'task-accepted', 'task-progress']) {
    agent.send({ type, requestId: 'nope', response: 'x', error: 'x' })
    expect(await agent.nextError()).toMatchObject({ code: 'unknown_task', requestId: 'nope' })
  }
})

test('binary frames of UTF-8 JSON are heard, others are bad_json', async () => {
  await using hub = await startHub()
  await using agent = await connect(hub, { name: 'a' })
  agent.sendRaw(Buffer.from('{"type":"ping"}'))
  expect(await agent.nextFrame()).toEqual({ type: 'pong' })
  for (const bytes of [[0xff, 0xfe], [0x22, 0xed, 0xa0, 0x80, 0x22], [0], []]) {
    agent.sendRaw(Buffer.from(bytes))
    expect(await agent.nextFrame()).toMatchObject({ type: 'error', code: 'bad_json' })
  }
})

test('level-2 frames go to no level-1 agent', async () => {
  await using hub = await startHub()
  await using old = await connect(hub, { name: 'old', instanceId: 'i' })
  const caller = new AbortController()
  const answer = hub.post('/task', { agent: 'old', message: 'x', conversationId: 'c' }, { signal: caller.signal })
  const task = await old.nextTask()
  caller.abort()
  await expect(answer).rejects.toThrow()
  await hub.event('task.ended')
  await old.settle()
  expect(Object.keys(task).sort()).toEqual(['message', 'requestId', 'sender', 'type'])
  const types = new Set(old.seen.map(({ type }) => type))
  expect([...types].sort()).toEqual(['pong', 'registered', 'task'])
})

test('frames sent in one breath with the registration are heard after it', async () => {
  await using hub = await startHub()
  await using agent = await dial(hub)
  agent.send({ type: 'register', name: 'a', secret: hub.secret })
  agent.send({ type: 'ping' })
  agent.send({ type: 'agent-message', target: 'a', message: 'x'.repeat(200_000) })
  for (const type of ['registered', 'pong', 'agent-message']) expect(await agent.nextFrame()).toMatchObject({ type })
})

test('frames sent in one breath with a refused registration are not heard', async () => {
  await using hub = await startHub()
  await using listener = await connect(hub, { name: 'a' })
  await using stranger = await dial(hub)
  stranger.send({ type: 'register', name: 'b', secret: 'wrong' })
  stranger.send({ type: 'register', name: 'b', secret: hub.secret })
  stranger.send({ type: 'agent-message', target: 'a', message: 'x' })
  expect(await stranger.end()).toMatchObject({ code: 4003 })
  await listener.settle()
  expect(listener.seen.map(({ type }) => type)).toEqual(['registered', 'pong'])
  expect((await hub.get('/health')).body).toMatchObject({ agents: 1 })
})
