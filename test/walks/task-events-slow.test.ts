import { expect, test } from 'vitest'
import { submit } from '../helpers/durable-calls.ts'
import { eventsOf, follow } from '../helpers/event-reader.ts'
import { connect, type Peer } from '../helpers/peer.ts'
import { openRaw, type RawSocket } from '../helpers/raw-socket.ts'
import { startHub, type TestHub } from '../helpers/start-hub.ts'

const level2 = { name: 'a', protocol: 2, instanceId: 'i' }
const TEXT = 'x'.repeat(60_000)
/** More than the hub and the systems between keep for a reader that does not read. */
const PIECES = 300
const LARGE = 'x'.repeat(1_000_000)

/** A reader that has heard the snapshot and then reads no more. */
const followWithoutReading = async (hub: TestHub, taskId: string): Promise<RawSocket> => {
  const raw = await openRaw(hub)
  raw.write(`GET ${eventsOf(taskId)} HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer ${hub.secret}\r\n\r\n`)
  await raw.until('event: snapshot')
  raw.tcp.pause()
  return raw
}

/** Lets the agent send so many pieces, as fast as the hub takes them. */
const stream = async (agent: Peer, requestId: string, pieces: number): Promise<void> => {
  for (let seq = 0; seq < pieces; seq++) {
    agent.send({ type: 'task-delta', requestId, seq, text: TEXT })
    if (seq % 20 === 19) await agent.settle()
  }
  await agent.settle()
}

test('a reader that never reads is cut off, and delays neither agent nor other readers', async () => {
  await using hub = await startHub()
  await using agent = await connect(hub, level2)
  const task = await submit(hub)
  const delivered = await agent.nextTask()
  await using deaf = await followWithoutReading(hub, task.id)
  await using reader = await follow(hub, eventsOf(task.id))
  await stream(agent, task.id, PIECES)
  agent.reply(delivered, 'done')
  const events = await reader.all()
  expect(events).toHaveLength(PIECES + 2)
  expect(events.at(-1)).toMatchObject({ event: 'state', data: { state: 'completed' } })
  deaf.tcp.resume()
  const heard = await deaf.untilClosed()
  expect(heard).not.toContain('"completed"')
  expect(heard.length).toBeLessThan(PIECES * TEXT.length)
})

test('many readers that never read do not make the hub grow', async () => {
  await using hub = await startHub()
  await using agent = await connect(hub, level2)
  const task = await submit(hub)
  const delivered = await agent.nextTask()
  const deaf = await Promise.all(Array.from({ length: 6 }, () => followWithoutReading(hub, task.id)))
  await stream(agent, task.id, PIECES)
  // Cut by the hub: every one of its sides of these connections is gone
  const gone = deaf.map((raw) => {
    raw.tcp.resume()
    return raw.untilClosed()
  })
  for (const heard of await Promise.all(gone)) expect(heard).not.toContain('event: state')
  agent.reply(delivered, 'done')
  await using late = await follow(hub, eventsOf(task.id))
  await late.all()
  expect((await hub.callBare('GET', '/health')).status).toBe(200)
})

test('a streaming caller that never reads is cut off, and that cancels its task', async () => {
  await using hub = await startHub()
  await using agent = await connect(hub, level2)
  await using raw = await openRaw(hub)
  const body = JSON.stringify({ agent: 'a', message: 'x' })
  const head = ['POST /task HTTP/1.1', 'Host: h', `Authorization: Bearer ${hub.secret}`, 'Accept: text/event-stream']
  raw.write(`${[...head, `Content-Length: ${body.length}`].join('\r\n')}\r\n\r\n${body}`)
  await raw.until('event: snapshot')
  raw.tcp.pause()
  const task = await agent.nextTask()
  const canceled = agent.next('task-cancel')
  // As an agent would that does not look at what the hub says
  for (let seq = 0; seq < PIECES; seq++) {
    agent.send({ type: 'task-delta', requestId: task.requestId, seq, text: TEXT })
    if (seq % 20 === 19) await agent.settle()
  }
  expect(await canceled).toMatchObject({ requestId: task.requestId, reason: expect.stringMatching(/\w/) })
})

test('the longest message and answer reach everybody who reads', async () => {
  await using hub = await startHub()
  await using agent = await connect(hub, level2)
  const task = await submit(hub, { message: LARGE })
  await using reader = await follow(hub, eventsOf(task.id))
  const delivered = await agent.nextTask()
  agent.accept(delivered)
  agent.reply(delivered, LARGE)
  const end = { state: 'completed', message: LARGE, response: LARGE }
  expect((await reader.all()).at(-1)?.data).toMatchObject(end)
  await using late = await follow(hub, eventsOf(task.id))
  expect((await late.all())[0]?.data).toMatchObject(end)
  await using caller = await follow(hub, '/task', { method: 'POST', body: { agent: 'a', message: LARGE } })
  agent.reply(await agent.nextTask(), LARGE)
  expect((await caller.all()).at(-1)?.data).toMatchObject(end)
})
