import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { StorageError } from '../../core/failures.ts'
import type { JournalBounds } from '../../core/ports.ts'
import { useFolder } from '../../test-support/folder.ts'
import { describeJournal, failure, response, SMALL } from '../../test-support/journal-contract.ts'
import { DATABASE_FILE, openDatabase, SCHEMA_VERSION } from './database.ts'
import { LOCK_FILE } from './folder-lock.ts'
import { openStorage } from './storage.ts'
import { SqliteJournal } from './task-journal.ts'

const STORAGE = new URL('storage.ts', import.meta.url).href

// the contract asks for a hundred journals; their law does not need the disk, and what does is below
describeJournal('in SQLite', (bounds) => {
  const folder = useFolder()
  const database = openDatabase(folder.path)
  database.pragma('synchronous = OFF')
  const journal = new SqliteJournal(database, bounds)
  return {
    journal,
    [Symbol.dispose]: () => {
      journal.close()
      folder[Symbol.dispose]()
    },
  }
})

const use = (dataDir: string, bounds?: JournalBounds) => {
  const journal = openStorage(dataDir, bounds).journal
  return { journal, [Symbol.dispose]: () => journal.close() }
}

const reasonNotToOpen = (dataDir: string): string => {
  try {
    openStorage(dataDir).journal.close()
  } catch (error) {
    if (error instanceof Error && error.name === 'StartError') return error.message
    throw error
  }
  return 'it opened'
}

describe('the journal of a data folder', () => {
  it('knows after a restart what it was told, and its bounds still count what was there', () => {
    using folder = useFolder()
    {
      using opened = use(folder.path, SMALL)
      opened.journal.accept('t1', 2, 5)
      for (const id of ['t2', 't3', 't4']) opened.journal.end(failure(id, true), 1, 5)
    }
    using opened = use(folder.path, SMALL)
    expect(opened.journal.find('t1', 5)).toEqual({ state: 'accepted', attempt: 2 })
    expect(opened.journal.find('t2', 5)).toEqual({ state: 'ended', attempt: 1, answer: failure('t2', true) })
    opened.journal.end(response('t5', 'x'.repeat(97)), 1, 6)
    expect(['t2', 't3', 't4', 't5'].filter((id) => opened.journal.find(id, 6))).toEqual(['t4', 't5'])
  })

  it('has a folder and files for this user alone, and leaves no log behind when it is closed', () => {
    using folder = useFolder()
    const dataDir = join(folder.path, 'deep', 'data')
    {
      using opened = use(dataDir)
      opened.journal.end(response('t1'), 1, 0)
      expect(statSync(dataDir).mode & 0o777).toBe(0o700)
      for (const file of readdirSync(dataDir)) expect(statSync(join(dataDir, file)).mode & 0o777).toBe(0o600)
      expect(existsSync(join(dataDir, `${DATABASE_FILE}-wal`))).toBe(true)
    }
    expect(readdirSync(dataDir).sort()).toEqual([LOCK_FILE, DATABASE_FILE])
  })

  it('writes a log ahead and waits for the disk at each commit', () => {
    using folder = useFolder()
    const database = openDatabase(folder.path)
    expect(database.pragma('journal_mode', { simple: true })).toBe('wal')
    expect(database.pragma('synchronous', { simple: true })).toBe(2)
    expect(database.pragma('user_version', { simple: true })).toBe(SCHEMA_VERSION)
    database.close()
  })

  it('belongs to one agent until it is closed', () => {
    using folder = useFolder()
    {
      using _first = use(folder.path)
      const refusal = `DATA_DIR ${folder.path} is in use by another agent; end that one, or give this one a folder of its own.`
      expect(reasonNotToOpen(folder.path)).toBe(refusal)
      // closing a file takes a process its locks on it, so a refused attempt could open the folder to other processes
      const code = `import { openStorage } from ${JSON.stringify(STORAGE)}; openStorage(${JSON.stringify(folder.path)})`
      const other = spawnSync(process.execPath, ['--input-type=module', '--eval', code], { encoding: 'utf8' })
      expect(other.stderr).toContain(refusal)
    }
    expect(reasonNotToOpen(folder.path)).toBe('it opened')
  })

  it('says that it is closed to work that ends too late, as a storage does that fails', () => {
    using folder = useFolder()
    const { journal } = openStorage(folder.path)
    journal.close()
    expect(() => journal.find('t1', 0)).toThrow(new StorageError('closed'))
    expect(() => journal.end(response('t1'), 1, 0)).toThrow(new StorageError('closed'))
  })
})

describe('a data folder that cannot be used', () => {
  it('because a newer release has written it, is left as it is', () => {
    using folder = useFolder()
    const database = openDatabase(folder.path)
    database.pragma('user_version = 999')
    database.close()
    expect(reasonNotToOpen(folder.path)).toMatch(
      /agent\.sqlite has schema 999 of a newer release.* another DATA_DIR\.$/,
    )
    const kept = new Database(join(folder.path, DATABASE_FILE))
    expect(kept.pragma('user_version', { simple: true })).toBe(999)
    kept.close()
  })

  it('because its database is something else, says so and leaves it as it is', () => {
    using folder = useFolder()
    const file = join(folder.path, DATABASE_FILE)
    writeFileSync(file, 'no database, but somebody may miss it'.repeat(100))
    expect(reasonNotToOpen(folder.path)).toMatch(
      /agent\.sqlite is damaged \(SQLITE_NOTADB\); restore it, or move it away/,
    )
    expect(readFileSync(file, 'utf8')).toContain('somebody may miss it')
  })

  it('because a page of its database is damaged, says so before anything is trusted', () => {
    using folder = useFolder()
    {
      using opened = use(folder.path)
      for (let each = 0; each < 40; each++) opened.journal.end(response(`t${each}`, 'x'.repeat(2_000)), 1, 0)
    }
    const file = join(folder.path, DATABASE_FILE)
    const bytes = readFileSync(file)
    bytes.fill(0xff, 5 * 4_096, 8 * 4_096)
    writeFileSync(file, bytes)
    expect(reasonNotToOpen(folder.path)).toMatch(/agent\.sqlite is damaged \(.+\); restore it/)
  })

  it('because it is a file, or its database a folder, says so', () => {
    using folder = useFolder()
    writeFileSync(join(folder.path, 'file'), '')
    expect(reasonNotToOpen(join(folder.path, 'file'))).toMatch(/^DATA_DIR .*file cannot be made \(EEXIST\)\.$/)
    mkdirSync(join(folder.path, 'data', DATABASE_FILE), { recursive: true })
    expect(reasonNotToOpen(join(folder.path, 'data'))).toMatch(/agent\.sqlite cannot be used \(SQLITE_CANTOPEN.*\)\.$/)
    mkdirSync(join(folder.path, 'other', LOCK_FILE), { recursive: true })
    expect(reasonNotToOpen(join(folder.path, 'other'))).toMatch(/agent\.lock cannot be locked \(SQLITE_CANTOPEN.*\)\.$/)
  })
})

describe('a journal that cannot write', () => {
  it('says so, has changed nothing, and writes again when there is room', () => {
    using folder = useFolder()
    const database = openDatabase(folder.path)
    const journal = new SqliteJournal(database, { ...SMALL, charsMax: 150_000 })
    const old = response('t1', 'x'.repeat(40_000))
    journal.end(old, 1, 0)
    const [{ page_count: pages }] = database.pragma('page_count') as [{ page_count: number }]
    database.pragma(`max_page_count = ${pages}`)
    const large = response('t1', 'x'.repeat(100_000))
    for (let each = 0; each < 3; each++) {
      expect(() => journal.end(large, 2, 0)).toThrow(new StorageError('SQLITE_FULL'))
    }
    expect(journal.find('t1', 0)).toEqual({ state: 'ended', attempt: 1, answer: old })
    database.pragma('max_page_count = 1000000')
    journal.end(large, 2, 0)
    expect(journal.find('t1', 0)).toEqual({ state: 'ended', attempt: 2, answer: large })
    // what was tried in vain has not moved the bounds
    journal.end(response('t2', 'x'.repeat(60_000)), 1, 0)
    expect(journal.find('t1', 0)).toBeUndefined()
    journal.close()
  })

  it('waits only for an instant for somebody else who writes', () => {
    using folder = useFolder()
    using opened = use(folder.path)
    const other = new Database(join(folder.path, DATABASE_FILE))
    other.exec('BEGIN IMMEDIATE')
    expect(() => opened.journal.accept('t1', 1, 0)).toThrow(new StorageError('SQLITE_BUSY'))
    expect(() => opened.journal.probe()).toThrow(StorageError)
    other.exec('ROLLBACK')
    opened.journal.accept('t1', 1, 0)
    other.close()
  })

  it('says so when what it reads is not what it wrote', () => {
    using folder = useFolder()
    const database = openDatabase(folder.path)
    const journal = new SqliteJournal(database)
    journal.end(response('t1'), 1, 0)
    for (const frame of ['{"type":"ping"}', '{"type":']) {
      database.prepare('UPDATE answer SET frame = ?').run(frame)
      expect(() => journal.find('t1', 0)).toThrow(StorageError)
    }
    journal.close()
  })
})
