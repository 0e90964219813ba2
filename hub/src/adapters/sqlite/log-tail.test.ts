import { copyFileSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import { answer, newTask } from '../../test-support/stored-tasks.ts'
import { MEMORY_FOLDER, temporaryFolder } from '../../test-support/temporary-folder.ts'
import { openDatabase } from './database.ts'
import { type StoreFiles, toFiles } from './folder.ts'
import { readLogTail } from './log-tail.ts'
import { toChangeRow, toTaskRow } from './task-row.ts'
import { BatchWriter } from './write-batch.ts'

/** The size of SQLite's pages; with the small one every byte of several pages can be tried. */
type PageBytes = 512 | 4_096
const nothing = () => undefined

/** What was promised once the log had so many bytes: `id state` of each task. */
interface Promised {
  readonly logBytes: number
  readonly tasks: readonly string[]
}

/** A database as it lies on the disk of a machine that lost its power. */
interface Remains {
  readonly database: Buffer
  readonly log: Buffer
  readonly promised: readonly Promised[]
  readonly frameBytes: number
}

/** Makes an empty database whose pages have this size. */
const makeEmpty = (path: string, pageBytes: PageBytes) => {
  const database = new Database(path)
  database.pragma(`page_size = ${pageBytes}`)
  database.exec('CREATE TABLE passing (one); DROP TABLE passing')
  database.close()
}

/** Adds and completes tasks one by one, and takes a picture of the files while they are open. */
const makeRemains = async (pageBytes: PageBytes = 4_096): Promise<Remains> => {
  await using folder = await temporaryFolder(MEMORY_FOLDER)
  const files = toFiles(folder.path)
  makeEmpty(files.database, pageBytes)
  const open = openDatabase(files)
  const writer = new BatchWriter(open.database, nothing)
  const tasks = new Map<string, string>()
  const promised: Promised[] = []
  const note = () => {
    const shown = [...tasks].map(([id, state]) => `${id} ${state}`)
    promised.push({ logBytes: statSync(files.log).size, tasks: shown })
  }
  for (let round = 0; round < 6; round++) {
    // The schema goes into the database, so that the log is short
    if (round === 3) {
      open.database.pragma('wal_checkpoint(TRUNCATE)')
      promised.length = 0
      note()
    }
    const task = newTask({ message: 'x'.repeat(round * 50) })
    writer.write([['add', toTaskRow(task), ['shared', task.id, 'digest', task.expiresAt]]])
    tasks.set(task.id, 'submitted')
    note()
    if (round % 2 === 0) continue
    writer.write([['update', toChangeRow(answer(task))]])
    tasks.set(task.id, 'completed')
    note()
  }
  const remains = {
    database: readFileSync(files.database),
    log: readFileSync(files.log),
    promised,
    frameBytes: 24 + pageBytes,
  }
  open.close()
  return remains
}

const putBack = (files: StoreFiles, database: Buffer, log: Buffer) => {
  rmSync(`${files.database}-shm`, { force: true })
  writeFileSync(files.database, database)
  writeFileSync(files.log, log)
}

/** Starts on what is left: which tasks are there, and what is said. */
const startOn = (files: StoreFiles) => {
  const open = openDatabase(files)
  try {
    const query = "SELECT id || ' ' || state FROM tasks ORDER BY seq"
    const tasks = open.database.prepare(query).pluck().all()
    const keys = open.database.prepare('SELECT count(*) FROM idempotency_keys').pluck().get()
    return { tasks, keys, notes: open.notes, integrity: open.database.pragma('integrity_check', { simple: true }) }
  } finally {
    open.close()
  }
}

/** What must be there of a log of which so many bytes are right. */
const expectedOf = ({ promised }: Remains, logBytes: number) => promised.findLast((row) => row.logBytes <= logBytes)

const expectWhole = (files: StoreFiles, remains: Remains, rightBytes: number, isTorn: boolean) => {
  const tasks = expectedOf(remains, rightBytes)?.tasks ?? []
  const found = startOn(files)
  const seen = JSON.stringify({ ...found, notes: found.notes.length })
  // A plain comparison, because this runs ten thousand times
  if (seen === JSON.stringify({ tasks, keys: tasks.length, notes: isTorn ? 1 : 0, integrity: 'ok' })) return
  expect.fail(`With ${rightBytes} right bytes there is ${seen} ${found.notes}, in place of ${tasks}`)
}

describe('a log that was cut off by a loss of power', () => {
  test.each([512, 4_096] as const)(
    'loses nothing that was promised before the cut, and says so (pages of %d bytes)',
    async (pageBytes) => {
      const remains = await makeRemains(pageBytes)
      await using folder = await temporaryFolder(MEMORY_FOLDER)
      const files = toFiles(folder.path)
      const { log, promised, frameBytes } = remains
      const boundaries = new Set(promised.map(({ logBytes }) => logBytes))
      const isTried = (kept: number) => {
        // Every byte of the last two pages, and every byte of what stands before a page
        if (pageBytes === 512 && kept > log.length - 2 * frameBytes) return true
        if (kept > log.length - 8 * frameBytes && (kept - 32) % frameBytes <= 24) return true
        return boundaries.has(kept) || kept % 193 === 0
      }
      for (let kept = log.length; kept >= 0; kept--) {
        if (!isTried(kept)) continue
        putBack(files, remains.database, log.subarray(0, kept))
        expectWhole(files, remains, kept, kept > 0 && !boundaries.has(kept))
      }
    },
    60_000,
  )

  test.each([512, 4_096] as const)(
    'loses no more than the last write when its last page holds wrong bytes (pages of %d bytes)',
    async (pageBytes) => {
      const remains = await makeRemains(pageBytes)
      await using folder = await temporaryFolder(MEMORY_FOLDER)
      const files = toFiles(folder.path)
      const start = remains.log.length - remains.frameBytes
      for (let at = start; at < remains.log.length; at += at < start + 24 ? 1 : 13) {
        const log = Buffer.from(remains.log)
        log[at] = (log[at] ?? 0) ^ 0x41
        putBack(files, remains.database, log)
        expectWhole(files, remains, start, true)
      }
    },
    60_000,
  )

  test('is torn where zeros stand for a page that was never written', async () => {
    const remains = await makeRemains()
    await using folder = await temporaryFolder(MEMORY_FOLDER)
    const files = toFiles(folder.path)
    putBack(files, remains.database, Buffer.concat([remains.log, Buffer.alloc(remains.frameBytes)]))
    expectWhole(files, remains, remains.log.length, true)
    remains.log.fill(0, remains.log.length - remains.frameBytes)
    putBack(files, remains.database, remains.log)
    expectWhole(files, remains, remains.log.length - remains.frameBytes, true)
  })

  test('is left out as a whole, and not in silence, when its beginning is damaged', async () => {
    const remains = await makeRemains()
    await using folder = await temporaryFolder(MEMORY_FOLDER)
    const files = toFiles(folder.path)
    const log = Buffer.from(remains.log)
    log[13] = (log[13] ?? 0) ^ 1
    putBack(files, remains.database, log)
    expect(startOn(files).notes).toEqual([expect.stringMatching(/hub\.sqlite-wal is damaged from its first bytes/)])
  })
})

describe('the end of a log', () => {
  test('is whole after each write, and there is none after a clean end', async () => {
    await using folder = await temporaryFolder()
    const files = toFiles(folder.path)
    expect(readLogTail(files.log)).toBe('none')
    const open = openDatabase(files)
    const writer = new BatchWriter(open.database, nothing)
    for (let count = 0; count < 5; count++) {
      writer.write([['add', toTaskRow(newTask()), undefined]])
      expect(readLogTail(files.log)).toBe('whole')
    }
    open.close()
    expect(readLogTail(files.log)).toBe('none')
    expect(startOn(files)).toMatchObject({ notes: [], integrity: 'ok' })
  })

  test('is whole when leftovers of an earlier round follow it', async () => {
    await using folder = await temporaryFolder()
    const files = toFiles(folder.path)
    const open = openDatabase(files)
    const writer = new BatchWriter(open.database, nothing)
    for (let count = 0; count < 5; count++) writer.write([['add', toTaskRow(newTask()), undefined]])
    const before = statSync(files.log).size
    open.database.pragma('wal_checkpoint(RESTART)')
    writer.write([['add', toTaskRow(newTask()), undefined]])
    expect(statSync(files.log).size).toBe(before)
    expect(readLogTail(files.log)).toBe('whole')
    const copy = join(folder.path, 'copy')
    copyFileSync(files.log, copy)
    truncateSync(copy, before - 100)
    expect(readLogTail(copy)).toBe('whole')
    open.close()
  })
})
