import fc from 'fast-check'
import { expect, test } from 'vitest'
import { expectWell, connectHealthy as healthy } from '../helpers/expect-well.ts'
import { connect, dial, type Frame } from '../helpers/peer.ts'
import { upgradeRaw } from '../helpers/raw-socket.ts'
import { startHub } from '../helpers/start-hub.ts'

const FLOODABLE = { env: { HUB_MAX_FRAMES_PER_S: '0', HUB_MAX_PER_IP: '2000' } }
const MEMBERS = [
  'requestId',
  'response',
  'error',
  'code',
  'retryable',
  'message',
  'target',
  'percent',
  'seq',
  'text',
  'hops',
]
const TYPES = [
  'register',
  'task-response',
  'task-error',
  'task-accepted',
  'task-progress',
  'task-delta',
  'agent-message',
  'ping',
  'task',
]
const anyMember = fc.oneof(fc.jsonValue(), fc.constantFrom('healthy', 1e308, -0, 2 ** 53, '\ud800', '__proto__'))

test('any JSON after registration gets an error or nothing, and the socket stays open', async () => {
  await using hub = await startHub(FLOODABLE)
  await using agent = await healthy(hub)
  await using fuzzer = await connect(hub, { name: 'fuzzer' })
  const garbage = fc.oneof(fc.json({ maxDepth: 6 }), fc.string({ unit: 'binary' }), fc.double().map(String))
  await fc.assert(
    fc.asyncProperty(fc.array(garbage, { minLength: 1, maxLength: 20 }), async (texts) => {
      for (const text of texts) fuzzer.sendRaw(text)
      await fuzzer.settle()
    }),
    { numRuns: 60 },
  )
  await expectWell(hub, agent)
})

test('any value in any member of any frame gets an error or nothing, and the socket stays open', async () => {
  await using hub = await startHub(FLOODABLE)
  await using agent = await healthy(hub)
  await using fuzzer = await connect(hub, { name: 'fuzzer', protocol: 2 })
  const frame = fc.tuple(
    fc.constantFrom(...TYPES),
    fc.dictionary(fc.constantFrom(...MEMBERS, '__proto__', 'type'), anyMember),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(frame, { minLength: 1, maxLength: 20 }), async (frames) => {
      for (const [type, members] of frames) fuzzer.send({ type, ...members })
      await fuzzer.settle()
    }),
    { numRuns: 80 },
  )
  await expectWell(hub, agent)
})

test('any value in any member of a registration is welcomed or refused in words', async () => {
  await using hub = await startHub({ env: { ...FLOODABLE.env, HUB_MAX_AGENTS: '500' } })
  await using agent = await healthy(hub)
  const names = ['name', 'workspace', 'skills', 'protocol', 'instanceId', 'maxConcurrency', 'description', 'version']
  await fc.assert(
    fc.asyncProperty(fc.dictionary(fc.constantFrom(...names, '__proto__'), anyMember), async (members) => {
      await using peer = await dial(hub)
      peer.send({ ...members, type: 'register', secret: hub.secret })
      const answer = await peer.nextFrame()
      if (answer['type'] === 'registered') return
      expect(answer).toMatchObject({ type: 'error', code: 'bad_request' })
      expect((await peer.end()).code).toBe(4002)
    }),
    { numRuns: 80 },
  )
  await expectWell(hub, agent)
})

test('any bytes as a first frame end the socket with a code of the table', async () => {
  await using hub = await startHub(FLOODABLE)
  await using agent = await healthy(hub)
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 2_000 }), async (bytes) => {
      await using peer = await dial(hub)
      peer.sendRaw(bytes)
      expect((await peer.end()).code).toBe(4001)
    }),
    { numRuns: 60 },
  )
  await expectWell(hub, agent)
})

test('any bytes on the wire after the upgrade end that socket and touch nobody else', async () => {
  await using hub = await startHub(FLOODABLE)
  await using agent = await healthy(hub)
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 500 }), async (bytes) => {
      await using raw = await upgradeRaw(hub)
      await raw.push(bytes)
      raw.tcp.end()
      await raw.untilClosed()
    }),
    { numRuns: 60 },
  )
  await expectWell(hub, agent)
})

test('a body of any JSON is answered with a status of the table', async () => {
  await using hub = await startHub()
  await using agent = await healthy(hub)
  agent.socket.on('message', (data) => {
    const frame: Frame = JSON.parse(String(data))
    if (frame['type'] === 'task') agent.send({ ...frame, type: 'task-response', response: 'ok' })
  })
  const names = ['agent', 'skill', 'message', 'sender', 'timeoutMs', 'conversationId', 'hops', '__proto__']
  const body = fc.oneof(fc.jsonValue(), fc.dictionary(fc.constantFrom(...names), anyMember))
  await fc.assert(
    fc.asyncProperty(body, fc.constantFrom('/task', '/broadcast'), async (value, path) => {
      const answer = await hub.call('POST', path, { body: JSON.stringify(value) })
      expect([200, 400, 404]).toContain(answer.status)
      expect(answer.body).not.toBeNull()
    }),
    { numRuns: 100 },
  )
  expect(hub.events.filter(({ type }) => type === 'internal.error')).toEqual([])
})

test('whatever the holder says about its task, the caller gets an end of the table', async () => {
  await using hub = await startHub(FLOODABLE)
  await using agent = await healthy(hub)
  await using fuzzer = await connect(hub, { name: 'fuzzer', protocol: 2 })
  const frame = fc.tuple(fc.constantFrom(...TYPES), fc.dictionary(fc.constantFrom(...MEMBERS), anyMember))
  await fc.assert(
    fc.asyncProperty(fc.array(frame, { maxLength: 8 }), async (frames) => {
      const answer = hub.post('/task', { agent: 'fuzzer', message: 'x' })
      const { requestId } = await fuzzer.nextTask()
      for (const [type, members] of frames) fuzzer.send({ ...members, type, requestId })
      fuzzer.send({ type: 'task-response', requestId, response: 'at last' })
      const { status, body } = await answer
      expect([200, 502]).toContain(status)
      if (status === 502) expect(['agent_error', 'bad_response', 'rejected']).toContain(body?.['code'])
    }),
    { numRuns: 80 },
  )
  await expectWell(hub, agent)
})
