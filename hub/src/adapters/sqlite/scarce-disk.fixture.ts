// Runs a store on a small disk of its own, in a mount namespace of its own, and says what came of it
import { execFileSync } from 'node:child_process'
import { rmSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { StorageTrouble } from '../../core/durable/task-store.ts'
import { troubleOf } from '../../test-support/store-under-test.ts'
import { answer, listAllIds, newTask } from '../../test-support/stored-tasks.ts'
import { SqliteTaskStore } from './task-store.ts'

const [, , disk = ''] = process.argv
const folder = join(disk, 'data')
const ballast = join(disk, 'ballast')

const mount = (options: string) => execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'none', disk])
const fillUp = (name: string) => {
  const { bavail, bsize } = statfsSync(disk)
  writeFileSync(join(disk, name), Buffer.alloc(bavail * bsize))
}

const promised: string[] = []
const refused: string[] = []

/** Adds tasks, four at a time, until the disk is full. */
const addUntilFull = async (store: SqliteTaskStore): Promise<StorageTrouble> => {
  for (;;) {
    const tasks = Array.from({ length: 4 }, () => newTask({ message: 'x'.repeat(10_000) }))
    const troubles = await Promise.all(tasks.map((task) => troubleOf(store.add(task))))
    for (const [at, { id }] of tasks.entries()) (troubles[at] === undefined ? promised : refused).push(id)
    const trouble = troubles.find((one) => one !== undefined)
    if (trouble !== undefined) return trouble
  }
}

/** What a failed write has left in the log takes a few small ones. */
const probeUntilFull = async (store: SqliteTaskStore): Promise<StorageTrouble | undefined> => {
  for (let count = 0; count < 100; count++) {
    const trouble = await troubleOf(store.probe())
    if (trouble !== undefined) return trouble
  }
  return undefined
}

const fillAndFree = async () => {
  mount('size=8m')
  writeFileSync(ballast, Buffer.alloc(6 * 1_048_576))
  const store = new SqliteTaskStore({ folder })
  await store.open()
  const first = newTask()
  await store.add(first)
  promised.push(first.id)
  const trouble = await addUntilFull(store)
  fillUp('rest')
  const whileFull = { probe: await probeUntilFull(store), update: await troubleOf(store.update(answer(first))) }
  const readable = await store.find(first.id)
  rmSync(ballast)
  rmSync(join(disk, 'rest'))
  const later = newTask()
  const afterwards = { probe: await troubleOf(store.probe()), add: await troubleOf(store.add(later)) }
  promised.push(later.id)
  const listed = new Set(await listAllIds(store))
  await store.close()
  const again = new SqliteTaskStore({ folder })
  const { notes } = await again.open()
  const listedAgain = new Set(await listAllIds(again))
  await again.close()
  const isRight = (ids: ReadonlySet<string>) =>
    ids.size === promised.length && promised.every((id) => ids.has(id)) && refused.every((id) => !ids.has(id))
  const states = { whileOpen: isRight(listed), reopened: isRight(listedAgain) }
  return { trouble, whileFull, readableState: readable?.state, afterwards, ...states, notes, refused: refused.length }
}

const startOnFull = async () => {
  mount('size=1m')
  fillUp('ballast')
  const store = new SqliteTaskStore({ folder })
  const full = await troubleOf(store.open())
  rmSync(ballast)
  const { boot } = await store.open()
  await store.close()
  return { full, boot }
}

const startOnReadOnly = async () => {
  mount('size=1m')
  const store = new SqliteTaskStore({ folder })
  await store.open()
  await store.close()
  mount('remount,ro')
  const again = new SqliteTaskStore({ folder })
  const readOnly = await troubleOf(again.open())
  const withoutFolder = await troubleOf(new SqliteTaskStore({ folder: join(disk, 'other') }).open())
  mount('remount,rw')
  const { boot } = await again.open()
  await again.close()
  return { readOnly, withoutFolder, boot }
}

const stories = { fillAndFree, startOnFull, startOnReadOnly }
const story = Object.entries(stories).find(([name]) => name === process.argv[3])?.[1]
process.stdout.write(JSON.stringify(await story?.()))
