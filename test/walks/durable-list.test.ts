import { describe, expect, test } from 'vitest'
import { openDataFolder, STORES } from '../helpers/data-folder.ts'
import { endOf, submit, type Task } from '../helpers/durable-calls.ts'
import { connect } from '../helpers/peer.ts'
import { startHub, type TestHub } from '../helpers/start-hub.ts'

interface Page {
  readonly ids: readonly string[]
  readonly tasks: readonly Task[]
  readonly nextCursor: string | undefined
}

const isTask = (value: unknown): value is Task => typeof value === 'object' && value !== null && 'id' in value

const list = async (hub: TestHub, query = ''): Promise<Page> => {
  const { status, body, text } = await hub.get(`/tasks${query}`)
  const tasks = body?.['tasks']
  if (status !== 200 || !Array.isArray(tasks) || !tasks.every(isTask)) throw new Error(`${status} ${text}`)
  const nextCursor = body?.['nextCursor']
  if (nextCursor !== undefined && typeof nextCursor !== 'string') throw new Error(text)
  return { tasks, ids: tasks.map(({ id }) => id), nextCursor }
}

const submitMany = async (hub: TestHub, count: number, body: object = {}): Promise<string[]> => {
  const ids: string[] = []
  for (let at = 0; at < count; at++) ids.push((await submit(hub, { message: `task ${at}`, ...body })).id)
  return ids
}

/** Reads page after page to the end. */
const walk = async (hub: TestHub, query: string, between: () => Promise<unknown> = async () => undefined) => {
  const ids: string[] = []
  let page = await list(hub, `?${query}`)
  ids.push(...page.ids)
  while (page.nextCursor !== undefined) {
    await between()
    page = await list(hub, `?${query}&cursor=${encodeURIComponent(page.nextCursor)}`)
    ids.push(...page.ids)
  }
  return ids
}

describe.each(STORES)('GET /tasks with the %s store', (store) => {
  test('lists the newest first, each as GET /tasks/{id} shows it', async () => {
    await using folder = await openDataFolder(store)
    await using hub = await startHub({ env: { HUB_DATA_DIR: folder.path } })
    expect((await hub.get('/tasks')).text).toBe('{"tasks":[]}')
    const ids = await submitMany(hub, 3)
    const page = await list(hub)
    expect(page).toMatchObject({ ids: ids.toReversed(), nextCursor: undefined })
    for (const task of page.tasks) expect((await hub.get(`/tasks/${task.id}`)).body).toEqual(task)
  })

  test('finds by state and agent, alone and together', async () => {
    await using folder = await openDataFolder(store)
    await using hub = await startHub({ env: { HUB_DATA_DIR: folder.path } })
    await using agent = await connect(hub, { name: 'Bob', skills: ['s'], protocol: 2 })
    const done = await submit(hub, { agent: 'bob' })
    agent.reply(await agent.nextTask(), 'done')
    await endOf(hub, done.id)
    const bySkill = await submit(hub, { skill: 'S' })
    const failed = await submit(hub, { agent: 'BOB' })
    await agent.nextTask()
    agent.fail(await agent.nextTask(), 'no')
    await endOf(hub, failed.id)
    const absent = await submit(hub, { agent: 'eve' })
    const canceled = await submit(hub, { skill: 'nobody has it' })
    await hub.post(`/tasks/${canceled.id}/cancel`, {})

    const found: [string, Task[]][] = [
      ['?state=submitted', [absent]],
      ['?state=working', [bySkill]],
      ['?state=completed', [done]],
      ['?state=failed', [failed]],
      ['?state=canceled', [canceled]],
      ['?state=rejected', []],
      [`?agent=${encodeURIComponent('ｂｏｂ')}`, [failed, bySkill, done]],
      ['?agent=BOB&state=completed', [done]],
      ['?agent=eve', [absent]],
      ['?agent=eve&state=failed', []],
      ['?agent=nobody', []],
      ['?unknown=member', [canceled, absent, failed, bySkill, done]],
    ]
    for (const [query, tasks] of found) {
      expect((await list(hub, query)).ids, query).toEqual(tasks.map(({ id }) => id))
    }
  })

  test('gives pages that lose and repeat nothing, though tasks come and go meanwhile', async () => {
    await using folder = await openDataFolder(store)
    await using hub = await startHub({ env: { HUB_DATA_DIR: folder.path } })
    await submitMany(hub, 3, { agent: 'other' })
    const ids = await submitMany(hub, 7)
    expect(await walk(hub, 'limit=7&agent=a')).toEqual(ids.toReversed())
    expect((await list(hub, '?limit=7&agent=a')).nextCursor).toBeUndefined()
    const seen = await walk(hub, 'limit=2&agent=a', async () => {
      await submit(hub)
      await hub.post(`/tasks/${ids[0]}/cancel`, {})
    })
    expect(seen).toEqual(ids.toReversed())
    expect(await walk(hub, 'limit=1&state=canceled')).toEqual([ids[0]])
  })

  test('refuses a cursor that was not made here', async () => {
    await using folder = await openDataFolder(store)
    await using otherFolder = await openDataFolder(store)
    await using hub = await startHub({ env: { HUB_DATA_DIR: folder.path } })
    await using other = await startHub({ env: { HUB_DATA_DIR: otherFolder.path } })
    await submitMany(hub, 2)
    await submitMany(other, 2)
    const { nextCursor } = await list(hub, '?limit=1')
    const foreign = await list(other, '?limit=1')
    const cursors = [
      foreign.nextCursor ?? '',
      'x',
      '',
      '0',
      '-1',
      '%00',
      `x${nextCursor}`,
      'x'.repeat(2_000),
      "' OR 1=1 --",
    ]
    for (const cursor of cursors) {
      const answer = await hub.get(`/tasks?cursor=${encodeURIComponent(cursor)}`)
      expect(answer, cursor).toMatchObject({ status: 400, body: { code: 'bad_request', success: false } })
    }
    expect((await list(hub, `?cursor=${encodeURIComponent(nextCursor ?? '')}`)).ids).toHaveLength(1)
  })
})

test('a page has 50 tasks unless told otherwise, and 200 at most', async () => {
  await using hub = await startHub()
  const ids = (await submitMany(hub, 201)).toReversed()
  const page = await list(hub)
  expect(page.ids).toEqual(ids.slice(0, 50))
  expect(page.nextCursor).toEqual(expect.any(String))
  expect((await list(hub, '?limit=200')).ids).toEqual(ids.slice(0, 200))
  expect(await walk(hub, 'limit=67')).toEqual(ids)
})

const wrong = [
  'limit=0',
  'limit=201',
  'limit=-1',
  'limit=1.5',
  'limit=x',
  'limit=',
  'limit=1&limit=2',
  'state=open',
  'state=',
  'state=Working',
  'state=working&state=failed',
  'agent=a&agent=b',
  'cursor=a&cursor=b',
]
test.each(wrong)('GET /tasks?%s is a 400 problem', async (query) => {
  await using hub = await startHub()
  const answer = await hub.get(`/tasks?${query}`)
  expect(answer).toMatchObject({ status: 400, body: { code: 'bad_request', success: false, status: 400 } })
  expect(answer.body?.['detail']).toContain(query.slice(0, query.indexOf('=')))
})
