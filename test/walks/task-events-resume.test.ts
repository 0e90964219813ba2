import { expect, test } from 'vitest'
import { endOf, passTime, submit } from '../helpers/durable-calls.ts'
import { eventsOf, follow, type SentEvent } from '../helpers/event-reader.ts'
import { connect, type Peer } from '../helpers/peer.ts'
import { startHub, type TestHub } from '../helpers/start-hub.ts'

const level2 = { name: 'a', protocol: 2, instanceId: 'i' }

/** Starts work on a task that somebody follows; three pieces of the answer have come. */
const begin = async (hub: TestHub, agent: Peer) => {
  const task = await submit(hub)
  const delivered = await agent.nextTask()
  await using reader = await follow(hub, eventsOf(task.id))
  for (let seq = 0; seq < 3; seq++) agent.send({ type: 'task-delta', requestId: task.id, seq, text: `piece ${seq}` })
  const heard: SentEvent[] = []
  while (heard.length < 4) heard.push(await reader.next())
  return { taskId: task.id, delivered, heard }
}

test('a reader that comes back hears just what it missed, from wherever it was', async () => {
  await using hub = await startHub()
  await using agent = await connect(hub, level2)
  const { taskId, delivered, heard } = await begin(hub, agent)
  agent.send({ type: 'task-progress', requestId: taskId, percent: 99 })
  await agent.settle()
  const readers = []
  for (const { id } of heard) readers.push(await follow(hub, eventsOf(taskId), { lastEventId: id }))
  agent.reply(delivered, 'done')
  const all = await Promise.all(readers.map((reader) => reader.all()))
  const [longest = []] = all
  expect(longest.map(({ event }) => event)).toEqual(['delta', 'delta', 'delta', 'progress', 'state'])
  expect(longest.slice(0, 3)).toEqual(heard.slice(1))
  all.forEach((events, at) => {
    expect(events).toEqual(longest.slice(at))
  })
})

test('a reader that comes back after the end hears what it missed of it, and one that heard it 204', async () => {
  await using hub = await startHub()
  await using agent = await connect(hub, level2)
  const { taskId, delivered, heard } = await begin(hub, agent)
  agent.reply(delivered, 'done')
  await endOf(hub, taskId)
  await using reader = await follow(hub, eventsOf(taskId), { lastEventId: heard.at(-1)?.id ?? '' })
  const missed = await reader.all()
  expect(missed).toMatchObject([{ event: 'state', data: { state: 'completed', response: 'done' } }])
  const headers = { 'last-event-id': String(missed[0]?.id) }
  for (const method of ['GET', 'HEAD']) {
    const answer = await hub.call(method, eventsOf(taskId), { headers })
    expect(answer).toMatchObject({ status: 204, text: '' })
  }
  // Its events are no longer held, so it hears once more how the task ended, and no more after that
  await passTime(hub, 120_000)
  await using later = await follow(hub, eventsOf(taskId), { lastEventId: missed[0]?.id ?? '' })
  const [snapshot] = await later.all()
  expect(snapshot).toMatchObject({ event: 'snapshot', data: { state: 'completed' } })
  expect(snapshot?.id).toBeGreaterThan(missed[0]?.id ?? 0)
  const again = await hub.call('GET', eventsOf(taskId), { headers: { 'last-event-id': String(snapshot?.id) } })
  expect(again.status).toBe(204)
})

test('the snapshot of a task that is over counts as its end: who heard it is told 204', async () => {
  await using hub = await startHub()
  const task = await submit(hub)
  await hub.post(`/tasks/${task.id}/cancel`, {})
  for (const wait of [0, 120_000]) {
    await passTime(hub, wait)
    await using reader = await follow(hub, eventsOf(task.id))
    const [snapshot] = await reader.all()
    expect(snapshot).toMatchObject({ event: 'snapshot', data: { state: 'canceled' } })
    const answer = await hub.call('GET', eventsOf(task.id), { headers: { 'last-event-id': String(snapshot?.id) } })
    expect(answer.status).toBe(204)
  }
})

test.each([
  ['of the future', (id: number) => `${id + 1_000}`],
  ['too old', () => '0'],
  ['negative', () => '-1'],
  ['no number', () => 'abc'],
  ['a fraction', (id: number) => `${id}.5`],
  ['far too long', () => '9'.repeat(400)],
  ['in hexadecimal', (id: number) => `0x${id.toString(16)}`],
  ['empty', () => ''],
])('an id that is %s is answered with a snapshot', async (_what, toId) => {
  await using hub = await startHub()
  await using agent = await connect(hub, level2)
  const { taskId, heard } = await begin(hub, agent)
  const lastId = heard.at(-1)?.id ?? 0
  await using reader = await follow(hub, eventsOf(taskId), { lastEventId: toId(lastId) })
  const snapshot = await reader.next()
  expect(snapshot).toMatchObject({ event: 'snapshot', data: { id: taskId, state: 'working' } })
  expect(snapshot.id).toBeGreaterThanOrEqual(lastId)
  agent.send({ type: 'task-progress', requestId: taskId, percent: 1 })
  const next = await reader.next()
  expect(next).toMatchObject({ event: 'progress' })
  expect(next.id).toBeGreaterThan(lastId)
})

test('a reader that missed more than is held gets a new snapshot and goes on from there', async () => {
  await using hub = await startHub()
  await using agent = await connect(hub, level2)
  const { taskId, delivered, heard } = await begin(hub, agent)
  for (let seq = 3; seq < 1_003; seq++)
    agent.send({ type: 'task-delta', requestId: taskId, seq, text: 'x'.repeat(1_000) })
  await agent.settle()
  await using reader = await follow(hub, eventsOf(taskId), { lastEventId: heard.at(-1)?.id ?? '' })
  expect(await reader.next()).toMatchObject({ event: 'snapshot', data: { state: 'working' } })
  agent.reply(delivered, 'done')
  expect((await reader.all()).map(({ event }) => event)).toEqual(['snapshot', 'state'])
})

test('an id of another task is no key to this one', async () => {
  await using hub = await startHub()
  await using agent = await connect(hub, level2)
  const one = await begin(hub, agent)
  const two = await submit(hub)
  await using reader = await follow(hub, eventsOf(two.id), { lastEventId: one.heard.at(-1)?.id ?? '' })
  expect(await reader.next()).toMatchObject({ data: { id: two.id } })
})
