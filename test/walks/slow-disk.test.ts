import { SqliteTaskStore } from '@ai-comms/hub'
import { expect, test } from 'vitest'
import { openDataFolder } from '../helpers/data-folder.ts'
import { endOf, findTask, submit } from '../helpers/durable-calls.ts'
import { eventsOf, follow } from '../helpers/event-reader.ts'
import { connect, type Peer } from '../helpers/peer.ts'
import { startHub } from '../helpers/start-hub.ts'

/** What each commit is made slower by, in milliseconds. */
const COMMIT_PAUSE_MS = 50
const SUBMITTERS = 16
const ROUNDS = 8

const timed = async (act: () => Promise<unknown>): Promise<number> => {
  const from = performance.now()
  await act()
  return performance.now() - from
}

const medianOf = (times: readonly number[]): number =>
  times.toSorted((one, other) => one - other)[times.length >> 1] ?? 0

const answerAll = (agent: Peer): void => {
  agent.socket.on('message', (data) => {
    const frame: { type: string; requestId: string } = JSON.parse(String(data))
    if (frame.type === 'task') agent.send({ type: 'task-response', requestId: frame.requestId, response: 'done' })
  })
}

test('a slow disk delays the 202 of durable tasks, and nothing else', async () => {
  await using folder = await openDataFolder()
  const store = new SqliteTaskStore({ folder: folder.path, commitPauseMs: COMMIT_PAUSE_MS })
  await using hub = await startHub({ store })
  await using echo = await connect(hub, { name: 'echo', protocol: 2 })
  answerAll(echo)
  await using one = await connect(hub, { name: 'one' })
  await using two = await connect(hub, { name: 'two' })
  await using worker = await connect(hub, { name: 'worker', protocol: 2 })
  const [waiting, ended, followed] = await Promise.all([
    submit(hub, { agent: 'absent' }),
    submit(hub, { agent: 'echo' }),
    submit(hub, { agent: 'worker' }),
  ])
  await endOf(hub, ended.id)
  await worker.nextTask()
  await using reader = await follow(hub, eventsOf(followed.id))

  let isOver = false
  const waits: number[] = []
  const submitters = Array.from({ length: SUBMITTERS }, async () => {
    while (!isOver) waits.push(await timed(() => submit(hub, { agent: 'absent' })))
  })
  const acts: { readonly [name: string]: () => Promise<unknown> } = {
    'POST /task': async () => {
      expect(await hub.post('/task', { agent: 'echo', message: 'x' })).toMatchObject({ status: 200 })
    },
    'GET /health': async () => expect((await hub.callBare('GET', '/health')).status).toBe(200),
    'GET /tasks/{id} of one that waits': () => findTask(hub, waiting.id),
    'GET /tasks/{id} of one that is over': () => findTask(hub, ended.id),
    'GET /tasks': () => hub.get('/tasks?limit=5'),
    'agent-message': async () => {
      one.send({ type: 'agent-message', target: 'two', message: 'x' })
      await two.next('agent-message')
    },
    'a delta of a durable task': async () => {
      worker.send({ type: 'task-delta', requestId: followed.id, seq: 0, text: 'x' })
      await reader.nextWhere(({ event }) => event === 'delta', 'a delta')
    },
  }
  const times = new Map<string, number[]>(Object.keys(acts).map((name) => [name, []]))
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, act] of Object.entries(acts)) times.get(name)?.push(await timed(act))
  }
  isOver = true
  await Promise.all(submitters)

  expect(waits.length).toBeGreaterThanOrEqual(SUBMITTERS)
  expect(Math.min(...waits)).toBeGreaterThan(COMMIT_PAUSE_MS * 0.9)
  for (const [name, took] of times) expect(medianOf(took), name).toBeLessThan(COMMIT_PAUSE_MS / 2)
})

test('what comes together is written together: sixteen submissions do not wait for sixteen commits', async () => {
  await using folder = await openDataFolder()
  const store = new SqliteTaskStore({ folder: folder.path, commitPauseMs: COMMIT_PAUSE_MS })
  await using hub = await startHub({ store })
  const before = store.commits
  await Promise.all(Array.from({ length: SUBMITTERS }, () => submit(hub, { agent: 'absent' })))
  expect(store.commits - before).toBeLessThanOrEqual(SUBMITTERS / 4)
})
