import { expect, test } from 'vitest'
import { openDataFolder } from '../helpers/data-folder.ts'
import { type EventReader, eventsOf, follow } from '../helpers/event-reader.ts'
import { type HubProcess, startHubProcess } from '../helpers/hub-process.ts'
import { connect, type Peer, type TaskFrame } from '../helpers/peer.ts'
import { within } from '../helpers/within.ts'

const SHIFTED_CLOCK = new URL('fixtures/shifted-clock.ts', import.meta.url).href
const HOUR_MS = 3_600_000
/** Shorter than the hour that the clock jumps, longer than the test. */
const HALF_HOUR_MS = HOUR_MS / 2
/** A stay in the mailbox that ends within the test, and the first wait before another delivery. */
const SHORT_MS = 2_500
const BACKOFF_MS = 1_000
/** How much later than due something may be on a machine that does much else. */
const LATE_MS_MAX = 5_000

const submit = async (hub: HubProcess, agent: string, more: object = {}) => {
  const headers = { 'idempotency-key': agent }
  const { status, body } = await hub.call('POST', '/tasks', { headers, body: { agent, message: 'x', ...more } })
  expect(status).toBe(202)
  return { id: String(body?.['id']), at: performance.now() }
}

const stateOf = async (hub: HubProcess, id: string) => (await hub.call('GET', `/tasks/${id}`)).body?.['state']

/** Sets the clock of the hub, and sees that it is set: `agents` shows the wall clock to people. */
const shiftClock = async (hub: HubProcess, offsetMs: number): Promise<void> => {
  hub.signal('SIGUSR2')
  await hub.logged(new RegExp(`The wall clock is ${offsetMs} ms off`))
  const { body } = await hub.call('GET', '/agents')
  const [first] = JSON.parse(JSON.stringify(body?.['agents'])) as readonly { lastSeen: string }[]
  expect(Math.abs(Date.parse(first?.lastSeen ?? '') - Date.now() - offsetMs)).toBeLessThan(60_000)
}

/** The agent gives the task up for now, and gets it again after the wait: not sooner, and hardly later. */
const expectRedelivery = async (agent: Peer, task: TaskFrame, meanwhile: () => Promise<void>): Promise<TaskFrame> => {
  const at = performance.now()
  agent.fail(task, 'not now', { code: 'busy', retryable: true })
  await agent.settle()
  await meanwhile()
  const again = await agent.nextTask()
  const tookMs = performance.now() - at
  expect(again).toMatchObject({ requestId: task.requestId, attempt: Number(task['attempt']) + 1 })
  expect(tookMs).toBeGreaterThan(BACKOFF_MS - 50)
  expect(tookMs).toBeLessThan(BACKOFF_MS + LATE_MS_MAX)
  return again
}

const expectDelta = async (agent: Peer, task: TaskFrame, reader: EventReader, seq: number): Promise<void> => {
  agent.send({ type: 'task-delta', requestId: task.requestId, seq, text: `piece ${seq}` })
  const event = await reader.nextWhere(({ event: name }) => name === 'delta', 'a piece of the answer')
  expect(event.data).toEqual({ seq, text: `piece ${seq}` })
}

test('a wall clock that jumps an hour ahead and two hours back ends no session, no task and no stream, and hurries or delays nothing', async () => {
  await using folder = await openDataFolder()
  await using hub = await startHubProcess({ HUB_DATA_DIR: folder.path, NODE_OPTIONS: `--import=${SHIFTED_CLOCK}` })
  const join = (name: string) => connect(hub, { name, protocol: 2, instanceId: name })
  await using runner = await join('runner')
  await using mute = await join('mute')
  await using busy = await join('busy')
  const running = await submit(hub, 'runner', { timeoutMs: HALF_HOUR_MS })
  const unconfirmed = await submit(hub, 'mute', { ttlMs: HALF_HOUR_MS })
  const waiting = await submit(hub, 'absent', { ttlMs: HALF_HOUR_MS })
  await submit(hub, 'busy')
  const task = await runner.nextTask()
  runner.accept(task)
  await mute.nextTask()
  await using reader = await follow(hub, eventsOf(running.id))
  await expectDelta(runner, task, reader, 0)

  const shortlived = await submit(hub, 'nobody', { ttlMs: SHORT_MS })
  await using end = await follow(hub, eventsOf(shortlived.id))
  const expired = within(end.ended, 'the end of its time').then(() => performance.now() - shortlived.at)
  const first = await expectRedelivery(busy, await busy.nextTask(), () => shiftClock(hub, HOUR_MS))
  busy.reply(first, 'done an hour ahead')
  await expectDelta(runner, task, reader, 1)

  await submit(hub, 'BUSY')
  const second = await expectRedelivery(busy, await busy.nextTask(), () => shiftClock(hub, -HOUR_MS))
  busy.reply(second, 'done an hour behind')
  await expectDelta(runner, task, reader, 2)
  const tookMs = await expired
  expect(end.seen.at(-1)?.data).toMatchObject({ state: 'failed', code: 'expired' })
  expect(tookMs).toBeGreaterThan(SHORT_MS - 50)
  expect(tookMs).toBeLessThan(SHORT_MS + LATE_MS_MAX)

  for (const { id } of [running, unconfirmed]) expect(await stateOf(hub, id)).toBe('working')
  expect(await stateOf(hub, waiting.id)).toBe('submitted')
  expect((await submit(hub, 'absent', { ttlMs: HALF_HOUR_MS })).id, 'the repeat of a key').toBe(waiting.id)
  for (const peer of [runner, mute]) {
    await peer.settle()
    expect(peer.seenOf('task')).toHaveLength(1)
    expect(peer.seenOf('task-cancel')).toEqual([])
  }
  expect((await hub.call('GET', '/health')).body).toMatchObject({ agents: 3, status: 'ok' })

  runner.reply(task, 'done at last')
  expect((await reader.all()).at(-1)?.data).toMatchObject({ state: 'completed', attempts: 1, response: 'done at last' })
  await using late = await join('absent')
  expect(await late.nextTask()).toMatchObject({ requestId: waiting.id, attempt: 1 })
})
