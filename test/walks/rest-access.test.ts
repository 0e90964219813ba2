import { expect, test } from 'vitest'
import { connect, greet } from '../helpers/peer.ts'
import { startHub, type TestHub } from '../helpers/start-hub.ts'

const agentsAs = (hub: TestHub, authorization: string | undefined, more: Record<string, string> = {}) =>
  hub.callBare('GET', '/agents', { headers: { ...(authorization === undefined ? {} : { authorization }), ...more } })

const failTimes = async (hub: TestHub, times: number, more: Record<string, string> = {}) => {
  for (let at = 0; at < times; at++) expect((await agentsAs(hub, `Bearer wrong-${at}`, more)).status).toBe(401)
}

test('every route but health and ready asks for the secret, and says how', async () => {
  await using hub = await startHub()
  for (const [method, path] of [
    ['GET', '/agents'],
    ['HEAD', '/agents'],
    ['POST', '/task'],
    ['POST', '/broadcast'],
    ['GET', '/agents/'],
    ['GET', '/%61gents'],
  ] as const) {
    const answer = await hub.callBare(method, path, method === 'POST' ? { body: { message: 'x' } } : {})
    expect(answer.status, `${method} ${path}`).toBe(401)
    expect(answer.headers['www-authenticate']).toBe('Bearer')
    if (method !== 'HEAD') expect(answer.body).toMatchObject({ code: 'unauthorized', status: 401 })
  }
  for (const path of ['/health', '/ready']) expect((await hub.callBare('GET', path)).status).toBe(200)
})

test('the scheme may be written in any case', async () => {
  await using hub = await startHub()
  for (const scheme of ['Bearer', 'bearer', 'BEARER', 'bEaReR']) {
    expect(await agentsAs(hub, `${scheme} ${hub.secret}`)).toMatchObject({ status: 200 })
  }
})

test('anything but the whole secret under that scheme is refused', async () => {
  await using hub = await startHub()
  const { secret } = hub
  const wrong = [undefined, '', 'Bearer', 'Bearer ', secret, `Basic ${secret}`, `Bearer${secret}`, `Token ${secret}`]
  for (const header of [...wrong, `Bearer "${secret}"`, `Bearer ${secret}x`, `Bearer ${secret.slice(1)}`]) {
    expect((await agentsAs(hub, header)).status, header).toBe(401)
  }
  expect((await hub.callBare('GET', `/agents?secret=${secret}&access_token=${secret}`)).status).toBe(401)
})

test('after ten wrong secrets further wrong ones get 429 with Retry-After, and right ones pass, for 60 s', async () => {
  await using hub = await startHub()
  await failTimes(hub, 10)
  const locked = await agentsAs(hub, 'Bearer wrong')
  expect(locked).toMatchObject({ status: 429, body: { code: 'rate_limited', status: 429 } })
  expect(Number(locked.headers['retry-after'])).toBe(60)
  expect((await hub.get('/agents')).status).toBe(200)
  hub.clock.time += 30_000
  expect((await agentsAs(hub, 'Bearer wrong')).headers['retry-after']).toBe('30')
  hub.clock.time += 29_999
  expect((await agentsAs(hub, 'Bearer wrong')).status).toBe(429)
  hub.clock.time += 1
  await failTimes(hub, 10)
  expect((await agentsAs(hub, 'Bearer wrong')).status).toBe(429)
})

test('a missing header does not count, and ten failures in more than a minute lock nobody', async () => {
  await using hub = await startHub()
  for (let at = 0; at < 20; at++) expect((await agentsAs(hub, undefined)).status).toBe(401)
  await failTimes(hub, 9)
  hub.clock.time += 60_000
  await failTimes(hub, 9)
  expect((await agentsAs(hub, undefined)).status).toBe(401)
  await failTimes(hub, 1)
  expect((await agentsAs(hub, 'Bearer wrong')).status).toBe(429)
})

test('wrong secrets over REST and WebSocket are counted together', async () => {
  await using hub = await startHub()
  await failTimes(hub, 5)
  for (let at = 0; at < 5; at++) {
    const { peer } = await greet(hub, { name: 'a', secret: 'wrong' })
    expect(await peer.end()).toMatchObject({ code: 4003 })
  }
  expect((await agentsAs(hub, 'Bearer wrong')).status).toBe(429)
  const { peer } = await greet(hub, { name: 'a', secret: 'wrong' })
  expect(await peer.end()).toMatchObject({ code: 4006 })
})

test('X-Forwarded-For is ignored unless the peer is a trusted proxy', async () => {
  await using hub = await startHub()
  for (let at = 0; at < 10; at++) {
    expect((await agentsAs(hub, 'Bearer wrong', { 'x-forwarded-for': `203.0.113.${at}` })).status).toBe(401)
  }
  expect((await agentsAs(hub, 'Bearer wrong', { 'x-forwarded-for': '203.0.113.99' })).status).toBe(429)
})

test.each([
  ['IPv4 addresses', ['203.0.113.1', '203.0.113.2']],
  ['IPv6 addresses of two /64', ['2001:db8:0:1::1', '2001:db8:0:2::1']],
])('behind a trusted proxy %s are counted apart', async (_what, [one = '', other = '']) => {
  await using hub = await startHub({ env: { HUB_TRUST_PROXY: '127.0.0.0/8' } })
  await failTimes(hub, 10, { 'x-forwarded-for': one })
  expect((await agentsAs(hub, 'Bearer wrong', { 'x-forwarded-for': one })).status).toBe(429)
  expect((await agentsAs(hub, 'Bearer wrong', { 'x-forwarded-for': other })).status).toBe(401)
})

test('behind a trusted proxy IPv6 addresses of one /64 are counted together, however they are written', async () => {
  await using hub = await startHub({ env: { HUB_TRUST_PROXY: '127.0.0.1' } })
  for (const address of [
    '2001:db8::1',
    '2001:DB8:0:0::2',
    '2001:0db8:0000:0000:ffff:1:2:3',
    '2001:db8:0:0:1::',
    '2001:db8::',
  ]) {
    await failTimes(hub, 2, { 'x-forwarded-for': address })
  }
  expect((await agentsAs(hub, 'Bearer wrong', { 'x-forwarded-for': '2001:db8::abcd' })).status).toBe(429)
  expect((await agentsAs(hub, 'Bearer wrong', { 'x-forwarded-for': '2001:db8:0:1::' })).status).toBe(401)
})

test('a client cannot put a false address before the one that its proxy adds', async () => {
  await using hub = await startHub({ env: { HUB_TRUST_PROXY: '127.0.0.1' } })
  for (let at = 0; at < 10; at++) {
    expect((await agentsAs(hub, 'Bearer wrong', { 'x-forwarded-for': `198.51.100.${at}, 203.0.113.1` })).status).toBe(
      401,
    )
  }
  expect((await agentsAs(hub, 'Bearer wrong', { 'x-forwarded-for': '198.51.100.77, 203.0.113.1' })).status).toBe(429)
})

test('sockets behind a trusted proxy are counted by their own address', async () => {
  await using hub = await startHub({ env: { HUB_TRUST_PROXY: '127.0.0.1', HUB_MAX_PER_IP: '1' } })
  const from = (address: string) => ({ headers: { 'x-forwarded-for': address } })
  await using _one = await connect(hub, { name: 'a' }, from('203.0.113.1'))
  await using _two = await connect(hub, { name: 'a' }, from('203.0.113.2'))
  await using _three = await connect(hub, { name: 'a' }, from('2001:db8::1'))
  for (const address of ['203.0.113.1', '2001:db8::2']) {
    await expect(connect(hub, { name: 'a' }, from(address))).rejects.toThrow('4005')
  }
})

test('without a secret web pages elsewhere, by Origin or by a name made to point here, are refused', async () => {
  await using hub = await startHub({ env: { HUB_SECRET: '' } })
  const call = (headers: Record<string, string>) => hub.callBare('GET', '/agents', { headers })
  expect((await call({})).status).toBe(200)
  expect((await call({ host: `localhost:${hub.port}` })).status).toBe(200)
  expect(await call({ origin: 'https://evil.example' })).toMatchObject({ status: 403, body: { code: 'forbidden' } })
  expect((await call({ host: `evil.example:${hub.port}` })).status).toBe(403)
})
