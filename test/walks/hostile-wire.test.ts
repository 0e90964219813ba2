import { expect, test } from 'vitest'
import { expectWell, connectHealthy as healthy } from '../helpers/expect-well.ts'
import { connect, dial, type Peer } from '../helpers/peer.ts'
import { closeCodeText, openRaw, type RawFrame, rawFrame, upgradeRaw } from '../helpers/raw-socket.ts'
import { startHub } from '../helpers/start-hub.ts'

const TEXT = 1
const BINARY = 2
const FLOODABLE = { env: { HUB_MAX_FRAMES_PER_S: '0', HUB_MAX_PER_IP: '2000' } }

test('nesting of 100 000 levels is refused as what it is', async () => {
  await using hub = await startHub()
  await using agent = await healthy(hub)
  await using fuzzer = await connect(hub, { name: 'fuzzer' })
  const lists = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
  const objects = `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`
  for (const [text, code] of [
    [lists, 'bad_request'],
    [objects, 'bad_request'],
    ['['.repeat(100_000), 'bad_json'],
    [`{"type":${lists}}`, 'bad_request'],
    [`{"type":"agent-message","target":"healthy","message":${objects}}`, 'bad_request'],
    [`{"type":"task-response","requestId":${lists},"response":"x"}`, 'bad_request'],
  ]) {
    fuzzer.sendRaw(text ?? '')
    expect(await fuzzer.nextError()).toMatchObject({ code })
  }
  fuzzer.sendRaw(`{"type":"ping","deep":${objects}}`)
  await fuzzer.next('pong')
  const answer = hub.post('/task', { agent: 'fuzzer', message: 'x' })
  const { requestId } = await fuzzer.nextTask()
  fuzzer.sendRaw(`{"type":"task-response","requestId":"${requestId}","response":${lists}}`)
  expect(await answer).toMatchObject({ status: 502, body: { code: 'bad_response' } })
  await expectWell(hub, agent)
})

test('numbers that JavaScript cannot hold are refused or rounded, never believed', async () => {
  await using hub = await startHub()
  await using agent = await healthy(hub)
  for (const number of ['1e400', '-1e400', '9'.repeat(400), '0.1e-999', '1e3.5']) {
    const body = `{"agent":"healthy","message":"x","timeoutMs":${number}}`
    expect((await hub.call('POST', '/task', { body })).status, number).toBe(400)
  }
  await expectWell(hub, agent)
})

const broken: [string, number, RawFrame[]][] = [
  ['an unmasked frame', 1002, [{ opcode: TEXT, payload: '{}', isMasked: false }]],
  ['a reserved opcode', 1002, [{ opcode: 3, payload: 'x' }]],
  ['a reserved bit', 1002, [{ opcode: TEXT, payload: 'x', reserved: 4 }]],
  ['a control frame of 126 bytes', 1002, [{ opcode: 9, payload: 'x'.repeat(126) }]],
  ['a control frame in pieces', 1002, [{ opcode: 9, payload: 'x', isFinal: false }]],
  ['a continuation of nothing', 1002, [{ opcode: 0, payload: 'x' }]],
  [
    'a message within a message',
    1002,
    [
      { opcode: TEXT, payload: '{', isFinal: false },
      { opcode: TEXT, payload: '}' },
    ],
  ],
  ['text that is no UTF-8', 1007, [{ opcode: TEXT, payload: Buffer.from([0xff, 0xfe]) }]],
  ['a close frame with half a code', 1002, [{ opcode: 8, payload: 'x' }]],
  ['a close frame with a forbidden code', 1002, [{ opcode: 8, payload: Buffer.from([0x03, 0xed]) }]],
  ['a frame that claims 2^62 bytes', 1009, [{ opcode: BINARY, claimedBytes: 2 ** 52 }]],
]
test.each(broken)('%s ends the socket with %i', async (_what, code, frames) => {
  await using hub = await startHub()
  await using agent = await healthy(hub)
  await using raw = await upgradeRaw(hub)
  const register = JSON.stringify({ type: 'register', name: 'raw', secret: hub.secret })
  raw.write(rawFrame({ opcode: TEXT, payload: register }))
  await raw.until(/registered/)
  for (const frame of frames) raw.write(rawFrame(frame))
  await raw.until(closeCodeText(code))
  await hub.event('session.closed')
  await expectWell(hub, agent)
})

test('a frame in single bytes, with pings between the pieces, is heard', async () => {
  await using hub = await startHub()
  await using raw = await upgradeRaw(hub)
  const register = JSON.stringify({ type: 'register', name: 'raw', secret: hub.secret })
  ;[...register].forEach((char, at, all) => {
    raw.write(rawFrame({ opcode: at === 0 ? TEXT : 0, payload: char, isFinal: at === all.length - 1 }))
    if (at % 50 === 0) raw.write(rawFrame({ opcode: 9, payload: `${at}` }))
  })
  await raw.until(/registered/)
})

test('a million pieces of one frame do not hold up anybody', async () => {
  await using hub = await startHub()
  await using agent = await healthy(hub)
  await using raw = await upgradeRaw(hub)
  raw.write(rawFrame({ opcode: TEXT, payload: JSON.stringify({ type: 'register', name: 'raw', secret: hub.secret }) }))
  await raw.until(/registered/)
  raw.write(rawFrame({ opcode: TEXT, payload: '', isFinal: false }))
  const pieces = Buffer.concat(Array<Buffer>(10_000).fill(rawFrame({ opcode: 0, payload: '', isFinal: false })))
  for (let at = 0; at < 100; at++) raw.write(pieces)
  await expectWell(hub, agent)
  await hub.event('session.closed')
})

test('a thousand sockets that never register leave room for an agent', async () => {
  await using hub = await startHub(FLOODABLE)
  const silent: Peer[] = []
  for (let round = 0; round < 10; round++) {
    silent.push(...(await Promise.all(Array.from({ length: 100 }, () => dial(hub)))))
  }
  await using agent = await healthy(hub)
  await expectWell(hub, agent)
  expect((await hub.get('/agents')).body).toMatchObject({ agents: [{ name: 'healthy' }] })
  await Promise.all(silent.map((peer) => peer.crash()))
})

test('connections that send half a request or nothing leave room for callers', async () => {
  await using hub = await startHub(FLOODABLE)
  await using agent = await healthy(hub)
  const halves = await Promise.all(Array.from({ length: 300 }, () => openRaw(hub)))
  const starts = [
    '',
    'G',
    'GET / HTTP/1.1\r\nHost: h\r\nX: ',
    'POST /task HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\n{',
  ]
  for (const [at, raw] of halves.entries()) raw.write(starts[at % starts.length] ?? '')
  await expectWell(hub, agent)
  await Promise.all(halves.map((raw) => raw[Symbol.asyncDispose]()))
})
