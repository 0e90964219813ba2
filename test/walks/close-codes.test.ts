import { once } from 'node:events'
import { expect, test } from 'vitest'
import { connect, dial, greet } from '../helpers/peer.ts'
import { closeCodeText, rawFrame, upgradeRaw } from '../helpers/raw-socket.ts'
import { startHub } from '../helpers/start-hub.ts'

const KIB_64 = 65_536

test('1009: a registration of 64 KiB is read, one byte more is not', async () => {
  await using hub = await startHub()
  const frame = (bytes: number) => {
    const text = JSON.stringify({ type: 'register', name: 'a', secret: hub.secret, padding: '' })
    return text.replace('"padding":""', `"padding":"${'x'.repeat(bytes - text.length)}"`)
  }
  await using small = await dial(hub)
  small.sendRaw(frame(KIB_64))
  expect(await small.nextFrame()).toMatchObject({ type: 'registered' })
  await using large = await dial(hub)
  large.sendRaw(frame(KIB_64 + 1))
  expect(await large.end()).toMatchObject({ code: 1009 })
  expect(large.seen).toEqual([])
})

test('1009: before registration neither pieces nor a claimed length get past 64 KiB', async () => {
  await using hub = await startHub()
  const piece = rawFrame({ opcode: 0, payload: 'x'.repeat(1_000), isFinal: false })
  const floods = [
    [rawFrame({ opcode: 1, payload: '{', isFinal: false }), piece],
    [rawFrame({ opcode: 1, claimedBytes: 1_000_000 }), Buffer.from('x'.repeat(1_000))],
  ] as const
  for (const [first, rest] of floods) {
    await using raw = await upgradeRaw(hub)
    raw.write(first)
    for (let at = 0; at < 70; at++) raw.write(rest)
    await raw.until(closeCodeText(1009))
    await raw.untilClosed()
  }
})

test('1009: after registration a frame of HUB_MAX_PAYLOAD is read, one byte more is not', async () => {
  await using hub = await startHub({ env: { HUB_MAX_PAYLOAD: '100000' } })
  await using agent = await connect(hub, { name: 'a', protocol: 2 })
  const ping = JSON.stringify({ type: 'ping', padding: '' })
  const pad = (bytes: number) => ping.replace('""', `"${'x'.repeat(bytes - ping.length)}"`)
  agent.sendRaw(pad(100_000))
  expect(await agent.nextFrame()).toEqual({ type: 'pong' })
  agent.sendRaw(pad(100_001))
  expect(await agent.end()).toMatchObject({ code: 1009 })
  await hub.event('session.closed')
})

test('4001: a socket without a registration is told why and closed after 10 s', { timeout: 15_000 }, async () => {
  await using hub = await startHub()
  await using peer = await dial(hub)
  const openedAt = performance.now()
  const pinging = setInterval(() => peer.socket.ping(), 1_000)
  await once(peer.socket, 'close')
  clearInterval(pinging)
  expect(peer.seen).toEqual([{ type: 'error', code: 'not_registered', error: expect.any(String) }])
  expect(await peer.end()).toMatchObject({ code: 4001 })
  const waitedMs = performance.now() - openedAt
  expect(waitedMs).toBeGreaterThan(9_900)
  expect(waitedMs).toBeLessThan(13_000)
})

test('4004: a full hub says hub_full, and a place that becomes free is given again', async () => {
  await using hub = await startHub({ env: { HUB_MAX_AGENTS: '2' } })
  await using first = await connect(hub, { name: 'a' })
  await using _second = await connect(hub, { name: 'a' })
  const third = await greet(hub, { name: 'a' })
  expect(third.answer).toEqual({ type: 'error', code: 'hub_full', error: expect.any(String) })
  expect(await third.peer.end()).toMatchObject({ code: 4004 })
  await first.crash()
  await hub.event('session.closed')
  await using _third = await connect(hub, { name: 'a' })
})

test('4004 does not meet a replacement, which needs no place', async () => {
  await using hub = await startHub({ env: { HUB_MAX_AGENTS: '1' } })
  const register = { name: 'a', protocol: 2, instanceId: 'i' }
  await using old = await connect(hub, register)
  await using newer = await connect(hub, register)
  expect(await old.end()).toMatchObject({ code: 4009 })
  await newer.settle()
})

test('4005: an address gets HUB_MAX_PER_IP sockets, registered or not, and one again when one ends', async () => {
  await using hub = await startHub({ env: { HUB_MAX_PER_IP: '2' } })
  await using silent = await dial(hub)
  await using _agent = await connect(hub, { name: 'a' })
  const refused = await dial(hub)
  expect(await refused.end()).toMatchObject({ code: 4005 })
  const again = await dial(hub)
  expect(await again.end()).toMatchObject({ code: 4005 })
  await silent.crash()
  // The end of a socket that never registered is no event, so it is tried until it has been noticed
  for (;;) {
    const { peer, answer } = await greet(hub, { name: 'b' }).catch(() => ({ peer: undefined, answer: undefined }))
    await peer?.[Symbol.asyncDispose]()
    if (answer?.['type'] === 'registered') break
  }
})

test('4006: after ten wrong secrets further wrong ones are told to wait, and the right one passes', async () => {
  await using hub = await startHub()
  for (let at = 0; at < 10; at++) {
    const { peer } = await greet(hub, { name: 'a', secret: `wrong-${at}` })
    expect(await peer.end()).toMatchObject({ code: 4003 })
  }
  const { peer, answer } = await greet(hub, { name: 'a', secret: 'wrong' })
  expect(answer).toMatchObject({ type: 'error', code: 'rate_limited' })
  expect(await peer.end()).toMatchObject({ code: 4006 })
  await using _agent = await connect(hub, { name: 'a' })
  hub.advance(60_100)
  const late = await greet(hub, { name: 'a', secret: 'wrong' })
  expect(await late.peer.end()).toMatchObject({ code: 4003 })
})

test('4008: a reader that never reads is cut when HUB_MAX_BUFFERED waits, and its tasks fail', async () => {
  await using hub = await startHub({ env: { HUB_MAX_BUFFERED: '200000' } })
  await using sender = await connect(hub, { name: 'sender' })
  await using slow = await connect(hub, { name: 'slow' })
  const answer = hub.post('/task', { agent: 'slow', message: 'x' })
  await slow.nextTask()
  slow.socket.pause()
  // Far more than the system's buffers hold
  for (let at = 0; at < 200; at++) sender.send({ type: 'agent-message', target: 'slow', message: 'x'.repeat(200_000) })
  expect(await hub.event('session.slow')).toMatchObject({ bufferedBytes: expect.any(Number) })
  expect(await answer).toMatchObject({ status: 502, body: { code: 'agent_disconnected' } })
  await sender.settle()
  slow.socket.resume()
  expect([1006, 4008]).toContain((await slow.end()).code)
})

test('4008: a reader that takes no byte for 10 s is cut however little waits; an idle one is not', async () => {
  await using hub = await startHub({ env: { HUB_MAX_BUFFERED: '1000000000' } })
  await using sender = await connect(hub, { name: 'sender' })
  await using slow = await connect(hub, { name: 'slow' })
  slow.socket.pause()
  for (let at = 0; at < 40; at++) sender.send({ type: 'agent-message', target: 'slow', message: 'x'.repeat(500_000) })
  await sender.settle()
  // The watch looks once a second: it must have seen the standstill before and after the time has passed
  const cut = hub.event('session.slow')
  const moving = setInterval(() => {
    hub.clock.time += 4_000
  }, 400)
  expect(await cut).toMatchObject({ stalledMs: expect.any(Number) })
  clearInterval(moving)
  await sender.settle()
  slow.socket.resume()
  expect([1006, 4008]).toContain((await slow.end()).code)
})

test('4008: a reader that never reads holds up nobody else', async () => {
  await using hub = await startHub({ env: { HUB_MAX_BUFFERED: '200000' } })
  await using slow = await connect(hub, { name: 'slow' })
  await using agent = await connect(hub, { name: 'a' })
  slow.socket.pause()
  for (let at = 0; at < 100; at++) {
    agent.send({ type: 'agent-message', target: 'slow', message: 'x'.repeat(100_000) })
    const answer = hub.post('/task', { agent: 'a', message: 'x' })
    agent.reply(await agent.nextTask(), 'done')
    expect((await answer).status).toBe(200)
  }
})

test('4010: more frames than HUB_MAX_FRAMES_PER_S over five seconds end the session', async () => {
  await using hub = await startHub({ env: { HUB_MAX_FRAMES_PER_S: '10' } })
  await using agent = await connect(hub, { name: 'a' })
  for (let at = 0; at < 50; at++) await agent.settle()
  hub.clock.time += 1_000
  for (let at = 0; at < 10; at++) await agent.settle()
  agent.send({ type: 'ping' })
  expect(await agent.end()).toMatchObject({ code: 4010 })
  await hub.event('session.flooding')
  await hub.event('session.closed')
})

test('4010 is off with HUB_MAX_FRAMES_PER_S=0', async () => {
  await using hub = await startHub({ env: { HUB_MAX_FRAMES_PER_S: '0' } })
  await using agent = await connect(hub, { name: 'a' })
  for (let at = 0; at < 12_000; at++) agent.sendRaw('{"type":"ping"}')
  for (let at = 0; at < 12_000; at++) await agent.next('pong')
})

test('1001: a hub that drains says hub-shutdown and closes every socket', async () => {
  await using hub = await startHub()
  await using agent = await connect(hub, { name: 'a' })
  await using young = await connect(hub, { name: 'b', protocol: 2, instanceId: 'i' })
  const drained = hub.drain()
  for (const peer of [agent, young]) {
    expect(await peer.nextEvent('hub-shutdown')).toEqual({ type: 'event', event: 'hub-shutdown' })
    expect(await peer.end()).toMatchObject({ code: 1001 })
  }
  await drained
})
