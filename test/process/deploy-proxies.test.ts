import { readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { LIMITS } from '@ai-comms/shared'
import { describe, expect, test } from 'vitest'
import { type HubEnvironment, type HubProcess, spawnHub } from '../helpers/hub-process.ts'
import { connect, dial } from '../helpers/peer.ts'
import { type ProxyServer, startCaddy, startNginx } from '../helpers/proxy.ts'
import { within } from '../helpers/within.ts'

const DEPLOY = fileURLToPath(new URL('../../deploy/', import.meta.url))
const read = (name: string) => readFileSync(`${DEPLOY}${name}`, 'utf8')
/** Longer than the 60 s that proxies wait for unless they are told otherwise. */
const IDLE_MS = 65_000
const LONG_TASK_MS = 100_000
const START_MS_MAX = 30_000
const TEST_MS_MAX = 140_000
/** Wrong credentials after which an address has to wait. */
const WRONG_MAX = 10

const PROXIES = [
  { name: 'Caddy', file: 'Caddyfile', start: startCaddy },
  { name: 'nginx', file: 'nginx.conf', start: startNginx },
] as const

const startBehindProxy = async (env: HubEnvironment = {}): Promise<HubProcess> => {
  const hub = await spawnHub({ HUB_TRUST_PROXY: '127.0.0.1', ...env })
  // Several programs start at once here
  await hub.logged(/"url"/, START_MS_MAX)
  await hub.listening()
  return hub
}

const idleThenTask = async (proxy: ProxyServer) => {
  await using agent = await connect(proxy, { name: 'idle' }, proxy.dial())
  await wait(IDLE_MS)
  const answer = proxy.call('POST', '/task', { body: { agent: 'idle', message: 'still there?' } })
  agent.reply(await agent.nextTask(), 'yes')
  expect(await answer).toMatchObject({ status: 200, text: expect.stringContaining('"response":"yes"') })
}

const longTask = async (proxy: ProxyServer) => {
  await using agent = await connect(proxy, { name: 'slow' }, proxy.dial())
  const answer = proxy.call('POST', '/task', { body: { agent: 'slow', message: 'think' } })
  const task = await agent.nextTask()
  await wait(LONG_TASK_MS)
  agent.reply(task, 'thought')
  expect(await answer).toMatchObject({ status: 200, text: expect.stringContaining('"response":"thought"') })
}

/** Each piece is sent only after the one before has come out at the other end. */
const streamedTask = async (proxy: ProxyServer) => {
  await using agent = await connect(proxy, { name: 'fluent', protocol: 2, instanceId: 'i' }, proxy.dial())
  const body = { agent: 'fluent', message: 'count' }
  const headers = { accept: 'text/event-stream' }
  const opened = proxy.open('POST', '/task', { body, headers })
  const task = await agent.nextTask()
  agent.accept(task)
  const response = await opened
  expect(response.headers['content-type']).toMatch('text/event-stream')
  let text = ''
  response.setEncoding('utf8').on('data', (piece: string) => {
    text += piece
  })
  const until = async (word: string) => {
    while (!text.includes(word)) await new Promise((resolve) => response.once('data', resolve))
  }
  for (const [seq, word] of ['one', 'two', 'three'].entries()) {
    agent.send({ type: 'task-delta', requestId: task.requestId, seq, text: word })
    await within(until(word), `the piece ${word}`)
  }
  await within(until(': still here'), 'a comment of the hub in between', 20_000)
  agent.reply(task, 'one two three')
  await within(until('"completed"'), 'the end of the stream')
}

/** How large a body may be is the hub's own decision, and its own word. */
const largeTask = async (proxy: ProxyServer) => {
  await using agent = await connect(proxy, { name: 'reader' }, proxy.dial())
  const send = (chars: number) => proxy.call('POST', '/task', { body: { agent: 'reader', message: 'x'.repeat(chars) } })
  const answer = send(LIMITS.PAYLOAD_BYTES_MAX - 1_024)
  agent.reply(await agent.nextTask(), 'read')
  expect(await answer).toMatchObject({ status: 200 })
  expect(await send(LIMITS.PAYLOAD_BYTES_MAX + 1)).toMatchObject({
    status: 413,
    text: expect.stringContaining('payload_too_large'),
  })
}

describe.concurrent.each(PROXIES)('$name in front of the hub', ({ start, file }) => {
  test('passes an idle agent, a task of 100 s, events as they happen and as much as the hub takes', {
    timeout: TEST_MS_MAX,
  }, async () => {
    await using hub = await startBehindProxy()
    await using proxy = await start(hub)
    expect(await proxy.call('GET', '/health')).toMatchObject({
      status: 200,
      text: expect.stringContaining('"status":"ok"'),
    })
    await Promise.all([idleThenTask(proxy), longTask(proxy), streamedTask(proxy), largeTask(proxy)])
  })

  test('tells the hub where callers really are, whatever they say themselves', { timeout: TEST_MS_MAX }, async () => {
    await using hub = await startBehindProxy({ HUB_MAX_PER_IP: '2' })
    await using proxy = await start(hub)
    const guess = (from: string, claimed: string) =>
      proxy.call('GET', '/agents', { from, headers: { authorization: 'Bearer wrong', 'x-forwarded-for': claimed } })
    // Somebody who tries secrets, and pretends to be somebody else each time
    for (let at = 0; at < WRONG_MAX; at += 1) expect((await guess('127.0.0.2', `198.51.100.${at}`)).status).toBe(401)
    expect((await guess('127.0.0.2', '198.51.100.99')).status).toBe(429)
    // A neighbour, and he whose address was borrowed, have done nothing
    expect((await guess('127.0.0.3', '127.0.0.2')).status).toBe(401)
    expect(hub.stdout).toContain('127.0.0.2')
    expect(hub.stdout).not.toContain('198.51.100.')
    // Sockets are counted by the real address, too
    const greet = (from: string, claimed: string) => dial(proxy, proxy.dial(from, { 'x-forwarded-for': claimed }))
    await using first = await greet('127.0.0.4', '198.51.100.1')
    await using second = await greet('127.0.0.4', '198.51.100.2')
    await using third = await greet('127.0.0.4', '198.51.100.3')
    expect(await third.end()).toMatchObject({ code: 4005 })
    await using other = await greet('127.0.0.5', '127.0.0.4')
    for (const peer of [first, second, other]) expect(peer.socket.readyState).toBe(peer.socket.OPEN)
  })

  test('is given with the setting of the hub that goes with it', () => {
    expect(read(file)).toContain('HUB_TRUST_PROXY=127.0.0.1')
  })
})

test('nginx waits for longer than the longest task may take', () => {
  const [, seconds] = /proxy_read_timeout (\d+)s;/.exec(read('nginx.conf')) ?? []
  expect(Number(seconds) * 1_000).toBeGreaterThan(LIMITS.TIMEOUT_MS_MAX)
})
