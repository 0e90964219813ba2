import { expect, test } from 'vitest'
import { type MakeStore, openStore, troubleOf } from './store-under-test.ts'
import {
  answer,
  callOff,
  keyOf,
  listAllIds,
  listIds,
  MADE_AT,
  newTask,
  queryOf,
  readOpenIds,
  toAgent,
  toSkill,
  workOn,
} from './stored-tasks.ts'

/** What lists promise. */
export const testLists = (makeStore: MakeStore) => {
  test('lists the newest first, page by page', async () => {
    await using made = await openStore(makeStore)
    const tasks = Array.from({ length: 5 }, () => newTask())
    await Promise.all(tasks.map((task) => made.store.add(task)))
    const newestFirst = tasks.map(({ id }) => id).reverse()
    expect(await listAllIds(made.store, { limit: 2 })).toEqual(newestFirst)
    expect(await listAllIds(made.store, { limit: 5 })).toEqual(newestFirst)
    const whole = await made.store.list(queryOf({ limit: 5 }))
    expect(whole?.nextCursor).toBeUndefined()
    expect(whole?.tasks).toStrictEqual([...tasks].reverse())
  })

  test('has a stable place for a page while tasks come and go', async () => {
    await using made = await openStore(makeStore)
    const { store } = made
    const tasks = Array.from({ length: 6 }, () => newTask())
    for (const task of tasks) await store.add(task)
    const [first, second, third, fourth, fifth, sixth] = tasks
    if (!first || !second || !third || !fourth || !fifth || !sixth) throw new Error('Six tasks were made')
    const page = await store.list(queryOf({ limit: 2 }))
    expect(page?.tasks.map(({ id }) => id)).toEqual([sixth.id, fifth.id])
    await store.add(newTask())
    for (const gone of [fifth, third]) await store.update(answer(gone))
    expect(await store.purge(MADE_AT + 100, MADE_AT, 10)).toBe(2)
    expect(await listIds(store, { cursor: page?.nextCursor })).toEqual([fourth.id, second.id, first.id])
  })

  test('lists by state and by the agent that holds or held a task or that it is for', async () => {
    await using made = await openStore(makeStore)
    const { store } = made
    const waiting = newTask({ target: toAgent('ÇELİK') })
    const forAnybody = newTask({ target: toSkill('atlas') })
    const held = newTask({ target: toSkill('planning') })
    const done = newTask()
    for (const task of [waiting, forAnybody, held, done]) await store.add(task)
    await store.update(workOn(held, 'Atlas'))
    await store.update(answer(done))
    expect(await listIds(store, { agentKey: 'atlas' })).toEqual([done.id, held.id])
    expect(await listIds(store, { agentKey: waiting.target.key })).toEqual([waiting.id])
    expect(await listIds(store, { state: 'submitted' })).toEqual([forAnybody.id, waiting.id])
    expect(await listIds(store, { state: 'working', agentKey: 'atlas' })).toEqual([held.id])
    expect(await listIds(store, { state: 'failed' })).toEqual([])
    expect(await listAllIds(store, { agentKey: 'atlas', limit: 1 })).toEqual([done.id, held.id])
  })

  test('knows its own cursors only', async () => {
    await using made = await openStore(makeStore)
    await using other = await openStore(makeStore)
    for (const { store } of [made, other]) for (let count = 0; count < 2; count++) await store.add(newTask())
    const cursor = (await made.store.list(queryOf({ limit: 1 })))?.nextCursor ?? 'none'
    expect(await made.store.list(queryOf({ cursor }))).toBeDefined()
    expect(await other.store.list(queryOf({ cursor }))).toBeUndefined()
    const garbage = ['', '*', 'AAAA', cursor.slice(1), `${cursor}A`, `${cursor}=`, ` ${cursor}`, cursor.toUpperCase()]
    for (const wrong of garbage) expect(await made.store.list(queryOf({ cursor: wrong }))).toBeUndefined()
  })

  test('reads every open task in the order of submission, however many there are', async () => {
    await using made = await openStore(makeStore)
    const { store } = made
    const tasks = Array.from({ length: 700 }, () => newTask())
    await Promise.all(tasks.map((task) => store.add(task)))
    await Promise.all(tasks.map((task, at) => (at % 3 === 0 ? store.update(answer(task)) : undefined)))
    await Promise.all(tasks.map((task, at) => (at % 3 === 1 ? store.update(workOn(task)) : undefined)))
    expect(await readOpenIds(store)).toEqual(tasks.flatMap(({ id }, at) => (at % 3 === 0 ? [] : [id])))
    for await (const page of store.readOpen()) {
      expect(page[1]).toStrictEqual(tasks[2])
      break
    }
  })
}

/** What a purge forgets and keeps. */
export const testPurges = (makeStore: MakeStore) => {
  test('forgets what ended early enough and nothing that is open', async () => {
    await using made = await openStore(makeStore)
    const { store } = made
    const [open, early, late] = [newTask(), newTask(), newTask()]
    for (const task of [open, early, late]) await store.add(task)
    await store.update(answer(early, MADE_AT + 10))
    await store.update(callOff(late, MADE_AT + 11))
    expect(await store.purge(MADE_AT + 10, MADE_AT, 10)).toBe(1)
    expect(await listIds(store)).toEqual([late.id, open.id])
    expect(await store.find(early.id)).toBeUndefined()
    expect(await store.size()).toMatchObject({ tasks: 2 })
  })

  test('forgets no more at once than it may', async () => {
    await using made = await openStore(makeStore)
    const tasks = Array.from({ length: 5 }, () => newTask())
    for (const task of tasks) await made.store.add(task)
    for (const task of tasks) await made.store.update(answer(task))
    const counts: number[] = []
    for (let round = 0; round < 4; round++) counts.push(await made.store.purge(MADE_AT + 10, MADE_AT, 2))
    expect(counts).toEqual([2, 2, 1, 0])
  })

  test('keeps a task for as long as its key is remembered', async () => {
    await using made = await openStore(makeStore)
    const { store } = made
    const task = newTask()
    await store.add(task, keyOf({ expiresAt: MADE_AT + 50 }))
    await store.update(answer(task))
    expect(await store.purge(MADE_AT + 10, MADE_AT + 49, 10)).toBe(0)
    expect(await store.add(newTask(), keyOf())).toStrictEqual({ kind: 'replayed', task: answer(task) })
    expect(await store.purge(MADE_AT + 10, MADE_AT + 50, 10)).toBe(1)
    expect(await store.find(task.id)).toBeUndefined()
    expect(await store.add(newTask(), keyOf())).toEqual({ kind: 'added' })
  })

  test('forgets a key that has expired although its task stays', async () => {
    await using made = await openStore(makeStore)
    await made.store.add(newTask(), keyOf({ expiresAt: MADE_AT + 50 }))
    expect(await made.store.purge(MADE_AT, MADE_AT + 50, 10)).toBe(0)
    expect(await made.store.add(newTask(), keyOf({ digest: 'new' }))).toEqual({ kind: 'added' })
  })
}

/** How a store begins and ends. */
export const testLife = (makeStore: MakeStore) => {
  test('tells a new store from one that was opened before, and opens once', async () => {
    await using made = await makeStore()
    expect(await made.store.open()).toEqual({ boot: 0, notes: [] })
    expect(await made.store.open()).toEqual({ boot: 0, notes: [] })
  })

  test('probes without changing anything', async () => {
    await using made = await openStore(makeStore)
    const task = newTask()
    await made.store.add(task)
    await made.store.probe()
    expect(await listIds(made.store)).toEqual([task.id])
    expect(await made.store.size()).toMatchObject({ tasks: 1 })
  })

  test('finishes what was asked before it closes', async () => {
    await using made = await openStore(makeStore)
    const additions = Promise.all(Array.from({ length: 100 }, () => made.store.add(newTask())))
    await made.store.close()
    expect(await additions).toEqual(Array.from({ length: 100 }, () => ({ kind: 'added' })))
  })

  test.each(['before it is opened', 'after it is closed'])('refuses everything %s', async (when) => {
    await using made = await makeStore()
    const { store } = made
    if (when === 'after it is closed') {
      await store.open()
      await Promise.all([store.close(), store.close()])
      await store.close()
      expect(await troubleOf(store.open())).toBe('closed')
    }
    const asked = [
      () => store.add(newTask()),
      () => store.update(newTask()),
      () => store.find('one'),
      () => store.list(queryOf()),
      () => store.purge(0, 0, 1),
      () => store.size(),
      () => store.probe(),
      () => readOpenIds(store),
    ]
    for (const ask of asked) expect(await troubleOf(ask())).toBe('closed')
  })
}
