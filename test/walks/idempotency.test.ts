import { randomBytes } from 'node:crypto'
import { TokenBook } from '@ai-comms/hub'
import { describe, expect, test } from 'vitest'
import { openDataFolder, STORES } from '../helpers/data-folder.ts'
import { endOf, passTime } from '../helpers/durable-calls.ts'
import { connect } from '../helpers/peer.ts'
import { startHub, type TestHub } from '../helpers/start-hub.ts'

const HOUR_MS = 3_600_000
const BODY = { agent: 'a', message: 'x' }

const submit = (hub: TestHub, body: unknown, key: string, headers: Readonly<Record<string, string>> = {}) =>
  hub.post('/tasks', body, { headers: { 'idempotency-key': key, ...headers } })

const countTasks = async (hub: TestHub): Promise<unknown> => {
  const tasks = (await hub.get('/tasks?limit=200')).body?.['tasks']
  return Array.isArray(tasks) ? tasks.length : tasks
}

describe.each(STORES)('with the %s store', (store) => {
  test('a repeat of key and body is answered with the first task, and makes no other', async () => {
    await using folder = await openDataFolder(store)
    await using hub = await startHub({ env: { HUB_DATA_DIR: folder.path } })
    await using agent = await connect(hub, { name: 'a', protocol: 2 })
    const first = await submit(hub, BODY, 'k')
    expect(first.status).toBe(202)
    expect(first.headers).not.toHaveProperty('idempotent-replay')
    const task = await agent.nextTask()
    const second = await submit(hub, BODY, 'k')
    expect(second).toMatchObject({ status: 202, headers: { 'idempotent-replay': 'true' } })
    expect(second.headers['location']).toBe(first.headers['location'])
    expect(second.body).toMatchObject({ id: task.requestId, state: 'working' })
    agent.reply(task, 'done')
    const ended = await endOf(hub, task.requestId)
    const third = await submit(hub, BODY, 'k')
    expect(third).toMatchObject({ status: 202, headers: { 'idempotent-replay': 'true' } })
    expect(third.body).toEqual(ended)
    await agent.settle()
    expect(agent.seenOf('task')).toHaveLength(1)
    expect(await countTasks(hub)).toBe(1)
  })

  test('another body under the same key is 422, and does not disturb the first', async () => {
    await using folder = await openDataFolder(store)
    await using hub = await startHub({ env: { HUB_DATA_DIR: folder.path } })
    const first = await submit(hub, BODY, 'k')
    for (const more of [
      { message: 'y' },
      { agent: 'b' },
      { sender: 'other' },
      { ttlMs: 5_000 },
      { timeoutMs: 5_000 },
    ]) {
      const answer = await submit(hub, { ...BODY, ...more }, 'k')
      expect(answer).toMatchObject({ status: 422, body: { code: 'idempotency_conflict', success: false, status: 422 } })
      expect(answer.headers['content-type']).toContain('application/problem+json')
      expect(answer.body?.['agent']).toBe({ ...BODY, ...more }.agent)
    }
    expect((await submit(hub, BODY, 'k')).body).toEqual(first.body)
    expect((await submit(hub, BODY, 'K')).headers).not.toHaveProperty('idempotent-replay')
    expect(await countTasks(hub)).toBe(2)
  })

  test('repeats at the same time make one task and are delivered once', async () => {
    await using folder = await openDataFolder(store)
    await using hub = await startHub({ env: { HUB_DATA_DIR: folder.path } })
    await using agent = await connect(hub, { name: 'a', protocol: 2 })
    const answers = await Promise.all(Array.from({ length: 24 }, () => submit(hub, BODY, 'k')))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]))
    expect(new Set(answers.map(({ body }) => body?.['id'])).size).toBe(1)
    expect(answers.filter(({ headers }) => headers['idempotent-replay'] === undefined)).toHaveLength(1)
    await agent.nextTask()
    await agent.settle()
    expect(agent.seenOf('task')).toHaveLength(1)
    expect(await countTasks(hub)).toBe(1)
  })

  test('different bodies at the same time under one key make one task; the others are 422', async () => {
    await using folder = await openDataFolder(store)
    await using hub = await startHub({ env: { HUB_DATA_DIR: folder.path } })
    const bodies = Array.from({ length: 12 }, (_, at) => ({ ...BODY, message: `m${at}` }))
    const answers = await Promise.all(bodies.map((body) => submit(hub, body, 'k')))
    expect(answers.filter(({ status }) => status === 202)).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 422)).toHaveLength(11)
    expect(await countTasks(hub)).toBe(1)
  })

  test('a key is remembered for 24 hours, also when its task was cancelled', async () => {
    await using folder = await openDataFolder(store)
    await using hub = await startHub({ env: { HUB_DATA_DIR: folder.path } })
    const first = await submit(hub, BODY, 'k')
    await hub.post(`/tasks/${first.body?.['id']}/cancel`, {})
    await passTime(hub, 1_000)
    hub.clock.time += 24 * HOUR_MS - 60_000
    await passTime(hub, 2_000)
    expect(await submit(hub, BODY, 'k')).toMatchObject({
      status: 202,
      body: { id: first.body?.['id'], state: 'canceled' },
    })
    await passTime(hub, 60_000)
    const again = await submit(hub, { ...BODY, message: 'new' }, 'k')
    expect(again).toMatchObject({ status: 202, body: { state: 'submitted', message: 'new' } })
    expect(again.headers).not.toHaveProperty('idempotent-replay')
    expect(again.body?.['id']).not.toBe(first.body?.['id'])
    expect(await submit(hub, BODY, 'k')).toMatchObject({ status: 422 })
  })
})

test('order, spacing, escapes and written-out defaults make no other body', async () => {
  await using hub = await startHub()
  const first = await submit(hub, '{"agent":"a","message":"é","timeoutMs":5000}', 'k')
  for (const body of [
    '{ "timeoutMs": 5e3,\n "message": "\\u00e9", "agent": "a" }',
    '{"agent":"a","message":"é","timeoutMs":5000.0,"sender":"bot"}',
    '{"agent":"z","agent":"a","message":"é","timeoutMs":5000}',
  ]) {
    const answer = await submit(hub, body, 'k')
    expect(answer, body).toMatchObject({ status: 202, body: { id: first.body?.['id'] } })
    expect(answer.headers['idempotent-replay']).toBe('true')
  }
})

test('without a key every submission is a task of its own', async () => {
  await using hub = await startHub()
  const [one, two] = [await hub.post('/tasks', BODY), await hub.post('/tasks', BODY)]
  expect(one.body?.['id']).not.toBe(two.body?.['id'])
})

test('any printable key of 1 to 255 characters is one', async () => {
  await using hub = await startHub()
  for (const key of ['k', '~', 'k'.repeat(255), 'a b', `"quoted, key"; x={'%'}`, '__proto__', 'constructor']) {
    expect((await submit(hub, BODY, key)).headers, key).not.toHaveProperty('idempotent-replay')
    expect((await submit(hub, BODY, key)).headers['idempotent-replay'], key).toBe('true')
  }
})

test.each([
  ['empty', ''],
  ['of 256 characters', 'k'.repeat(256)],
  ['not ASCII', 'clé'],
  ['with a tab', 'a\tb'],
])('a key that is %s is 400', async (_what, key) => {
  await using hub = await startHub()
  expect(await submit(hub, BODY, key)).toMatchObject({ status: 400, body: { code: 'bad_request', success: false } })
  expect(await countTasks(hub)).toBe(0)
})

test('a refused body uses up no key', async () => {
  await using hub = await startHub()
  expect((await submit(hub, { agent: 'a' }, 'k')).status).toBe(400)
  expect((await submit(hub, BODY, 'k')).headers).not.toHaveProperty('idempotent-replay')
})

test('keys of different credentials do not meet, and a rotated secret is the same credential', async () => {
  await using folder = await openDataFolder()
  const previous = randomBytes(24).toString('base64url')
  await using hub = await startHub({ env: { HUB_DATA_DIR: folder.path, HUB_SECRET_PREVIOUS: previous } })
  const book = new TokenBook(folder.path)
  const order = (name: string) => ({ name, scopes: ['tasks:write' as const], ttlMs: HOUR_MS })
  const now = hub.clock.toEpochMs(hub.clock.now())
  const tokens = [await book.issue(order('one'), now), await book.issue(order('two'), now)]
  const ids = new Set([(await submit(hub, BODY, 'k')).body?.['id']])
  for (const { token } of tokens) {
    const authorization = `Bearer ${token}`
    const answer = await submit(hub, BODY, 'k', { authorization })
    expect(answer.status).toBe(202)
    expect(answer.headers).not.toHaveProperty('idempotent-replay')
    ids.add(answer.body?.['id'])
    expect((await submit(hub, BODY, 'k', { authorization })).headers['idempotent-replay']).toBe('true')
  }
  expect(ids.size).toBe(3)
  const rotated = await submit(hub, BODY, 'k', { authorization: `Bearer ${previous}` })
  expect(rotated.headers['idempotent-replay']).toBe('true')
})
