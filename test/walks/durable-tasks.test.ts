import { describe, expect, test } from 'vitest'
import { openDataFolder, STORES } from '../helpers/data-folder.ts'
import { endOf, findTask, submit } from '../helpers/durable-calls.ts'
import { connect, dial } from '../helpers/peer.ts'
import { startHub } from '../helpers/start-hub.ts'

const DAY_MS = 86_400_000
const UNKNOWN_ID = '00000000-0000-4000-8000-000000000000'
const PROBLEM = 'application/problem+json'

const toIso = (at: number) => new Date(at).toISOString()

describe.each(STORES)('with the %s store', (store) => {
  test('a task for an absent agent is taken with 202, its place, and all its members', async () => {
    await using folder = await openDataFolder(store)
    await using hub = await startHub({ env: { HUB_DATA_DIR: folder.path } })
    const now = hub.clock.toEpochMs(hub.clock.now())
    const { status, headers, body } = await hub.post('/tasks', { agent: 'Nova', message: 'plan it' })
    expect(status).toBe(202)
    expect(headers['content-type']).toMatch(/^application\/json/)
    expect(headers['location']).toBe(`/tasks/${body?.['id']}`)
    expect(headers).not.toHaveProperty('idempotent-replay')
    expect(body).toEqual({
      id: expect.stringMatching(/./),
      state: 'submitted',
      agent: 'Nova',
      message: 'plan it',
      sender: 'bot',
      createdAt: toIso(now),
      updatedAt: toIso(now),
      deadline: toIso(now + DAY_MS),
      attempts: 0,
    })
    expect(await hub.get(String(headers['location']))).toMatchObject({ status: 200, body })
  })

  test('a task is worked on, answered, and its answer stays to be read', async () => {
    await using folder = await openDataFolder(store)
    await using hub = await startHub({ env: { HUB_DATA_DIR: folder.path } })
    await using agent = await connect(hub, { name: 'A', skills: ['sums'], protocol: 2 })
    const sent = {
      skill: 'Sums',
      message: 'add\u0000 up 𐐀 \ud800',
      sender: 's',
      conversationId: 'talk',
      timeoutMs: 60_000,
    }
    const task = await submit(hub, sent)
    const created = Date.parse(String(task['createdAt']))
    expect(task).toMatchObject({
      skill: 'Sums',
      sender: 's',
      conversationId: 'talk',
      deadline: toIso(created + 60_000),
    })
    const delivered = await agent.nextTask()
    const message = 'add\u0000 up 𐐀 \ufffd'
    expect(delivered).toMatchObject({ requestId: task.id, message, sender: 's', conversationId: 'talk', attempt: 1 })
    expect(delivered['deadline']).toBe(task['deadline'])
    agent.accept(delivered)
    await agent.settle()
    const working = await findTask(hub, task.id)
    expect(working).toMatchObject({ state: 'working', agent: 'A', skill: 'Sums', message, attempts: 1 })
    hub.advance(2_000)
    agent.reply(delivered, 'sum\u0000 é')
    const ended = await endOf(hub, task.id)
    expect(ended).toEqual({
      ...working,
      state: 'completed',
      response: 'sum\u0000 é',
      updatedAt: toIso(created + 2_000),
    })
    expect(await findTask(hub, task.id)).toEqual(ended)
  })

  test('a task that waits can be cancelled, twice, and no agent ever gets it', async () => {
    await using folder = await openDataFolder(store)
    await using hub = await startHub({ env: { HUB_DATA_DIR: folder.path } })
    const task = await submit(hub)
    const canceled = await hub.call('POST', `/tasks/${task.id}/cancel`)
    const error = expect.stringMatching(/\w/)
    expect(canceled).toMatchObject({ status: 200, body: { id: task.id, state: 'canceled', error, attempts: 0 } })
    expect(canceled.body?.['code']).toBe('task_canceled')
    hub.advance(1_000)
    expect(await hub.call('POST', `/tasks/${task.id}/cancel/`)).toMatchObject({ status: 200, body: canceled.body })
    expect(await findTask(hub, task.id)).toEqual(canceled.body)
    await using agent = await connect(hub, { name: 'a', protocol: 2 })
    await agent.settle()
    expect(agent.seenOf('task')).toEqual([])
  })
})

test.each([1, 2])('cancelling a task that an agent of level %i works on', async (protocol) => {
  await using hub = await startHub()
  await using agent = await connect(hub, { name: 'a', protocol })
  const task = await submit(hub)
  const delivered = await agent.nextTask()
  const canceled = await hub.call('POST', `/tasks/${task.id}/cancel`)
  expect(canceled).toMatchObject({ status: 200, body: { state: 'canceled', code: 'task_canceled', agent: 'a' } })
  await agent.settle()
  const stop = { type: 'task-cancel', requestId: task.id, reason: expect.stringMatching(/\w/) }
  expect(agent.seenOf('task-cancel')).toEqual(protocol === 2 ? [stop] : [])
  agent.reply(delivered, 'too late')
  expect(await agent.nextError()).toMatchObject({ code: 'unknown_task', requestId: task.id })
  expect(await findTask(hub, task.id)).toEqual(canceled.body)
})

test('cancelling a task that is over changes nothing', async () => {
  await using hub = await startHub()
  await using agent = await connect(hub, { name: 'a' })
  const task = await submit(hub)
  agent.reply(await agent.nextTask(), 'done')
  const ended = await endOf(hub, task.id)
  hub.advance(5_000)
  const canceled = await hub.call('POST', `/tasks/${task.id}/cancel`)
  expect(canceled).toMatchObject({ status: 200, body: { state: 'completed', response: 'done' } })
  expect(canceled.body).toEqual(ended)
})

test('a cancel needs no body, and minds none', async () => {
  await using hub = await startHub()
  const json = { headers: { 'content-type': 'application/json' } }
  for (const options of [{}, { ...json, body: '' }, { body: {} }, { body: { reason: 'changed my mind' } }]) {
    const task = await submit(hub)
    const answer = await hub.call('POST', `/tasks/${task.id}/cancel`, options)
    expect(answer, JSON.stringify(options)).toMatchObject({ status: 200, body: { state: 'canceled' } })
  }
})

const paths: [string, string][] = [
  ['GET', ''],
  ['GET', '/'],
  ['GET', '/events'],
  ['POST', '/cancel'],
]
test.each(paths)('%s /tasks/{id}%s of a task that does not exist is 404 with success: false', async (method, end) => {
  await using hub = await startHub()
  await submit(hub)
  const ids = [
    UNKNOWN_ID,
    'x',
    '__proto__',
    'constructor',
    '%00',
    '..%2ftasks',
    '%F0%9F%98%80',
    '1'.repeat(8_000),
    '-1',
  ]
  for (const id of ids) {
    const answer = await hub.call(method, `/tasks/${id}${end}`)
    expect(answer, id).toMatchObject({ status: 404, body: { success: false, status: 404 } })
    expect(answer.headers['content-type']).toContain(PROBLEM)
    expect(answer.body?.['error']).toBe(answer.body?.['detail'])
  }
  const answer = await hub.call(method, `/tasks/${UNKNOWN_ID}${end}`)
  expect(answer.body).toMatchObject({ code: 'unknown_task' })
})

test('a query and a trailing slash do not matter, and HEAD is GET without the body', async () => {
  await using hub = await startHub()
  expect((await hub.post('/tasks/?agent=b', { agent: 'a', message: 'x' })).body).toMatchObject({ agent: 'a' })
  const { id } = await submit(hub)
  for (const path of ['/tasks', '/tasks/', '/tasks/?limit=1', `/tasks/${id}`, `/tasks/${id}/`, `/tasks/${id}/?x=1`]) {
    const [get, head] = [await hub.get(path), await hub.call('HEAD', path)]
    expect([get.status, head.status, head.text], path).toEqual([200, 200, ''])
    expect(head.headers['content-type']).toBe(get.headers['content-type'])
    expect(head.headers['content-length']).toBe(get.headers['content-length'])
  }
  expect((await hub.call('HEAD', `/tasks/${UNKNOWN_ID}`)).status).toBe(404)
})

test('another method of a known path is 405 with Allow, with or without credentials', async () => {
  await using hub = await startHub()
  const { id } = await submit(hub)
  const wrong: [string, string, string[]][] = [
    ['PUT', '/tasks', ['GET', 'HEAD', 'POST']],
    ['DELETE', '/tasks/', ['GET', 'HEAD', 'POST']],
    ['POST', `/tasks/${id}`, ['GET', 'HEAD']],
    ['DELETE', `/tasks/${id}`, ['GET', 'HEAD']],
    ['PATCH', `/tasks/${UNKNOWN_ID}`, ['GET', 'HEAD']],
    ['GET', `/tasks/${id}/cancel`, ['POST']],
    ['HEAD', `/tasks/${id}/cancel`, ['POST']],
    ['POST', `/tasks/${id}/events`, ['GET', 'HEAD']],
  ]
  for (const [method, path, methods] of wrong) {
    for (const answer of [await hub.call(method, path), await hub.callBare(method, path)]) {
      expect(answer.status, `${method} ${path}`).toBe(405)
      const allowed = answer.headers['allow']?.split(', ').filter((one) => one !== 'OPTIONS')
      expect(allowed?.toSorted()).toEqual(methods)
    }
  }
  for (const path of [`/tasks/${id}/nowhere`, `/tasks/${id}/events/1`, '/Tasks']) {
    expect(await hub.get(path), path).toMatchObject({ status: 404, body: { code: 'not_found' } })
  }
  // A socket is for other paths
  for (const path of ['/tasks', `/tasks/${id}`, `/tasks/${id}/events`]) {
    await expect(dial(hub, { path }), path).rejects.toThrow('400')
  }
})

test('nothing about tasks is told or done without a credential', async () => {
  await using hub = await startHub()
  const { id } = await submit(hub)
  const body = { agent: 'a', message: 'x' }
  for (const [method, path] of [
    ['GET', '/tasks'],
    ['POST', '/tasks'],
    ['GET', `/tasks/${id}`],
    ['GET', `/tasks/${id}/events`],
    ['POST', `/tasks/${id}/cancel`],
  ] as const) {
    const answer = await hub.callBare(method, path, method === 'POST' ? { body } : {})
    expect(answer, path).toMatchObject({ status: 401, body: { code: 'unauthorized' } })
    expect(answer.headers['www-authenticate']).toMatch(/^Bearer/)
  }
  expect((await hub.get('/tasks')).body?.['tasks']).toHaveLength(1)
  expect(await findTask(hub, id)).toMatchObject({ state: 'submitted' })
})

test('a listed web page may submit with a key, follow and resume; any other hears nothing', async () => {
  await using hub = await startHub({ env: { HUB_ALLOWED_ORIGINS: 'https://good.example' } })
  const { id } = await submit(hub)
  for (const path of ['/tasks', `/tasks/${id}`, `/tasks/${id}/events`, `/tasks/${id}/cancel`]) {
    const origin = 'https://good.example'
    const answer = await hub.callBare('OPTIONS', path, { headers: { origin } })
    expect(answer, path).toMatchObject({ status: 204, text: '', headers: { 'access-control-allow-origin': origin } })
    expect(answer.headers['vary']).toContain('Origin')
    const allowed = answer.headers['access-control-allow-headers']?.split(', ')
    expect(allowed).toEqual(expect.arrayContaining(['authorization', 'idempotency-key', 'last-event-id']))
    const other = await hub.callBare('OPTIONS', path, { headers: { origin: 'https://evil.example' } })
    expect(other.status).toBe(204)
    expect(Object.keys(other.headers).filter((name) => name.startsWith('access-control'))).toEqual([])
  }
  const body = { agent: 'a', message: 'x' }
  const answer = await hub.post('/tasks', body, { headers: { origin: 'https://good.example' } })
  expect(answer.headers['access-control-expose-headers']).toMatch(/location.*idempotent-replay/)
})
