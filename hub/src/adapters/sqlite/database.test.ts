import { mkdirSync, readFileSync, rmSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import { StorageError, type StorageTrouble } from '../../core/durable/task-store.ts'
import { newTask } from '../../test-support/stored-tasks.ts'
import { temporaryFolder } from '../../test-support/temporary-folder.ts'
import { openDatabase } from './database.ts'
import { type StoreFiles, toFiles } from './folder.ts'
import { MIGRATIONS } from './migrations.ts'
import { toTaskRow } from './task-row.ts'
import { BatchWriter } from './write-batch.ts'

const catchTrouble = (act: () => unknown): StorageError => {
  try {
    act()
  } catch (error) {
    if (error instanceof StorageError) return error
    throw error
  }
  throw new Error('Nothing went wrong')
}

const expectTrouble = (files: StoreFiles, trouble: StorageTrouble, sentence: RegExp) => {
  const error = catchTrouble(() => openDatabase(files))
  expect(error).toMatchObject({ trouble, message: expect.stringMatching(sentence) })
  // Whatever was taken on the way is let go of, or a second try would find the first one's lock
  expect(catchTrouble(() => openDatabase(files)).trouble).toBe(trouble)
}

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8)

/** A database with some tasks in it, closed. */
const makeDatabase = (files: StoreFiles, tasks = 50) => {
  const open = openDatabase(files)
  const writer = new BatchWriter(open.database, () => undefined)
  writer.write(Array.from({ length: tasks }, () => ['add', toTaskRow(newTask()), undefined] as const))
  open.close()
}

describe('the files of a store', () => {
  test.each([0, 0o22, 0o277])('are for this user only, whatever the umask (%d)', async (umask) => {
    await using folder = await temporaryFolder()
    const files = toFiles(join(folder.path, 'deep', 'down'))
    const before = process.umask(umask)
    try {
      const open = openDatabase(files)
      const made = [files.database, files.log, `${files.database}-shm`, files.lock]
      expect(made.map(modeOf)).toEqual(['600', '600', '600', '600'])
      expect([files.folder, dirname(files.folder)].map(modeOf)).toEqual(['700', '700'])
      open.close()
    } finally {
      process.umask(before)
    }
  })

  test('become so when they were restored with other rights', async () => {
    await using folder = await temporaryFolder()
    const files = toFiles(folder.path)
    makeDatabase(files)
    const backup = readFileSync(files.database)
    rmSync(files.database)
    writeFileSync(files.database, backup, { mode: 0o644 })
    openDatabase(files).close()
    expect(modeOf(files.database)).toBe('600')
  })

  test('are gone after a clean end but for the database and the lock', async () => {
    await using folder = await temporaryFolder()
    const files = toFiles(folder.path)
    makeDatabase(files)
    expect(() => statSync(files.log)).toThrow('ENOENT')
  })
})

describe('opening a database', () => {
  test('counts how often it was opened before, and keeps its id', async () => {
    await using folder = await temporaryFolder()
    const files = toFiles(folder.path)
    const opened = [0, 1, 2].map(() => {
      const open = openDatabase(files)
      open.close()
      return open
    })
    expect(opened.map(({ boot }) => boot)).toEqual([0, 1, 2])
    expect(new Set(opened.map(({ storeId }) => storeId)).size).toBe(1)
    const again = openDatabase(files, true)
    again.close()
    expect(again.boot).toBe(3)
    const next = openDatabase(files)
    next.close()
    expect(next.boot).toBe(3)
  })

  test('keeps all that SQLite promises: it waits for the disk, and holds references', async () => {
    await using folder = await temporaryFolder()
    const { database, close } = openDatabase(toFiles(folder.path))
    const read = (name: string) => database.pragma(name, { simple: true })
    expect([read('journal_mode'), read('synchronous'), read('foreign_keys')]).toEqual(['wal', 2, 1])
    close()
  })

  test('refuses the folder of another hub, and takes it when that one is gone', async () => {
    await using folder = await temporaryFolder()
    const files = toFiles(folder.path)
    const first = openDatabase(files)
    expectTrouble(files, 'locked', /^Another hub uses .*stop it/)
    first.close()
    openDatabase(files).close()
  })

  test('refuses a file of a later release, of another program, and what is no database', async () => {
    await using folder = await temporaryFolder()
    const later = toFiles(join(folder.path, 'later'))
    makeDatabase(later)
    const database = new Database(later.database)
    database.pragma(`user_version = ${MIGRATIONS.length + 1}`)
    database.close()
    expectTrouble(later, 'future', /hub\.sqlite was written by a later release \(schema 2; this release knows 1\)/)

    const strange = toFiles(join(folder.path, 'strange'))
    mkdirSync(strange.folder)
    new Database(strange.database).exec('CREATE TABLE recipes (name TEXT)').close()
    expectTrouble(strange, 'unusable', /belongs to another program/)

    const noise = toFiles(join(folder.path, 'noise'))
    mkdirSync(noise.folder)
    writeFileSync(noise.database, 'no database, just words '.repeat(500))
    expectTrouble(noise, 'damaged', /hub\.sqlite is damaged .*restore a backup, or move it away/)
  })

  test('takes an empty file as a new database', async () => {
    await using folder = await temporaryFolder()
    const files = toFiles(folder.path)
    writeFileSync(files.database, '')
    const open = openDatabase(files)
    open.close()
    expect(open.boot).toBe(0)
  })

  test('refuses a folder that is a file, or lies below one, or goes round in a circle', async () => {
    await using folder = await temporaryFolder()
    const file = join(folder.path, 'file')
    const circle = join(folder.path, 'circle')
    writeFileSync(file, '')
    symlinkSync(circle, circle)
    for (const path of [file, join(file, 'below'), join(circle, 'below')]) {
      expectTrouble(toFiles(path), 'unusable', /cannot be used \(E[A-Z]+/)
    }
  })

  test('finds damage after an end that was not clean, and says what to do', async () => {
    await using folder = await temporaryFolder()
    const files = toFiles(join(folder.path, 'one'))
    makeDatabase(files, 200)
    const open = openDatabase(files)
    const writer = new BatchWriter(open.database, () => undefined)
    writer.write([['add', toTaskRow(newTask()), undefined]])
    const copy = toFiles(join(folder.path, 'two'))
    mkdirSync(copy.folder)
    const bytes = readFileSync(files.database)
    bytes.fill(0xa5, 8 * 4_096, 9 * 4_096)
    writeFileSync(copy.database, bytes)
    writeFileSync(copy.log, readFileSync(files.log))
    open.close()
    expectTrouble(copy, 'damaged', /is damaged \(.*restore a backup, or move it away .*without its -wal and -shm/)
  })

  test('finds out when half of the file is missing', async () => {
    await using folder = await temporaryFolder()
    const files = toFiles(folder.path)
    makeDatabase(files, 200)
    truncateSync(files.database, 5 * 4_096)
    expectTrouble(files, 'damaged', /is damaged/)
  })
})

describe('a batch', () => {
  test('that fails before its commit is undone as a whole', async () => {
    await using folder = await temporaryFolder()
    const { database, close } = openDatabase(toFiles(folder.path))
    let failures = 1
    const writer = new BatchWriter(database, () => {
      if (failures-- > 0) throw new Error('The disk is gone')
    })
    const batch = [['add', toTaskRow(newTask()), undefined] as const]
    expect(() => writer.write(batch)).toThrow('The disk is gone')
    expect(writer.contents).toEqual({ tasks: 0, lastSeq: 0 })
    expect(writer.write(batch)).toEqual({ outcomes: new Map(), tasks: 1, lastSeq: 1 })
    close()
  })

  test('happens as a whole or not at all when there is no space, and the next one may go well', async () => {
    await using folder = await temporaryFolder()
    const { database, close } = openDatabase(toFiles(folder.path))
    const writer = new BatchWriter(database, () => undefined)
    const add = (message: string) => ['add', toTaskRow(newTask({ message })), undefined] as const
    const pages = Number(database.pragma('page_count', { simple: true }))
    database.pragma(`max_page_count = ${pages + 10}`)
    const batch = [add('small'), add('x'.repeat(100_000)), add('small')]
    expect(() => writer.write(batch)).toThrow(expect.objectContaining({ code: 'SQLITE_FULL' }))
    expect(writer.contents).toEqual({ tasks: 0, lastSeq: 0 })
    expect(writer.write([add('small')])).toEqual({ outcomes: new Map(), tasks: 1, lastSeq: 1 })
    database.pragma(`max_page_count = ${pages + 1_000}`)
    expect(writer.write(batch).tasks).toBe(4)
    close()
  })
})
