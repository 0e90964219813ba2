import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { startHubProcess } from '../helpers/hub-process.ts'
import { connect } from '../helpers/peer.ts'
import { openRaw } from '../helpers/raw-socket.ts'

const CERT = fileURLToPath(new URL('fixtures/test-only-cert.pem', import.meta.url))
const KEY = fileURLToPath(new URL('fixtures/test-only-key.pem', import.meta.url))

test('SIGTERM: nothing new is taken, what runs is finished, all are told, exit 0', async () => {
  await using hub = await startHubProcess()
  await using agent = await connect(hub, { name: 'a' })
  await using young = await connect(hub, { name: 'b', protocol: 2, instanceId: 'i' })
  const running = hub.call('POST', '/task', { body: { agent: 'a', message: 'x' } })
  const task = await agent.nextTask()
  hub.signal('SIGTERM')
  await agent.nextEvent('hub-shutdown')
  expect(await hub.call('GET', '/ready')).toMatchObject({ status: 503 })
  expect(await hub.call('GET', '/health')).toMatchObject({ status: 503, body: { status: 'draining' } })
  const refused = await hub.call('POST', '/task', { body: { agent: 'a', message: 'x' } })
  expect(refused).toMatchObject({ status: 503, body: { code: 'hub_draining' } })
  expect(Number(refused.headers['retry-after'])).toBeGreaterThanOrEqual(1)
  agent.reply(task, 'done')
  expect(await running).toMatchObject({ status: 200, body: { response: 'done' } })
  for (const peer of [agent, young]) expect(await peer.end()).toMatchObject({ code: 1001 })
  expect(await hub.end()).toMatchObject({ code: 0, signal: null })
})

test('a task that takes longer than HUB_DRAIN_MS ends with the drain', async () => {
  await using hub = await startHubProcess({ HUB_DRAIN_MS: '300' })
  await using agent = await connect(hub, { name: 'a', protocol: 2 })
  const running = hub.call('POST', '/task', { body: { agent: 'a', message: 'x' } })
  const task = await agent.nextTask()
  hub.signal('SIGTERM')
  expect(await running).toMatchObject({ status: 503, body: { code: 'hub_draining', success: false } })
  expect(await agent.next('task-cancel')).toMatchObject({ requestId: task.requestId })
  expect(await agent.end()).toMatchObject({ code: 1001 })
  expect(await hub.end()).toMatchObject({ code: 0 })
})

test('a second SIGINT ends the process at once with exit 1', async () => {
  await using hub = await startHubProcess({ HUB_DRAIN_MS: '60000' })
  await using agent = await connect(hub, { name: 'a' })
  const running = hub.call('POST', '/task', { body: { agent: 'a', message: 'x' } }).catch(() => undefined)
  await agent.nextTask()
  hub.signal('SIGINT')
  await agent.nextEvent('hub-shutdown')
  // What a terminal sends twice for one Ctrl-C counts once, so this goes on until it is understood as a second wish
  const asking = setInterval(() => hub.signal('SIGINT'), 100)
  expect(await hub.end(3_000)).toMatchObject({ code: 1 })
  clearInterval(asking)
  await running
})

test('connections that say nothing, half a request or no more do not keep the process from ending', async () => {
  await using hub = await startHubProcess()
  await using agent = await connect(hub, { name: 'a' })
  agent.socket.pause()
  const starts = [
    '',
    'GET /hea',
    'POST /task HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n{',
    'GET /health HTTP/1.1\r\nHost: h\r\n\r\n',
  ]
  const upgrade = 'GET /agents HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'
  const raws = await Promise.all([...starts, upgrade].map(() => openRaw(hub)))
  for (const [at, raw] of raws.entries()) await raw.push([...starts, upgrade][at] ?? '')
  await raws[3]?.until(/"status"/)
  await raws[4]?.until(/HTTP\/1\.1 4/)
  hub.signal('SIGTERM')
  expect(await hub.end(6_000)).toMatchObject({ code: 0 })
  for (const raw of raws) await raw[Symbol.asyncDispose]()
})

test('with a certificate the hub speaks https and wss, and a task passes', async () => {
  await using hub = await startHubProcess({ TLS_CERT_PATH: CERT, TLS_KEY_PATH: KEY })
  expect(hub.url).toMatch(/^https:/)
  const ca = readFileSync(CERT, 'utf8')
  await using agent = await connect(hub, { name: 'a' }, { socket: { ca } })
  const answer = hub.call('POST', '/task', { body: { agent: 'a', message: 'x' }, ca })
  agent.reply(await agent.nextTask(), 'sealed')
  expect(await answer).toMatchObject({ status: 200, body: { response: 'sealed' } })
  await using plain = await openRaw(hub)
  await plain.push('GET /health HTTP/1.1\r\n\r\n')
  await plain.untilClosed()
  expect(plain.text).not.toContain('status')
})

test('with TLS a connection that never begins its handshake does not keep the process from ending', async () => {
  await using hub = await startHubProcess({ TLS_CERT_PATH: CERT, TLS_KEY_PATH: KEY })
  await using mute = await openRaw(hub)
  // The process has taken the mute connection before it can answer the next one
  const ca = readFileSync(CERT, 'utf8')
  expect((await hub.call('GET', '/health', { ca })).status).toBe(200)
  hub.signal('SIGTERM')
  expect(await hub.end(6_000)).toMatchObject({ code: 0 })
  await mute.untilClosed()
})
