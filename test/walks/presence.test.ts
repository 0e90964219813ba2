import { expect, test } from 'vitest'
import { connect, type Peer } from '../helpers/peer.ts'
import { startHub, type TestHub } from '../helpers/start-hub.ts'

const presenceOf = (peer: Peer) => peer.seenOf('event').map(({ event, name }) => `${event} ${name}`)

/** Brings one more agent in, so that all presence before it has arrived once its arrival has. */
const markEnd = async (hub: TestHub, watcher: Peer) => {
  await using _marker = await connect(hub, { name: 'marker' })
  await watcher.nextEvent('agent-joined', 'marker')
}

test('an arrival is told to all others with name, workspace and skills, and not to oneself', async () => {
  await using hub = await startHub()
  await using watcher = await connect(hub, { name: 'watcher' })
  await using second = await connect(hub, { name: 'watcher-2', protocol: 2, instanceId: 'i' })
  await using agent = await connect(hub, {
    name: 'a',
    workspace: 'w',
    skills: ['s', 't'],
    description: 'd',
    version: '1',
  })
  const joined = { type: 'event', event: 'agent-joined', name: 'a', workspace: 'w', skills: ['s', 't'] }
  expect(await watcher.nextEvent('agent-joined', 'a')).toEqual(joined)
  expect(await second.nextEvent('agent-joined', 'a')).toEqual(joined)
  await markEnd(hub, agent)
  expect(presenceOf(agent)).toEqual(['agent-joined marker'])
})

test('a departure is told once', async () => {
  await using hub = await startHub()
  await using watcher = await connect(hub, { name: 'watcher' })
  const agent = await connect(hub, { name: 'a' })
  await agent.crash()
  expect(await watcher.nextEvent('agent-left')).toEqual({ type: 'event', event: 'agent-left', name: 'a' })
  await markEnd(hub, watcher)
  expect(presenceOf(watcher)).toEqual(['agent-joined a', 'agent-left a', 'agent-joined marker'])
})

test('each session of a name is told by itself', async () => {
  await using hub = await startHub()
  await using watcher = await connect(hub, { name: 'watcher' })
  const sessions = [await connect(hub, { name: 'a' }), await connect(hub, { name: 'a' })]
  for (const session of sessions) await session.crash()
  await watcher.nextEvent('agent-left')
  await watcher.nextEvent('agent-left')
  expect(presenceOf(watcher)).toEqual(['agent-joined a', 'agent-joined a', 'agent-left a', 'agent-left a'])
})

test('a replacement is told to nobody, and the late close of the old socket neither', async () => {
  await using hub = await startHub()
  await using watcher = await connect(hub, { name: 'watcher' })
  const register = { name: 'a', protocol: 2, instanceId: 'i' }
  const old = await connect(hub, register)
  await using newer = await connect(hub, register)
  expect(await old.end()).toMatchObject({ code: 4009 })
  await newer.settle()
  await markEnd(hub, watcher)
  expect(presenceOf(watcher)).toEqual(['agent-joined a', 'agent-joined marker'])
  expect((await hub.get('/health')).body).toMatchObject({ agents: expect.any(Number) })
  const answer = hub.post('/task', { agent: 'a', message: 'still there?' })
  newer.reply(await newer.nextTask(), 'yes')
  expect(await answer).toMatchObject({ status: 200 })
})

test('the late end of a replaced socket that answers no close takes nothing from its successor', async () => {
  await using hub = await startHub()
  const register = { name: 'a', protocol: 2, instanceId: 'i' }
  await using old = await connect(hub, register)
  old.socket.pause()
  await using newer = await connect(hub, register)
  await hub.event('session.replaced')
  // The hub cuts the deaf socket after a while; that is heard at once when it is read again
  while ((await hub.get('/health')).body?.['agents'] !== 1);
  old.socket.resume()
  expect((await old.end()).code).toBe(4009)
  const answer = hub.post('/task', { agent: 'a', message: 'x' })
  newer.reply(await newer.nextTask(), 'here')
  expect(await answer).toMatchObject({ status: 200 })
  expect(hub.events.filter(({ type }) => type === 'session.closed')).toEqual([])
})

test('a return of the same instance within the grace is told to nobody', async () => {
  await using hub = await startHub()
  await using watcher = await connect(hub, { name: 'watcher' })
  const register = { name: 'a', protocol: 2, instanceId: 'i' }
  const old = await connect(hub, register)
  await old.crash()
  await hub.event('session.closed')
  hub.advance(14_000)
  await using _returned = await connect(hub, register)
  hub.advance(16_000)
  await markEnd(hub, watcher)
  expect(presenceOf(watcher)).toEqual(['agent-joined a', 'agent-joined marker'])
})

test('an instance that stays away is told to have left once, after the grace', async () => {
  await using hub = await startHub()
  await using watcher = await connect(hub, { name: 'watcher' })
  const agent = await connect(hub, { name: 'a', protocol: 2, instanceId: 'i' })
  await watcher.nextEvent('agent-joined', 'a')
  await agent.crash()
  await hub.event('session.closed')
  hub.advance(14_900)
  await markEnd(hub, watcher)
  hub.advance(200)
  await watcher.nextEvent('agent-left', 'a')
  hub.advance(60_000)
  await using _again = await connect(hub, { name: 'a', protocol: 2, instanceId: 'i' })
  await watcher.nextEvent('agent-joined', 'a')
  const told = presenceOf(watcher).filter((line) => line.endsWith(' a'))
  expect(told).toEqual(['agent-joined a', 'agent-left a', 'agent-joined a'])
})

test('another instance or another name replaces nobody', async () => {
  await using hub = await startHub()
  await using one = await connect(hub, { name: 'a', protocol: 2, instanceId: 'i' })
  await using _two = await connect(hub, { name: 'a', protocol: 2, instanceId: 'j' })
  await using _three = await connect(hub, { name: 'b', protocol: 2, instanceId: 'i' })
  await one.settle()
  expect((await hub.get('/health')).body).toMatchObject({ agents: 3 })
})

test('the same instance is recognised in any case and width of its name', async () => {
  await using hub = await startHub()
  await using old = await connect(hub, { name: 'Atlas', protocol: 2, instanceId: 'i' })
  await using _newer = await connect(hub, { name: 'ＡTLAS', protocol: 2, instanceId: 'i' })
  expect(await old.end()).toMatchObject({ code: 4009 })
  expect((await hub.get('/agents')).body).toMatchObject({ agents: [{ name: 'ATLAS' }] })
})

test('many arrivals and departures at once reach everybody in order and none twice', async () => {
  await using hub = await startHub({ env: { HUB_MAX_AGENTS: '100', HUB_MAX_PER_IP: '100' } })
  await using watcher = await connect(hub, { name: 'watcher' })
  const names = Array.from({ length: 40 }, (_, at) => `a${at}`)
  const agents = await Promise.all(names.map((name) => connect(hub, { name })))
  await Promise.all(agents.map((agent) => agent.crash()))
  for (const name of names) await watcher.nextEvent('agent-left', name)
  const told = presenceOf(watcher)
  expect(new Set(told).size).toBe(80)
  expect(told).toHaveLength(80)
  for (const name of names) {
    expect(told.indexOf(`agent-joined ${name}`)).toBeLessThan(told.indexOf(`agent-left ${name}`))
  }
})
