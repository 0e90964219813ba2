import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { StorageError } from '../../core/failures.ts'
import { useFolder } from '../../test-support/folder.ts'
import { describeTeamStore, newRun, TWO_STEPS } from '../../test-support/team-store-contract.ts'
import { DATABASE_FILE, openDatabase } from './database.ts'
import { openStorage } from './storage.ts'
import { SqliteTeamStore } from './team-store.ts'

// the contract asks for many stores; its law does not need the disk, and what does is below
describeTeamStore('in SQLite', (bounds) => {
  const folder = useFolder()
  const database = openDatabase(folder.path)
  database.pragma('synchronous = OFF')
  return {
    store: new SqliteTeamStore(database, bounds),
    [Symbol.dispose]: () => {
      database.close()
      folder[Symbol.dispose]()
    },
  }
})

const use = (path: string) => {
  const storage = openStorage(path)
  return { store: storage.teams, [Symbol.dispose]: () => storage.journal.close() }
}

describe('the teams of a data folder', () => {
  it('are there after a restart, as far as they were', () => {
    using folder = useFolder()
    const run = newRun('r1', { plan: TWO_STEPS })
    {
      using opened = use(folder.path)
      opened.store.saveRun(run)
      opened.store.saveStep('r1', '1', { state: 'done', failed: [], agent: 'atlas', result: 'found' })
    }
    using opened = use(folder.path)
    const steps = new Map([['1', { state: 'done', failed: [], agent: 'atlas', result: 'found' }]])
    expect(opened.store.list()).toEqual([{ ...run, steps }])
  })

  it('cannot be written while somebody holds the database, nor when it is closed, and say so', () => {
    using folder = useFolder()
    const database = openDatabase(folder.path)
    const store = new SqliteTeamStore(database)
    store.saveRun(newRun('r1'))
    const other = new Database(`${folder.path}/${DATABASE_FILE}`)
    other.exec('BEGIN IMMEDIATE')
    expect(() => store.saveStep('r1', '1', { state: 'canceled' })).toThrow(new StorageError('SQLITE_BUSY'))
    other.exec('ROLLBACK')
    other.close()
    expect(store.list()[0]?.steps.size).toBe(0)
    database.close()
    expect(() => store.list()).toThrow(new StorageError('closed'))
    expect(() => store.end('r1')).toThrow(StorageError)
  })

  it('that another release wrote are not taken for what they are not', () => {
    using folder = useFolder()
    const database = openDatabase(folder.path)
    const store = new SqliteTeamStore(database)
    store.saveRun(newRun('r1'))
    database.exec(`UPDATE team_run SET head = '{"id":"r1"}'`)
    expect(() => store.list()).toThrow(new StorageError('unreadable'))
    database.close()
  })
})
