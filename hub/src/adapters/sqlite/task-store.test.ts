import { spawn, spawnSync } from 'node:child_process'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Worker } from 'node:worker_threads'
import { describe, expect, test } from 'vitest'
import { troubleOf } from '../../test-support/store-under-test.ts'
import { answer, listAllIds, listIds, newTask, queryOf, workOn } from '../../test-support/stored-tasks.ts'
import { describeTaskStore } from '../../test-support/task-store-contract.ts'
import { compareWithModel } from '../../test-support/task-store-model.ts'
import { temporaryFolder } from '../../test-support/temporary-folder.ts'
import { SqliteTaskStore, type SqliteTaskStoreOptions } from './task-store.ts'

const makeStore = async (options: Partial<SqliteTaskStoreOptions> = {}) => {
  const folder = await temporaryFolder()
  let store = new SqliteTaskStore({ folder: folder.path, ...options })
  return {
    folder: folder.path,
    store,
    reopen: async () => {
      await store.close()
      store = new SqliteTaskStore({ folder: folder.path, ...options })
      await store.open()
      return store
    },
    [Symbol.asyncDispose]: async () => {
      await store.close()
      await folder[Symbol.asyncDispose]()
    },
  }
}

const openStore = async (options: Partial<SqliteTaskStoreOptions> = {}) => {
  const made = await makeStore(options)
  await made.store.open()
  return made
}

/** Opens a store and keeps its threads at hand. */
const openWithThreads = async (options: Partial<SqliteTaskStoreOptions> = {}) => {
  const threads: Worker[] = []
  const note = (thread: Worker) => threads.push(thread)
  process.on('worker', note)
  try {
    return { made: await openStore(options), threads }
  } finally {
    process.off('worker', note)
  }
}

const tasksOf = (count: number) => Array.from({ length: count }, () => newTask())

const programOf = (name: string) => fileURLToPath(new URL(`./${name}.fixture.ts`, import.meta.url))

describeTaskStore('a store in a file', makeStore)

test('whatever happens, a store in a file holds what its model holds', async () => {
  await compareWithModel(openStore, 12)
}, 60_000)

describe('a store in a file that is opened again', () => {
  test('has everything, knows its cursors and counts its starts', async () => {
    await using made = await openStore()
    const tasks = tasksOf(3)
    for (const task of tasks) await made.store.add(task)
    const page = await made.store.list(queryOf({ limit: 1 }))
    await made.store.close()
    const again = new SqliteTaskStore({ folder: made.folder })
    expect(await again.open()).toEqual({ boot: 1, notes: [] })
    expect(await listIds(again, { cursor: page?.nextCursor })).toEqual([tasks[1]?.id, tasks[0]?.id])
    await again.close()
  })

  test('is refused while another has it, and may be tried again', async () => {
    await using made = await openStore()
    const second = new SqliteTaskStore({ folder: made.folder })
    expect(await troubleOf(second.open())).toBe('locked')
    expect(await troubleOf(second.probe())).toBe('closed')
    await made.store.close()
    expect(await second.open()).toEqual({ boot: 1, notes: [] })
    await second.close()
  })

  test('has kept every promise of a process that was killed, and is free at once', async () => {
    await using folder = await temporaryFolder()
    const child = spawn(process.execPath, [programOf('endless-adds'), folder.path], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const promised: string[] = []
    const store = new SqliteTaskStore({ folder: folder.path })
    for await (const line of createInterface({ input: child.stdout })) {
      promised.push(line)
      if (promised.length === 100) {
        expect(await troubleOf(store.open())).toBe('locked')
        child.kill('SIGKILL')
      }
    }
    expect(await store.open()).toMatchObject({ boot: 1 })
    const listed = new Set(await listAllIds(store))
    expect(promised.length).toBeGreaterThanOrEqual(100)
    // The last line may have been cut off
    expect(promised.filter((id) => id.length === 36 && !listed.has(id))).toEqual([])
    await store.close()
  })
})

describe('a store with many callers', () => {
  test('finishes all that waits before it closes, however slow the disk is', async () => {
    await using made = await openStore({ commitPauseMs: 20, batchWritesMax: 1 })
    const additions = tasksOf(8).map((task) => made.store.add(task))
    await made.store.close()
    expect(made.store.commits).toBe(8)
    expect(await Promise.all(additions)).toEqual(Array(8).fill({ kind: 'added' }))
  })

  test('writes what comes together with one commit', async () => {
    await using made = await openStore()
    const tasks = tasksOf(64)
    await Promise.all(tasks.map((task) => made.store.add(task)))
    expect(made.store.commits).toBe(1)
    await Promise.all(tasks.map((task) => made.store.update(workOn(task))))
    expect(made.store.commits).toBe(2)
  })

  test('gathers what comes during a commit for the next one', async () => {
    await using made = await openStore({ commitPauseMs: 20 })
    let waiting = 0
    const addSome = async () => {
      for (let count = 0; count < 4; count++) {
        waiting++
        await made.store.add(newTask())
        waiting--
      }
    }
    await Promise.all(Array.from({ length: 64 }, addSome))
    expect(waiting).toBe(0)
    expect(made.store.commits).toBeLessThanOrEqual(8)
    expect(await made.store.size()).toMatchObject({ tasks: 256 })
  })

  test('refuses further additions when too many wait, and takes updates all the same', async () => {
    await using made = await openStore({ commitPauseMs: 20, waitingWritesMax: 10, batchWritesMax: 5 })
    const [first] = tasksOf(1)
    if (first === undefined) throw new Error('One was made')
    await made.store.add(first)
    const troubles = tasksOf(12).map((task) => troubleOf(made.store.add(task)))
    const update = made.store.update(answer(first))
    expect(await Promise.all(troubles)).toEqual([...Array(10).fill(undefined), 'overloaded', 'overloaded'])
    await update
    expect(await made.store.find(first.id)).toStrictEqual(answer(first))
    expect(await troubleOf(made.store.add(newTask()))).toBeUndefined()
    expect(await made.store.size()).toMatchObject({ tasks: 12 })
  })

  test('refuses further additions when they are too long together', async () => {
    await using made = await openStore({ waitingCharactersMax: 10_000 })
    const message = 'x'.repeat(6_000)
    const troubles = Array.from({ length: 3 }, () => troubleOf(made.store.add(newTask({ message }))))
    expect(await Promise.all(troubles)).toEqual([undefined, undefined, 'overloaded'])
  })

  test('on a slow disk holds up neither the event loop nor readers', async () => {
    await using made = await openStore({ commitPauseMs: 50, batchWritesMax: 1 })
    const [first, ...others] = tasksOf(11)
    if (first === undefined) throw new Error('Some were made')
    await made.store.add(first)
    const delays = monitorEventLoopDelay({ resolution: 1 })
    delays.enable()
    let isWriting = true
    const additions = Promise.all(others.map((task) => made.store.add(task))).finally(() => {
      isWriting = false
    })
    let reads = 0
    while (isWriting) {
      expect(await made.store.find(first.id)).toStrictEqual(first)
      expect(await made.store.list(queryOf())).toBeDefined()
      reads++
    }
    delays.disable()
    await additions
    // Ten commits take half a second; one read in the time of each would be a wait for the disk
    expect(reads).toBeGreaterThan(20)
    expect(delays.percentile(50) / 1e6).toBeLessThan(25)
  })
})

describe('a store whose thread is lost', () => {
  test('rejects what waited, undoes it, and goes on with a new thread', async () => {
    const { made, threads } = await openWithThreads({ commitPauseMs: 100, batchWritesMax: 2 })
    await using disposed = made
    const { store } = disposed
    const before = newTask()
    await store.add(before)
    const tasks = tasksOf(5)
    const troubles = tasks.map((task) => troubleOf(store.add(task)))
    await Promise.all(threads.map((thread) => thread.terminate()))
    expect(await Promise.all(troubles)).toEqual(Array(5).fill('failed'))
    expect(await listIds(store)).toEqual([before.id])
    const after = newTask()
    await store.add(after)
    expect(await listIds(store)).toEqual([after.id, before.id])
    expect(await store.size()).toMatchObject({ tasks: 2 })
  })

  test('rejects the reads that waited, and answers the next', async () => {
    const { made, threads } = await openWithThreads()
    await using disposed = made
    const task = newTask()
    await disposed.store.add(task)
    const trouble = troubleOf(disposed.store.find(task.id))
    await Promise.all(threads.map((thread) => thread.terminate()))
    expect([undefined, 'failed']).toContain(await trouble)
    expect(await disposed.store.find(task.id)).toStrictEqual(task)
  })
})

test('a store that nobody closes does not keep the process alive, and answers before it ends', async () => {
  await using folder = await temporaryFolder()
  const child = spawnSync(process.execPath, [programOf('forgetful'), folder.path], {
    encoding: 'utf8',
    timeout: 15_000,
  })
  expect(child).toMatchObject({ status: 0, signal: null, stderr: '' })
  expect(JSON.parse(child.stdout)).toMatchObject({ tasks: 1 })
})

test('the size of a store grows with what it holds', async () => {
  await using made = await openStore()
  const before = await made.store.size()
  await made.store.add(newTask({ message: 'x'.repeat(100_000) }))
  const after = await made.store.size()
  expect(after.bytes - before.bytes).toBeGreaterThan(100_000)
})

test('long tasks come in pages that are not much longer than the longest', async () => {
  await using made = await openStore()
  const tasks = Array.from({ length: 12 }, () => newTask({ message: 'x'.repeat(1_048_576) }))
  await Promise.all(tasks.map((task) => made.store.add(task)))
  const page = await made.store.list(queryOf())
  expect(page?.tasks).toHaveLength(4)
  expect(await listAllIds(made.store)).toEqual(tasks.map(({ id }) => id).reverse())
})
