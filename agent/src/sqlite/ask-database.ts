import Database from 'better-sqlite3'
import { StorageError } from '../core/failures.ts'

/**
 * Asks a database. What SQLite says no to is a trouble of the storage, and so is what comes after its end, since work that
 * was under way may end after it; anything else that is thrown is a bug.
 *
 * @throws {StorageError} with SQLite's own code; `closed` after the end
 */
export const ask = <Value>(database: Database.Database, act: () => Value): Value => {
  if (!database.open) throw new StorageError('closed')
  try {
    return act()
  } catch (error) {
    throw error instanceof Database.SqliteError ? new StorageError(error.code, error) : error
  }
}

/**
 * Changes a database in one transaction: all of it is on disk when this returns, or nothing has changed. Within another
 * one it is a part of that.
 *
 * @throws {StorageError} as {@link ask} does
 */
export const commit = <Value>(database: Database.Database, act: () => Value): Value =>
  ask(database, () => database.transaction(act).immediate())
