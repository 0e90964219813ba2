import { describe, expect, test } from 'vitest'
import { openDataFolder, STORES } from '../helpers/data-folder.ts'
import { endOf, findTask, passTime, submit } from '../helpers/durable-calls.ts'
import { type EventReader, eventsOf, follow, type SentEvent } from '../helpers/event-reader.ts'
import { connect, type Peer } from '../helpers/peer.ts'
import { startHub } from '../helpers/start-hub.ts'

const level2 = { name: 'a', protocol: 2, instanceId: 'i' }
/** A comment comes within this time, in milliseconds. */
const KEEPALIVE_MS = 15_000

const namesOf = (events: readonly SentEvent[]) => events.map(({ event }) => event)

const expectRisingIds = (events: readonly SentEvent[]) => {
  const ids = events.map(({ id }) => id)
  expect(ids).toEqual(ids.toSorted((one, other) => one - other))
  expect(new Set(ids).size).toBe(ids.length)
  expect(ids.every((id) => Number.isSafeInteger(id) && id >= 0)).toBe(true)
}

const say = async (agent: Peer, requestId: string, ...frames: object[]) => {
  for (const frame of frames) agent.send({ requestId, ...frame })
  await agent.settle()
}

// Beside the others, for it is the only one that has to wait
test.concurrent('while nothing happens a comment comes within 15 s', { timeout: 25_000 }, async () => {
  await using hub = await startHub()
  const task = await submit(hub)
  await using reader = await follow(hub, eventsOf(task.id))
  await using agent = await connect(hub, { name: 'b', protocol: 2 })
  await using caller = await follow(hub, '/task', { method: 'POST', body: { agent: 'b', message: 'x' } })
  await agent.nextTask()
  const comments = await Promise.all([reader, caller].map((one) => one.nextComment(KEEPALIVE_MS)))
  expect(comments).toHaveLength(2)
  expect(namesOf(reader.seen)).toEqual(['snapshot'])
})

describe.concurrent.each(STORES)('with the %s store', (store) => {
  test('a reader hears a snapshot, then everything, and the stream ends after the end', async ({ expect }) => {
    await using folder = await openDataFolder(store)
    await using hub = await startHub({ env: { HUB_DATA_DIR: folder.path } })
    const task = await submit(hub)
    await using reader = await follow(hub, eventsOf(task.id))
    const { headers } = reader.response
    expect(headers['content-type']).toMatch(/^text\/event-stream/)
    expect(headers['cache-control']).toContain('no-cache')
    expect(headers['x-accel-buffering']).toBe('no')
    expect(await reader.next()).toMatchObject({ event: 'snapshot', data: task })
    await using agent = await connect(hub, level2)
    const delivered = await agent.nextTask()
    await say(agent, task.id, { type: 'task-accepted' })
    await say(agent, task.id, { type: 'task-progress', message: 'half\r\n\n: way 𐐀', percent: 50 })
    await say(agent, task.id, { type: 'task-progress' })
    await say(agent, task.id, { type: 'task-delta', seq: 0, text: 'do\nne' })
    const working = await findTask(hub, task.id)
    agent.reply(delivered, 'do\nne')
    const events = await reader.all()
    expect(events.map(({ event, data }) => ({ event, data }))).toEqual([
      { event: 'snapshot', data: task },
      { event: 'state', data: working },
      { event: 'progress', data: { message: 'half\r\n\n: way 𐐀', percent: 50 } },
      { event: 'progress', data: {} },
      { event: 'delta', data: { seq: 0, text: 'do\nne' } },
      { event: 'state', data: await findTask(hub, task.id) },
    ])
    expect(events.at(-1)?.data).toMatchObject({ state: 'completed', response: 'do\nne' })
    expectRisingIds(events)
  })

  test('of a task that is over the snapshot is all', async ({ expect }) => {
    await using folder = await openDataFolder(store)
    await using hub = await startHub({ env: { HUB_DATA_DIR: folder.path } })
    await using agent = await connect(hub, level2)
    const task = await submit(hub)
    agent.fail(await agent.nextTask(), 'no')
    await endOf(hub, task.id)
    for (const wait of [0, 3_600_000]) {
      hub.clock.time += wait
      await using reader = await follow(hub, eventsOf(task.id))
      const events = await reader.all()
      expect(namesOf(events)).toEqual(['snapshot'])
      expect(events[0]?.data).toEqual(await findTask(hub, task.id))
    }
  })

  test('a task that is forgotten after its retention is 404 everywhere, and one that is open is kept', async ({
    expect,
  }) => {
    await using folder = await openDataFolder(store)
    await using hub = await startHub({ env: { HUB_DATA_DIR: folder.path, HUB_TASK_RETENTION: '1h' } })
    const [ended, open] = [await submit(hub), await submit(hub)]
    await hub.post(`/tasks/${ended.id}/cancel`, {})
    await passTime(hub, 1_000)
    hub.clock.time += 3_600_000
    const purged = hub.event('tasks.purged')
    await passTime(hub, 65_000)
    expect(await purged).toMatchObject({ tasks: 1 })
    for (const [method, path] of [
      ['GET', ''],
      ['GET', '/events'],
      ['HEAD', '/events'],
      ['POST', '/cancel'],
    ] as const) {
      expect((await hub.call(method, `/tasks/${ended.id}${path}`)).status, path).toBe(404)
    }
    expect((await hub.get('/tasks')).body).toMatchObject({ tasks: [{ id: open.id }] })
  })
})

test('redelivery and cancellation are heard as states', async () => {
  await using hub = await startHub()
  const agent = await connect(hub, level2)
  const task = await submit(hub)
  await using reader = await follow(hub, eventsOf(task.id))
  await agent.nextTask()
  await agent.crash()
  await hub.event('session.closed')
  await passTime(hub, 2_000)
  await using replica = await connect(hub, { ...level2, instanceId: 'j' })
  await replica.nextTask()
  await hub.post(`/tasks/${task.id}/cancel`, {})
  const events = await reader.all()
  expect(events.map(({ data }) => [data['state'], data['attempts']])).toEqual([
    ['working', 1],
    ['submitted', 1],
    ['working', 2],
    ['canceled', 2],
  ])
  expect(namesOf(events)).toEqual(['snapshot', 'state', 'state', 'state'])
  expectRisingIds(events)
})

test('every reader hears the same, whenever it comes; one that leaves is missed by nobody', async () => {
  await using hub = await startHub()
  await using agent = await connect(hub, level2)
  const task = await submit(hub)
  const delivered = await agent.nextTask()
  const readers: EventReader[] = []
  for (let at = 0; at < 20; at++) {
    readers.push(await follow(hub, eventsOf(task.id)))
    await say(agent, task.id, { type: 'task-delta', seq: at, text: `${at}` })
  }
  const leaving = await follow(hub, eventsOf(task.id))
  await leaving.next()
  await leaving.leave()
  agent.reply(delivered, 'done')
  const all = await Promise.all(readers.map((reader) => reader.all()))
  const [longest = []] = all
  expect(namesOf(longest)).toEqual(['snapshot', ...Array.from({ length: 20 }, () => 'delta'), 'state'])
  all.forEach((events, at) => {
    expect(events[0]?.event).toBe('snapshot')
    expect(events.slice(1)).toEqual(longest.slice(at + 1))
    expectRisingIds(events)
  })
  expect(hub.events.filter(({ type }) => type === 'internal.error')).toEqual([])
})

test('HEAD tells the headers of a stream and ends', async () => {
  await using hub = await startHub()
  const task = await submit(hub)
  const head = await hub.call('HEAD', eventsOf(task.id))
  expect(head).toMatchObject({ status: 200, text: '' })
  expect(head.headers['content-type']).toMatch(/^text\/event-stream/)
  await using reader = await follow(hub, `${eventsOf(task.id)}/?x=1`)
  expect(await reader.next()).toMatchObject({ event: 'snapshot' })
})

test('a page of a listed origin may read a stream', async () => {
  await using hub = await startHub({ env: { HUB_ALLOWED_ORIGINS: 'https://good.example' } })
  const task = await submit(hub)
  await using reader = await follow(hub, eventsOf(task.id), { headers: { origin: 'https://good.example' } })
  expect(reader.response.headers).toMatchObject({ 'access-control-allow-origin': 'https://good.example' })
  expect(reader.response.headers['vary']).toContain('Origin')
})

test('a hub that goes away ends the streams in order, and the task is not over by that', async () => {
  await using hub = await startHub()
  const task = await submit(hub)
  await using reader = await follow(hub, eventsOf(task.id))
  await reader.next()
  await hub.drain()
  expect(namesOf(await reader.all())).toEqual(['snapshot'])
})
