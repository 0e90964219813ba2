import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { connect } from '../helpers/peer.ts'
import { openRaw } from '../helpers/raw-socket.ts'
import { startHub, type TestHub } from '../helpers/start-hub.ts'

const MIB = 1_048_576
const TASK = { agent: 'a', message: 'x' }

const withSize = (bytes: number) => {
  const empty = JSON.stringify({ agent: 'a', message: '' })
  return empty.replace('""', `"${'x'.repeat(bytes - empty.length)}"`)
}

const head = (hub: TestHub, lines: readonly string[]) =>
  [`POST /task HTTP/1.1`, `Host: h`, `Authorization: Bearer ${hub.secret}`, ...lines, '', ''].join('\r\n')

test('a body of the limit is read, one byte more is 413', async () => {
  await using hub = await startHub()
  await using agent = await connect(hub, { name: 'a' })
  const answer = hub.post('/task', withSize(MIB))
  agent.reply(await agent.nextTask(), 'read')
  expect(await answer).toMatchObject({ status: 200 })
  for (const headers of [{}, { 'transfer-encoding': 'chunked', 'content-length': [] }]) {
    const refused = await hub.post('/task', withSize(MIB + 1), { headers })
    expect(refused).toMatchObject({ status: 413, body: { code: 'payload_too_large', success: false } })
  }
})

test('the body limit is HUB_MAX_PAYLOAD', async () => {
  await using hub = await startHub({ env: { HUB_MAX_PAYLOAD: '65536' } })
  expect((await hub.post('/task', withSize(65_536))).status).toBe(404)
  expect((await hub.post('/task', withSize(65_537))).status).toBe(413)
  expect((await hub.post('/broadcast', withSize(65_537))).status).toBe(413)
})

test('413 reaches a client that goes on writing 20 MB of a known length', async () => {
  await using hub = await startHub()
  await using raw = await openRaw(hub)
  raw.write(head(hub, [`Content-Length: ${20 * MIB}`]))
  for (let at = 0; at < 20; at++) await raw.push(Buffer.alloc(MIB, 'x'))
  expect(await raw.until(/payload_too_large/)).toMatch(/^HTTP\/1\.1 413 /)
})

test('413 reaches a client that goes on writing 20 MB in chunks', async () => {
  await using hub = await startHub()
  await using raw = await openRaw(hub)
  raw.write(head(hub, ['Transfer-Encoding: chunked']))
  for (let at = 0; at < 20; at++)
    await raw.push(Buffer.concat([Buffer.from('100000\r\n'), Buffer.alloc(MIB, 'x'), Buffer.from('\r\n')]))
  await raw.push('0\r\n\r\n')
  expect(await raw.until(/payload_too_large/)).toMatch(/^HTTP\/1\.1 413 /)
})

test('413 also reaches a client that reads only when it has written all of 10 MB', async () => {
  await using hub = await startHub()
  for (const framing of [`Content-Length: ${10 * MIB}`, 'Transfer-Encoding: chunked']) {
    await using raw = await openRaw(hub)
    raw.tcp.pause()
    raw.write(head(hub, [framing]))
    for (let at = 0; at < 10; at++) {
      const bytes = Buffer.alloc(MIB, 'x')
      const isChunked = framing.startsWith('T')
      const piece = isChunked ? Buffer.concat([Buffer.from('100000\r\n'), bytes, Buffer.from('\r\n')]) : bytes
      expect(await raw.push(piece)).toBe(true)
    }
    raw.tcp.resume()
    expect(await raw.until(/payload_too_large/)).toMatch(/^HTTP\/1\.1 413 /)
  }
})

test('after a refused body the connection serves the next request', async () => {
  await using hub = await startHub()
  await using raw = await openRaw(hub)
  raw.write(head(hub, [`Content-Length: ${2 * MIB}`]))
  await raw.push(Buffer.alloc(2 * MIB, 'x'))
  await raw.until(/payload_too_large/)
  raw.write('GET /health HTTP/1.1\r\nHost: h\r\n\r\n')
  await raw.until(/"status":"ok"/)
})

test.each(['gzip', 'deflate', 'br', 'zstd', 'GZIP', 'gzip, identity', 'nonsense'])(
  'a body in %s is 415',
  async (encoding) => {
    await using hub = await startHub()
    const refused = await hub.post('/task', gzipSync(JSON.stringify(TASK)), {
      headers: { 'content-encoding': encoding, 'content-type': 'application/json' },
    })
    expect(refused).toMatchObject({ status: 415, body: { code: 'unsupported_media_type', success: false } })
  },
)

test('a large compressed body is 415 as well, and received', async () => {
  await using hub = await startHub()
  await using raw = await openRaw(hub)
  raw.write(head(hub, ['Content-Type: application/json', 'Content-Encoding: gzip', `Content-Length: ${4 * MIB}`]))
  for (let at = 0; at < 4; at++) await raw.push(Buffer.alloc(MIB, 'x'))
  expect(await raw.until(/unsupported_media_type/)).toMatch(/^HTTP\/1\.1 415 /)
})

test.each([
  'application/json',
  'application/json; charset=utf-8',
  'APPLICATION/JSON',
  'application/vnd.api+json',
  'application/problem+json;charset=utf-8',
  undefined,
])('a body of type %s is read as JSON', async (type) => {
  await using hub = await startHub()
  const answer = await hub.call('POST', '/task', {
    body: JSON.stringify(TASK),
    headers: { ...(type === undefined ? {} : { 'content-type': type }), 'content-encoding': 'identity' },
  })
  expect(answer).toMatchObject({ status: 404, body: { code: 'agent_not_found' } })
})

test.each([
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'application/jsonx',
  'text/json+x',
  'garbage',
  ';',
  'application/',
  '/json',
  '*/*',
  '+json',
  'a, b',
])('a body of type %s is 415', async (type) => {
  await using hub = await startHub()
  for (const path of ['/task', '/broadcast']) {
    const answer = await hub.call('POST', path, { body: JSON.stringify(TASK), headers: { 'content-type': type } })
    expect(answer).toMatchObject({ status: 415, body: { code: 'unsupported_media_type', status: 415 } })
  }
  expect(hub.events.filter(({ type: kind }) => kind === 'internal.error')).toEqual([])
})

test('an empty body is 400 bad_request', async () => {
  await using hub = await startHub()
  for (const path of ['/task', '/broadcast']) {
    for (const headers of [{}, { 'content-type': 'application/json' }, { 'transfer-encoding': 'chunked' }]) {
      expect(await hub.call('POST', path, { headers })).toMatchObject({ status: 400, body: { code: 'bad_request' } })
    }
    expect(await hub.call('POST', path, { body: '', headers: { 'content-type': 'application/json' } })).toMatchObject({
      status: 400,
    })
  }
})

test('what is no JSON is 400 bad_json, and JSON that is no object 400 bad_request', async () => {
  await using hub = await startHub()
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
  const deepMember = `{"agent":"a","message":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}}`
  for (const text of ['{', '{"a":}', "{'a':1}", 'agent=a', '{"agent":"a"}}', '\u0000', '{"agent":"a",}', '[']) {
    expect(await hub.call('POST', '/task', { body: text }), text).toMatchObject({
      status: 400,
      body: { code: 'bad_json' },
    })
  }
  for (const text of ['null', '[]', '7', '"x"', 'true', '[{"agent":"a","message":"x"}]', deep, deepMember, '1e999']) {
    const answer = await hub.call('POST', '/task', { body: text })
    expect(answer, text.slice(0, 40)).toMatchObject({ status: 400, body: { code: 'bad_request', success: false } })
  }
})

test('a caller that breaks off in the middle of its body leaves the hub well', async () => {
  await using hub = await startHub()
  for (const framing of ['Content-Length: 1000', 'Transfer-Encoding: chunked']) {
    await using raw = await openRaw(hub)
    await raw.push(head(hub, [framing]))
    await raw.push('64\r\n{"agent":')
    raw.tcp.resetAndDestroy()
  }
  expect((await hub.get('/health')).status).toBe(200)
  expect(hub.events.filter(({ type }) => type === 'internal.error')).toEqual([])
})
