import { expect, test } from 'vitest'
import { type DataFolder, openDataFolder } from '../helpers/data-folder.ts'
import { endOf, findTask, passTime, submit } from '../helpers/durable-calls.ts'
import { eventsOf, follow } from '../helpers/event-reader.ts'
import { connect } from '../helpers/peer.ts'
import { startHub, type TestHub } from '../helpers/start-hub.ts'

const level2 = (instanceId: string, more: object = {}) => ({ name: 'a', protocol: 2, instanceId, ...more })

const startOn = (folder: DataFolder, env: Readonly<Record<string, string>> = {}): Promise<TestHub> =>
  startHub({ env: { HUB_DATA_DIR: folder.path, ...env } })

/** Stops a hub and starts another on the same folder, with the same secret, at the same time of day. */
const restart = async (hub: TestHub, folder: DataFolder): Promise<TestHub> => {
  await hub.drain()
  return startHub({ env: { HUB_DATA_DIR: folder.path, HUB_SECRET: hub.secret }, clock: hub.clock })
}

const submitWithKey = (hub: TestHub, message: string) =>
  hub.post('/tasks', { agent: 'b', message }, { headers: { 'idempotency-key': 'k' } })

test('tasks, answers, keys, cursors and the order of the list outlive the hub', async () => {
  await using folder = await openDataFolder()
  await using before = await startOn(folder)
  await using agent = await connect(before, level2('i'))
  const done = await submit(before)
  agent.reply(await agent.nextTask(), 'done\u0000é')
  await endOf(before, done.id)
  const keyed = await submitWithKey(before, 'x')
  const canceled = await submit(before, { agent: 'b' })
  await before.post(`/tasks/${canceled.id}/cancel`, {})
  const waiting = await submit(before, { skill: 'Sums', sender: 's', conversationId: 'talk', timeoutMs: 60_000 })
  const list = await before.get('/tasks')
  const page = await before.get('/tasks?limit=2')

  await using hub = await restart(before, folder)
  expect((await hub.get('/tasks')).body).toEqual(list.body)
  const cursor = encodeURIComponent(String(page.body?.['nextCursor']))
  expect((await hub.get(`/tasks?cursor=${cursor}`)).body).toMatchObject({
    tasks: [{ id: keyed.body?.['id'] }, { id: done.id }],
  })
  expect(await findTask(hub, done.id)).toMatchObject({ state: 'completed', response: 'done\u0000é', agent: 'a' })
  expect(await submitWithKey(hub, 'x')).toMatchObject({ status: 202, headers: { 'idempotent-replay': 'true' } })
  expect((await submitWithKey(hub, 'y')).status).toBe(422)
  await using worker = await connect(hub, { name: 'w', skills: ['sums'], protocol: 2 })
  const task = await worker.nextTask()
  const { deadline } = waiting
  expect(task).toMatchObject({ requestId: waiting.id, sender: 's', conversationId: 'talk', attempt: 1, deadline })
  worker.reply(task, 'sum')
  expect(await endOf(hub, waiting.id)).toMatchObject({ state: 'completed', response: 'sum', agent: 'w' })
})

test('times go on while the hub is away: what expired meanwhile has failed', async () => {
  await using folder = await openDataFolder()
  await using before = await startOn(folder)
  const short = await submit(before, { ttlMs: 10_000 })
  const timed = await submit(before, { timeoutMs: 10_000 })
  const long = await submit(before)
  await before.drain()
  before.clock.time += 11_000
  await using hub = await restart(before, folder)
  await using agent = await connect(hub, level2('i'))
  expect((await agent.nextTask()).requestId).toBe(long.id)
  hub.advance(200)
  expect(await endOf(hub, short.id)).toMatchObject({ state: 'failed', code: 'expired' })
  expect(await endOf(hub, timed.id)).toMatchObject({ state: 'failed', code: 'task_timeout' })
  await agent.settle()
  expect(agent.seenOf('task')).toHaveLength(1)
})

test('an agent at work is told nothing to stop, and its instance goes on under the same attempt', async () => {
  await using folder = await openDataFolder()
  await using before = await startOn(folder)
  await using agent = await connect(before, level2('i'))
  const task = await submit(before)
  const delivered = await agent.nextTask()
  agent.accept(delivered)
  await agent.settle()
  const ended = agent.end()
  await using hub = await restart(before, folder)
  expect(await ended).toMatchObject({ code: 1001 })
  expect(agent.seenOf('task-cancel')).toEqual([])
  expect(await findTask(hub, task.id)).toMatchObject({ attempts: 1 })
  await using back = await connect(hub, level2('i'))
  expect(await back.nextTask()).toEqual(delivered)
  back.reply(delivered, 'done')
  expect(await endOf(hub, task.id)).toMatchObject({ state: 'completed', attempts: 1 })
})

test('an answer that an agent kept over the restart counts at once', async () => {
  await using folder = await openDataFolder()
  await using before = await startOn(folder)
  await using agent = await connect(before, level2('i'))
  const task = await submit(before)
  const delivered = await agent.nextTask()
  await using hub = await restart(before, folder)
  await using stranger = await connect(hub, { name: 'b', protocol: 2 })
  stranger.reply(delivered, 'not mine')
  expect(await stranger.nextError()).toMatchObject({ code: 'not_your_task' })
  await using back = await connect(hub, level2('i'))
  back.reply(delivered, 'from the outbox')
  expect(await endOf(hub, task.id)).toMatchObject({ state: 'completed', response: 'from the outbox', attempts: 1 })
})

test('when the instance does not return, another gets the task as the next attempt', async () => {
  await using folder = await openDataFolder()
  await using before = await startOn(folder)
  await using agent = await connect(before, level2('i'))
  const task = await submit(before)
  agent.accept(await agent.nextTask())
  await agent.settle()
  await using hub = await restart(before, folder)
  await using other = await connect(hub, level2('j'))
  await passTime(hub, 14_000, other)
  expect(other.seenOf('task')).toEqual([])
  await passTime(hub, 2_000, other)
  const again = await other.nextTask()
  expect(again).toMatchObject({ requestId: task.id, attempt: 2 })
  other.reply(again, 'done')
  expect(await endOf(hub, task.id)).toMatchObject({ state: 'completed', attempts: 2 })
})

test('a draining hub waits for the agents at work on durable tasks, and hands out no more', async () => {
  await using folder = await openDataFolder()
  await using before = await startOn(folder, { HUB_DRAIN_MS: '10000' })
  await using agent = await connect(before, level2('i', { maxConcurrency: 1 }))
  const [first, second] = [await submit(before), await submit(before)]
  const delivered = await agent.nextTask()
  const drained = before.drain()
  await agent.nextEvent('hub-shutdown')
  agent.reply(delivered, 'last words')
  await drained
  expect(agent.seenOf('task')).toHaveLength(1)
  await using hub = await restart(before, folder)
  expect(await findTask(hub, first.id)).toMatchObject({ state: 'completed', response: 'last words' })
  expect(await findTask(hub, second.id)).toMatchObject({ state: 'submitted', attempts: 0 })
})

test('ids of events go on counting up, and who comes back with an old one gets a snapshot', async () => {
  await using folder = await openDataFolder()
  await using before = await startOn(folder)
  await using agent = await connect(before, level2('i'))
  const task = await submit(before)
  const delivered = await agent.nextTask()
  await using reader = await follow(before, eventsOf(task.id))
  for (let seq = 0; seq < 5; seq++) agent.send({ type: 'task-delta', requestId: task.id, seq, text: 'x' })
  await agent.settle()
  await using hub = await restart(before, folder)
  const heard = await reader.all()
  const lastEventId = heard.at(-1)?.id ?? 0
  expect(heard).toHaveLength(6)
  await using again = await follow(hub, eventsOf(task.id), { lastEventId })
  expect(await again.next()).toMatchObject({ event: 'snapshot', data: { id: task.id } })
  await using back = await connect(hub, level2('i'))
  back.reply(delivered, 'done')
  const events = await again.all()
  expect(events.at(-1)).toMatchObject({ event: 'state', data: { state: 'completed' } })
  const ids = [lastEventId, ...events.map(({ id }) => id)]
  expect(ids).toEqual([...new Set(ids)].toSorted((one, other) => one - other))
})

test('a hub in memory forgets its tasks with its process', async () => {
  await using before = await startHub()
  const task = await submit(before)
  await before.drain()
  await using hub = await startHub({ env: { HUB_SECRET: before.secret }, clock: before.clock })
  expect((await hub.get(`/tasks/${task.id}`)).status).toBe(404)
})
