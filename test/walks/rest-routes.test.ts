import { expect, test } from 'vitest'
import { connect } from '../helpers/peer.ts'
import { openRaw } from '../helpers/raw-socket.ts'
import { startHub, type TestHub } from '../helpers/start-hub.ts'

const PROBLEM = 'application/problem+json'

test('health is public and tells status, agents, uptime and version', async () => {
  await using hub = await startHub()
  await using _one = await connect(hub, { name: 'a' })
  await using _two = await connect(hub, { name: 'a' })
  hub.clock.time += 61_900
  const { status, headers, body } = await hub.callBare('GET', '/health')
  expect(status).toBe(200)
  expect(headers['content-type']).toMatch(/^application\/json/)
  expect(body).toMatchObject({ status: 'ok', agents: 2, uptime: 61, version: expect.stringMatching(/^\d+\.\d+\.\d+/) })
})

test('a draining hub is neither healthy nor ready', async () => {
  await using hub = await startHub({ env: { HUB_DRAIN_MS: '5000' } })
  const agent = await connect(hub, { name: 'a' })
  const running = hub.post('/task', { agent: 'a', message: 'x' })
  const task = await agent.nextTask()
  const drained = hub.drain()
  expect(await hub.callBare('GET', '/health')).toMatchObject({ status: 503, body: { status: 'draining' } })
  expect(await hub.callBare('GET', '/ready')).toMatchObject({ status: 503 })
  for (const [path, body] of [
    ['/task', { agent: 'a', message: 'x' }],
    ['/broadcast', { message: 'x' }],
  ] as const) {
    const refused = await hub.post(path, body)
    expect(refused).toMatchObject({ status: 503, body: { code: 'hub_draining' } })
    expect(Number(refused.headers['retry-after'])).toBeGreaterThanOrEqual(1)
  }
  await expect(connect(hub, { name: 'b' })).rejects.toThrow()
  agent.reply(task, 'done')
  expect(await running).toMatchObject({ status: 200, body: { response: 'done' } })
  await drained
})

test('a query and a trailing slash do not matter', async () => {
  await using hub = await startHub()
  await using agent = await connect(hub, { name: 'a' })
  for (const path of ['/health', '/ready', '/agents']) {
    for (const end of ['/', '?x=1', '/?x=1&y=/', '?'])
      expect((await hub.get(`${path}${end}`)).status, path + end).toBe(200)
  }
  for (const path of ['/task/', '/task?agent=b', '/task/?x']) {
    const answer = hub.post(path, { agent: 'a', message: 'x' })
    agent.reply(await agent.nextTask(), 'done')
    expect((await answer).status).toBe(200)
  }
})

test('HEAD is GET without the body', async () => {
  await using hub = await startHub()
  for (const path of ['/health', '/ready', '/agents', '/health/?x=1']) {
    const [get, head] = [await hub.get(path), await hub.call('HEAD', path)]
    expect(head.status).toBe(get.status)
    expect(head.text).toBe('')
    expect(head.headers['content-type']).toBe(get.headers['content-type'])
  }
  expect((await hub.call('HEAD', '/nowhere')).status).toBe(404)
})

test('another method of a known path is 405 with Allow, with or without credentials', async () => {
  await using hub = await startHub()
  const wrong: [string, string, string[]][] = [
    ['GET', '/task', ['POST']],
    ['HEAD', '/task', ['POST']],
    ['PUT', '/task', ['POST']],
    ['GET', '/broadcast/', ['POST']],
    ['DELETE', '/broadcast?x', ['POST']],
    ['POST', '/health', ['GET', 'HEAD']],
    ['PATCH', '/ready', ['GET', 'HEAD']],
    ['POST', '/agents', ['GET', 'HEAD']],
    ['DELETE', '/agents/', ['GET', 'HEAD']],
    ['PROPFIND', '/agents', ['GET', 'HEAD']],
    ['QUERY', '/task', ['POST']],
  ]
  for (const [method, path, methods] of wrong) {
    for (const answer of [await hub.call(method, path), await hub.callBare(method, path)]) {
      expect(answer.status, `${method} ${path}`).toBe(405)
      expect(answer.headers['allow']?.split(', ')).toEqual(expect.arrayContaining(methods))
      if (method !== 'HEAD') expect(answer.body).toMatchObject({ code: 'method_not_allowed', status: 405 })
    }
  }
})

test('an unknown path is 404 with every method, with or without credentials', async () => {
  await using hub = await startHub()
  const paths = [
    '/',
    '/nowhere',
    '/healthy',
    '/HEALTH',
    '/task/x',
    '//health',
    '/agents/a',

    '/__proto__',
    '/constructor',
    '/%00',
    '/.env',
  ]
  for (const path of paths) {
    for (const method of ['GET', 'POST', 'DELETE', 'PUT', 'PATCH']) {
      for (const answer of [await hub.call(method, path), await hub.callBare(method, path)]) {
        expect(answer, `${method} ${path}`).toMatchObject({ status: 404, body: { code: 'not_found', status: 404 } })
        expect(answer.headers['content-type']).toContain(PROBLEM)
      }
    }
  }
})

test('a URL that cannot be decoded is refused as a problem', async () => {
  await using hub = await startHub()
  for (const path of ['/%', '/%ff', '/health%', '/%c0%ae']) {
    const answer = await hub.get(path)
    expect([400, 404], path).toContain(answer.status)
    expect(answer.headers['content-type']).toContain(PROBLEM)
  }
})

const shapes: [string, string, number, (hub: TestHub) => ReturnType<TestHub['call']>][] = [
  ['unauthorized', 'a wrong secret', 401, (hub) => hub.callBare('GET', '/agents')],
  ['bad_json', 'no JSON', 400, (hub) => hub.call('POST', '/task', { body: '{' })],
  ['bad_request', 'a wrong body', 400, (hub) => hub.post('/task', {})],
  ['not_found', 'no path', 404, (hub) => hub.get('/nowhere')],
  ['method_not_allowed', 'a wrong method', 405, (hub) => hub.get('/task')],
  ['payload_too_large', 'a large body', 413, (hub) => hub.post('/task', 'x'.repeat(2_000_000))],
  [
    'unsupported_media_type',
    'text',
    415,
    (hub) => hub.post('/task', 'x', { headers: { 'content-type': 'text/plain' } }),
  ],
  ['agent_not_found', 'no agent', 404, (hub) => hub.post('/task', { agent: 'a', message: 'x' })],
  ['no_agent_with_skill', 'no skill', 404, (hub) => hub.post('/task', { skill: 's', message: 'x' })],
  ['loop_detected', 'a loop', 400, (hub) => hub.post('/task', { agent: 'a', message: 'x', hops: 9 })],
]
test.each(shapes)('%s is a problem document with all its members (%s)', async (code, _what, status, call) => {
  await using hub = await startHub()
  const { headers, body, ...answer } = await call(hub)
  expect(answer.status).toBe(status)
  expect(headers['content-type']).toContain(PROBLEM)
  expect(body).toMatchObject({ type: expect.any(String), title: expect.any(String), status, code })
  expect(body?.['detail']).toEqual(expect.stringMatching(/\w/))
  expect(body?.['error']).toBe(body?.['detail'])
})

test('what is no HTTP gets a 400 problem, and a head above the limit 431', async () => {
  await using hub = await startHub()
  for (const [text, status] of [
    ['hello\r\n\r\n', 400],
    ['GET / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n', 400],
    ['POST /task HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n', 400],
    [`GET /health HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
  ] as const) {
    await using raw = await openRaw(hub)
    raw.write(text)
    const answer = await raw.untilClosed()
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    expect(answer).toContain(PROBLEM)
  }
})

test('a REST call that offers another protocol for later, as some clients always do, gets its answer', async () => {
  await using hub = await startHub()
  await using agent = await connect(hub, { name: 'a' })
  const headers = {
    connection: 'Upgrade, HTTP2-Settings',
    upgrade: 'h2c',
    'http2-settings': 'AAMAAABkAAQAoAAAAAIAAAAA',
  }
  expect((await hub.call('GET', '/health', { headers })).status).toBe(200)
  const answer = hub.post('/task', { agent: 'a', message: 'x' }, { headers })
  agent.reply(await agent.nextTask(), 'done')
  expect((await answer).status).toBe(200)
})
