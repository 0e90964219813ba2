import { expect, test } from 'vitest'
import { connect, dial, greet } from '../helpers/peer.ts'
import { startHub, type TestHub } from '../helpers/start-hub.ts'

const expectRefusal = async (hub: TestHub, register: object, code: string, closeCode: number) => {
  const { peer, answer } = await greet(hub, register)
  expect(answer, JSON.stringify(register).slice(0, 100)).toEqual({ type: 'error', code, error: expect.any(String) })
  expect(await peer.end()).toMatchObject({ code: closeCode })
}

const nameOf = async (hub: TestHub, register: object): Promise<string> => {
  await using agent = await connect(hub, register)
  const [frame] = agent.seen
  return /^Welcome, (.*)\. \d+ agent\(s\) online\.$/.exec(String(frame?.['message']))?.[1] ?? 'no welcome'
}

test('the welcome tells id, number, heartbeat and limits', async () => {
  await using hub = await startHub({ env: { HUB_MAX_PAYLOAD: '70000' } })
  await using _first = await connect(hub, { name: 'first' })
  const { peer, answer } = await greet(hub, { name: 'network-ai', workspace: 'ai-comms', skills: ['a', 'b'] })
  await using _second = peer
  expect(answer).toEqual({
    type: 'registered',
    agentId: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/),
    message: 'Welcome, network-ai. 2 agent(s) online.',
    protocol: 2,
    heartbeatMs: 30_000,
    limits: { maxPayload: 70_000, maxInFlight: 256 },
  })
})

test('a name may be 1 to 64 letters of any script, digits, marks and inner signs', async () => {
  await using hub = await startHub()
  const names = ['a', '7', 'a'.repeat(64), 'Ünïcödé', '研究員', 'агент-1', 'a.b_c-d e', 'नमस्ते', '𐐀'.repeat(64), 'a-']
  for (const name of names) expect(await nameOf(hub, { name })).toBe(name.normalize('NFKC'))
})

test('a name is kept in NFKC and found in any case and width', async () => {
  await using hub = await startHub()
  await using agent = await connect(hub, { name: 'Ａtlas ①' })
  const answer = hub.post('/task', { agent: 'ａTLAS 1', message: 'hello' })
  agent.reply(await agent.nextTask(), 'hi')
  expect((await answer).body).toMatchObject({ success: true, agent: 'Atlas 1' })
})

test('a missing or empty name becomes unnamed', async () => {
  await using hub = await startHub()
  expect(await nameOf(hub, {})).toBe('unnamed')
  expect(await nameOf(hub, { name: '' })).toBe('unnamed')
})

test('a name of a wrong type or shape is refused with 4002', async () => {
  await using hub = await startHub()
  const wrong = [
    null,
    7,
    true,
    [],
    {},
    ' ',
    ' a',
    'a ',
    '-a',
    '.a',
    '_a',
    'a/b',
    'a\nb',
    'a\u0000',
    'a\u202eb',
    'a\u200db',
  ]
  for (const name of [...wrong, 'a'.repeat(65), '𐐀'.repeat(65), '\u0301a', '😀', 'a<b>', '\ud800', 'ﷺ'.repeat(10)]) {
    await expectRefusal(hub, { name }, 'bad_request', 4002)
  }
})

test('names, skills and ids that JavaScript objects are born with are names like any other', async () => {
  await using hub = await startHub()
  const born = ['constructor', 'hasOwnProperty', 'toString', 'valueOf']
  for (const word of born) {
    const before = await hub.post('/task', { agent: word, message: 'x' })
    expect(before).toMatchObject({ status: 404, body: { code: 'agent_not_found' } })
    await using agent = await connect(hub, { name: word, skills: [word], protocol: 2, instanceId: word })
    for (const target of [{ agent: word }, { skill: word }]) {
      const answer = hub.post('/task', { ...target, message: 'x', conversationId: word })
      const task = await agent.nextTask()
      agent.reply({ requestId: word }, 'nothing of the kind')
      expect(await agent.nextError()).toMatchObject({ code: 'unknown_task' })
      agent.reply(task, 'ok')
      expect(await answer).toMatchObject({ status: 200, body: { agent: word } })
    }
  }
})

test('__proto__ as a name is refused by its first sign, and as a skill, key or id it is a word', async () => {
  await using hub = await startHub()
  await expectRefusal(hub, { name: '__proto__' }, 'bad_request', 4002)
  await using agent = await connect(hub, { name: 'a', skills: ['__proto__'], protocol: 2, instanceId: '__proto__' })
  const answer = hub.call('POST', '/task', {
    headers: { 'content-type': 'application/json' },
    body: '{"skill":"__proto__","message":"x","__proto__":{"agent":"b","timeoutMs":1}}',
  })
  const task = await agent.nextTask()
  agent.sendRaw('{"type":"__proto__"}')
  expect(await agent.nextError()).toMatchObject({ code: 'unknown_type' })
  agent.sendRaw(`{"type":"task-response","requestId":"${task.requestId}","response":"ok","__proto__":{"x":1}}`)
  expect(await answer).toMatchObject({ status: 200, body: { agent: 'a', response: 'ok' } })
  expect(await hub.post('/task', { agent: '__proto__', message: 'x' })).toMatchObject({ status: 404 })
  expect(Object.prototype).not.toHaveProperty('agent')
})

test('workspace and skills are taken up to their bounds and listed as they came', async () => {
  await using hub = await startHub()
  const skills = [...Array.from({ length: 62 }, (_, at) => `skill-${at}`), '𐐀'.repeat(64), 'a'.repeat(64)]
  await using _agent = await connect(hub, { name: 'a', workspace: '𐐀'.repeat(256), skills })
  expect((await hub.get('/agents')).body).toMatchObject({ agents: [{ workspace: '𐐀'.repeat(256), skills }] })
})

test('workspace and skills default to nothing', async () => {
  await using hub = await startHub()
  await using _agent = await connect(hub, { name: 'a' })
  expect((await hub.get('/agents')).body).toMatchObject({ agents: [{ workspace: '', skills: [] }] })
})

test('a member over its bound or of a wrong type is refused with 4002', async () => {
  await using hub = await startHub()
  const wrong = [
    ...['x'.repeat(257), null, 7, [], {}].map((workspace) => ({ workspace })),
    ...[Array(65).fill('s'), ['s'.repeat(65)], [7], [null], [['s']], 'networking', null, {}].map((skills) => ({
      skills,
    })),
    ...['2', null, 0, -1, 1.5, true].map((protocol) => ({ protocol })),
    ...['2', null, 0, -1, 1.5].map((maxConcurrency) => ({ protocol: 2, maxConcurrency })),
    ...[7, null, {}, 'x'.repeat(129)].map((instanceId) => ({ protocol: 2, instanceId })),
    ...[7, null, []].flatMap((value) => [{ description: value }, { version: value }]),
    ...[7, null, {}, [], true].map((secret) => ({ secret })),
  ]
  for (const members of wrong) await expectRefusal(hub, { name: 'a', ...members }, 'bad_request', 4002)
})

test('unknown members are ignored', async () => {
  await using hub = await startHub()
  expect(await nameOf(hub, { name: 'a', agentId: 'mine', role: { admin: true }, sessionId: null })).toBe('a')
})

test('a wrong, missing or empty secret is refused with 4003', async () => {
  await using hub = await startHub()
  for (const secret of ['wrong', '', undefined, `${hub.secret} `, hub.secret.slice(0, -1)]) {
    await expectRefusal(hub, { name: 'a', secret }, 'unauthorized', 4003)
  }
})

test('a secret in the URL or a header is not read', async () => {
  await using hub = await startHub()
  await using peer = await dial(hub, {
    path: `/?secret=${hub.secret}&token=${hub.secret}`,
    headers: { authorization: `Bearer ${hub.secret}` },
  })
  peer.send({ type: 'register', name: 'a' })
  expect(await peer.nextFrame()).toMatchObject({ code: 'unauthorized' })
  expect(await peer.end()).toMatchObject({ code: 4003 })
})

test('the previous secret is right as long as it is set', async () => {
  const previous = 'p'.repeat(20)
  await using hub = await startHub({ env: { HUB_SECRET_PREVIOUS: previous } })
  expect(await nameOf(hub, { name: 'a', secret: previous })).toBe('a')
  expect(await hub.callBare('GET', '/agents', { headers: { authorization: `Bearer ${previous}` } })).toMatchObject({
    status: 200,
  })
})

test('without a secret on the hub nobody is asked for one', async () => {
  await using hub = await startHub({ env: { HUB_SECRET: '' } })
  expect(await nameOf(hub, { name: 'a', secret: undefined })).toBe('a')
  expect(await nameOf(hub, { name: 'a', secret: 'whatever' })).toBe('a')
  expect(await hub.callBare('GET', '/agents')).toMatchObject({ status: 200 })
})

test('a first frame that is no register object is refused with 4001', async () => {
  await using hub = await startHub()
  const first = [
    '{"type":"ping"}',
    '{"type":"task-response"}',
    '{}',
    '[]',
    'null',
    '"register"',
    '7',
    '{',
    '',
    '{"type":["register"]}',
  ]
  for (const text of [...first, '\ufeff{"type":"register"}']) {
    await using peer = await dial(hub)
    peer.sendRaw(text)
    expect(await peer.nextFrame(), text).toMatchObject({ type: 'error', code: 'not_registered' })
    expect(await peer.end()).toMatchObject({ code: 4001 })
  }
})

test('a registration may come as a binary frame, on any path that is no REST route', async () => {
  await using hub = await startHub()
  for (const path of ['/', '/ws', '/hub/agents?x=1', '/agents/socket', '/%F0%9F%98%80']) {
    await using peer = await dial(hub, { path })
    peer.sendRaw(Buffer.from(JSON.stringify({ type: 'register', name: 'a', secret: hub.secret })))
    expect(await peer.nextFrame()).toMatchObject({ type: 'registered' })
  }
})

test('a second registration is refused and changes nothing', async () => {
  await using hub = await startHub()
  await using agent = await connect(hub, { name: 'a' })
  agent.send({ type: 'register', name: 'b', secret: hub.secret })
  expect(await agent.nextError()).toMatchObject({ code: 'already_registered' })
  expect((await hub.get('/agents')).body).toMatchObject({ agents: [{ name: 'a' }] })
})
