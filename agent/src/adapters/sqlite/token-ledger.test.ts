import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { StorageError } from '../../core/failures.ts'
import { useFolder } from '../../test-support/folder.ts'
import { DATABASE_FILE, openDatabase } from './database.ts'
import { openStorage } from './storage.ts'
import { DAYS_KEPT, SqliteLedger } from './token-ledger.ts'

const spend = (inputTokens: number, outputTokens: number, model = 'm') => ({
  provider: 'p',
  model,
  usage: { inputTokens, outputTokens },
})

const use = (path: string) => {
  const storage = openStorage(path)
  return { ...storage, [Symbol.dispose]: () => storage.journal.close() }
}

describe('the ledger of a data folder', () => {
  it('adds up each day and model, and knows it after a restart', () => {
    using folder = useFolder()
    {
      using opened = use(folder.path)
      opened.ledger.add('2026-01-31', spend(10, 1))
      opened.ledger.add('2026-01-31', spend(20, 2))
      opened.ledger.add('2026-01-31', spend(5, 5, 'n'))
      opened.ledger.add('2026-02-01', spend(7, 0))
    }
    using opened = use(folder.path)
    expect(opened.ledger.read('2026-01-31')).toEqual([spend(30, 3), spend(5, 5, 'n')])
    expect(opened.ledger.read('2026-02-01')).toEqual([spend(7, 0)])
    expect(opened.ledger.read('2026-02-02')).toEqual([])
  })

  it('keeps a month of days', () => {
    using folder = useFolder()
    using opened = use(folder.path)
    const days = Array.from({ length: DAYS_KEPT + 3 }, (_, index) =>
      new Date(Date.UTC(2026, 0, 1 + index)).toISOString().slice(0, 10),
    )
    for (const day of days) opened.ledger.add(day, spend(1, 1))
    expect(days.filter((day) => opened.ledger.read(day).length > 0)).toEqual(days.slice(3))
  })

  it('says so when it cannot write, has changed nothing, and when it is closed', () => {
    using folder = useFolder()
    const database = openDatabase(folder.path)
    const ledger = new SqliteLedger(database)
    ledger.add('2026-01-31', spend(1, 1))
    const other = new Database(`${folder.path}/${DATABASE_FILE}`)
    other.exec('BEGIN IMMEDIATE')
    expect(() => ledger.add('2026-01-31', spend(1, 1))).toThrow(new StorageError('SQLITE_BUSY'))
    other.exec('ROLLBACK')
    other.close()
    expect(ledger.read('2026-01-31')).toEqual([spend(1, 1)])
    database.close()
    expect(() => ledger.add('2026-01-31', spend(1, 1))).toThrow(new StorageError('closed'))
    expect(() => ledger.read('2026-01-31')).toThrow(StorageError)
  })

  it('is added to a folder of the release before, which keeps its tasks', () => {
    using folder = useFolder()
    {
      using opened = use(folder.path)
      opened.journal.accept('t1', 1, Date.UTC(2026, 0, 31))
    }
    const database = new Database(`${folder.path}/${DATABASE_FILE}`)
    database.exec(
      'DROP TABLE spent; DROP TABLE exchange; DROP TABLE seen; DROP TABLE team_step; DROP TABLE team_run; PRAGMA user_version = 1',
    )
    database.close()
    using opened = use(folder.path)
    opened.ledger.add('2026-01-31', spend(1, 1))
    expect(opened.journal.find('t1', Date.UTC(2026, 0, 31))).toEqual({ state: 'accepted', attempt: 1 })
  })
})
