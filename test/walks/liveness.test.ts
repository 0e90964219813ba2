import { once } from 'node:events'
import { expect, test } from 'vitest'
import { connect } from '../helpers/peer.ts'
import { startHub } from '../helpers/start-hub.ts'

const MUTE = { socket: { autoPong: false } }

test('the hub pings every agent below the frames once in 30 s', async () => {
  await using hub = await startHub()
  await using agent = await connect(hub, { name: 'a' }, MUTE)
  let pings = 0
  agent.socket.on('ping', () => pings++)
  hub.advance(29_000)
  await agent.settle()
  expect(pings).toBe(0)
  hub.advance(1_000)
  await agent.settle()
  expect(pings).toBe(1)
  hub.advance(30_000)
  await agent.settle()
  expect(pings).toBe(2)
})

test('a session silent for 90 s is terminated and leaves with one agent-left', async () => {
  await using hub = await startHub()
  await using watcher = await connect(hub, { name: 'watcher' })
  await using silent = await connect(hub, { name: 'silent' }, MUTE)
  for (let at = 0; at < 3; at++) {
    hub.advance(29_500)
    await watcher.settle()
  }
  expect((await hub.get('/health')).body).toMatchObject({ agents: 2 })
  hub.advance(3_000)
  expect(await silent.end()).toMatchObject({ code: 1006 })
  await watcher.nextEvent('agent-left', 'silent')
  hub.advance(30_000)
  await watcher.settle()
  expect(watcher.seenOf('event').filter(({ event }) => event === 'agent-left')).toHaveLength(1)
  expect((await hub.get('/health')).body).toMatchObject({ agents: 1 })
})

test.each([
  ['a frame', '{"type":"ping"}'],
  ['a refused frame', '{'],
  ['a WebSocket ping', undefined],
])('%s counts as life', async (_what, text) => {
  await using hub = await startHub()
  await using watcher = await connect(hub, { name: 'watcher' })
  await using agent = await connect(hub, { name: 'a' }, MUTE)
  for (let at = 0; at < 5; at++) {
    hub.advance(40_000)
    if (text === undefined) {
      agent.socket.ping()
      await once(agent.socket, 'pong')
    } else {
      agent.sendRaw(text)
      await agent.nextFrame()
    }
    await watcher.settle()
  }
  await agent.settle()
  expect((await hub.get('/agents')).body).toMatchObject({ agents: [{ name: 'watcher' }, { name: 'a' }] })
})

test('a pong counts as life', async () => {
  await using hub = await startHub()
  await using _agent = await connect(hub, { name: 'a' })
  for (let at = 0; at < 5; at++) {
    hub.advance(40_000)
    const seenAt = new Date(hub.clock.toEpochMs(hub.clock.now())).toISOString()
    // Asked again until the pong, which nothing else announces, has come
    while (!(await hub.get('/agents')).text.includes(`"lastSeen":"${seenAt}"`));
  }
})

test('the tasks of a silent level-1 session fail with agent_disconnected when it is reaped', async () => {
  await using hub = await startHub()
  await using silent = await connect(hub, { name: 'silent' }, MUTE)
  const answer = hub.post('/task', { agent: 'silent', message: 'x' })
  await silent.nextTask()
  hub.advance(95_000)
  expect(await answer).toMatchObject({ status: 502, body: { code: 'agent_disconnected' } })
})

test('the unbegun tasks of a silent level-2 session go to its replica when it is reaped', async () => {
  await using hub = await startHub()
  await using replica = await connect(hub, { name: 'a', protocol: 2 })
  await using silent = await connect(hub, { name: 'a', protocol: 2 }, MUTE)
  const answer = hub.post('/task', { agent: 'a', message: 'x' })
  await silent.nextTask()
  hub.advance(44_000)
  await replica.settle()
  hub.advance(47_000)
  await replica.settle()
  const task = await replica.nextTask()
  expect(task).toMatchObject({ attempt: 2 })
  replica.reply(task, 'done')
  expect(await answer).toMatchObject({ status: 200 })
})

test('a jump of the wall clock reaps nobody and ends no task', async () => {
  await using hub = await startHub()
  await using agent = await connect(hub, { name: 'a', protocol: 2, instanceId: 'i' }, MUTE)
  const answer = hub.post('/task', { agent: 'a', message: 'x' })
  const task = await agent.nextTask()
  for (const jumpMs of [86_400_000, -86_400_000]) {
    hub.clock.wallOffsetMs += jumpMs
    hub.advance(2_000)
    await agent.settle()
  }
  agent.reply(task, 'done')
  expect(await answer).toMatchObject({ status: 200 })
})

test('after a standstill of the process the agents get time for a sign of life', async () => {
  await using hub = await startHub()
  await using agent = await connect(hub, { name: 'a' }, MUTE)
  hub.clock.time += 600_000
  hub.advance(1_000)
  await hub.event('hub.stalled')
  await agent.settle()
  hub.advance(80_000)
  await agent.settle()
  hub.advance(95_000)
  expect(await agent.end()).toMatchObject({ code: 1006 })
})
