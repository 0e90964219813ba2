import { expect, test } from 'vitest'
import { connect, dial } from '../helpers/peer.ts'
import { openRaw } from '../helpers/raw-socket.ts'
import { startHub } from '../helpers/start-hub.ts'

const upgradeHead = (method: string, path: string) =>
  `${method} ${path} HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`

const PAGE = 'https://console.example'
const LISTED = { env: { HUB_ALLOWED_ORIGINS: `${PAGE}, http://localhost:3000` } }

test('OPTIONS is 204 without credentials, with CORS headers only for a listed origin', async () => {
  await using hub = await startHub(LISTED)
  for (const path of ['/task', '/broadcast', '/agents', '/health', '/task/?x=1']) {
    const ask = (origin: string) =>
      hub.callBare('OPTIONS', path, { headers: { origin, 'access-control-request-method': 'POST' } })
    for (const origin of [PAGE, 'http://localhost:3000']) {
      const { status, headers, text } = await ask(origin)
      expect({ status, text }, path).toEqual({ status: 204, text: '' })
      expect(headers).toMatchObject({ 'access-control-allow-origin': origin, vary: expect.stringMatching(/origin/i) })
      expect(headers['access-control-allow-headers']?.toLowerCase()).toContain('authorization')
      expect(headers['access-control-allow-headers']?.toLowerCase()).toContain('content-type')
    }
    for (const origin of [
      'https://evil.example',
      'null',
      'http://console.example',
      `${PAGE}.evil.example`,
      `${PAGE}:8443`,
    ]) {
      const { status, headers } = await ask(origin)
      expect(status).toBe(204)
      expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([])
    }
  }
})

test('answers and refusals carry CORS headers for a listed origin, so that a page can read them', async () => {
  await using hub = await startHub(LISTED)
  await using agent = await connect(hub, { name: 'a' })
  const headers = { origin: PAGE }
  const running = hub.post('/task', { agent: 'a', message: 'x' }, { headers })
  agent.reply(await agent.nextTask(), 'done')
  const answers = [
    await running,
    await hub.call('GET', '/agents', { headers }),
    await hub.callBare('GET', '/agents', { headers }),
    await hub.post('/task', {}, { headers }),
    await hub.post('/task', { agent: 'b', message: 'x' }, { headers }),
    await hub.call('GET', '/nowhere', { headers }),
    await hub.call('GET', '/task', { headers }),
    await hub.post('/task', 'x'.repeat(2_000_000), { headers }),
  ]
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 401, 400, 404, 404, 405, 413])
  for (const answer of answers) {
    expect(answer.headers).toMatchObject({
      'access-control-allow-origin': PAGE,
      vary: expect.stringMatching(/origin/i),
    })
  }
})

test('nothing is said about CORS to an origin that is not listed, or when none is', async () => {
  for (const options of [LISTED, {}]) {
    await using hub = await startHub(options)
    const { status, headers } = await hub.call('GET', '/agents', { headers: { origin: 'https://evil.example' } })
    expect(status).toBe(200)
    expect(headers['access-control-allow-origin']).toBeUndefined()
  }
})

test('an upgrade without Origin passes, one from the same host and port too, and a listed one', async () => {
  await using hub = await startHub(LISTED)
  for (const origin of [undefined, hub.url, PAGE, `${PAGE}/`, 'HTTPS://CONSOLE.EXAMPLE']) {
    await using agent = await connect(hub, { name: 'a' }, { headers: origin === undefined ? {} : { origin } })
    await agent.settle()
  }
  const host = `hub.example:${hub.port}`
  await using _named = await dial(hub, { headers: { host, origin: `http://${host}` } })
})

test('an upgrade from any other Origin is 403', async () => {
  await using hub = await startHub()
  const other = [
    'https://evil.example',
    'null',
    '',
    `http://127.0.0.1:${hub.port + 1}`,
    'http://127.0.0.1',
    'file://',
    'x',
  ]
  for (const origin of [...other, `http://localhost:${hub.port}`, `${hub.url}.evil.example`]) {
    await expect(dial(hub, { headers: { origin } }), origin).rejects.toThrow('403')
  }
  await using raw = await openRaw(hub)
  const key = 'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=='
  raw.write(
    `GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nOrigin: https://evil.example\r\n${key}\r\n\r\n`,
  )
  const answer = await raw.until(/forbidden/)
  expect(answer).toMatch(/^HTTP\/1\.1 403 /)
  expect(answer).toContain('application/problem+json')
})

test('an upgrade on a REST route is refused, however it is written, and shows nothing', async () => {
  await using hub = await startHub()
  await using _agent = await connect(hub, { name: 'secretly-here' })
  for (const path of [
    '/task',
    '/agents',
    '/health',
    '/agents/',
    '/agents?x',
    '/%61gents',
    '/%61gents/',
    '/broadcast',
  ]) {
    await using raw = await openRaw(hub)
    raw.write(upgradeHead('GET', path))
    const answer = await raw.until(/\r\n\r\n.*\}/s)
    expect(answer, path).toMatch(/^HTTP\/1\.1 4\d\d /)
    expect(answer).not.toContain('secretly-here')
  }
})

test.each([
  ['GET', '/agents'],
  ['GET', '/%61gents'],
  ['POST', '/task'],
  ['POST', '/nowhere'],
  ['PUT', '/'],
  ['GET', '/task'],
  ['GET', '/health'],
  ['GET', '/%ff'],
  ['OPTIONS', '/agents'],
  ['HEAD', '/'],
])('a refused upgrade (%s %s) leaves no connection behind', async (method, path) => {
  await using hub = await startHub()
  await using raw = await openRaw(hub)
  raw.write(upgradeHead(method, path))
  expect(await raw.untilClosed(3_000)).toMatch(/^HTTP\/1\.1 [24]\d\d /)
})

test('an upgrade request that is none is refused with a 4xx and leaves the hub well', async () => {
  await using hub = await startHub()
  const base = 'GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n'
  for (const rest of [
    '',
    'Sec-WebSocket-Version: 13\r\n',
    'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n',
    'Sec-WebSocket-Version: 99\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n',
    'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: short\r\n',
  ]) {
    await using raw = await openRaw(hub)
    raw.write(`${base}${rest}\r\n`)
    expect(await raw.untilClosed()).toMatch(/^HTTP\/1\.1 4\d\d /)
  }
  expect((await hub.get('/health')).status).toBe(200)
})
