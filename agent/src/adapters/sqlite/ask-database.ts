import { ProtocolError } from '@ai-comms/shared'
import Database from 'better-sqlite3'
import { StorageError } from '../../core/failures.ts'

/**
 * Asks the database. Whatever SQLite says no to is a trouble of the storage, and so is what comes after the agent has
 * closed it, such as the end of work that was under way; anything else that is thrown is a bug.
 *
 * @throws {StorageError} with the code that SQLite, or the law of frames, has for it; `closed` after the end
 */
export const ask = <Value>(database: Database.Database, act: () => Value): Value => {
  if (!database.open) throw new StorageError('closed')
  try {
    return act()
  } catch (error) {
    if (error instanceof Database.SqliteError) throw new StorageError(error.code, error)
    if (error instanceof ProtocolError) throw new StorageError(error.code, error)
    throw error
  }
}

/**
 * Changes the database in one transaction: all of it is on disk when this returns, or nothing has changed.
 *
 * @throws {StorageError} as {@link ask} does
 */
export const commit = <Value>(database: Database.Database, act: () => Value): Value =>
  ask(database, () => database.transaction(act).immediate())
