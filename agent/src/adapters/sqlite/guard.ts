import { ProtocolError } from '@ai-comms/shared'
import Database from 'better-sqlite3'
import { StorageError } from '../../core/failures.ts'

/**
 * Whatever SQLite says no to is a trouble of the storage; anything else that is thrown is a bug.
 *
 * @throws {StorageError} with the code that SQLite, or the law of frames, has for it
 */
export const guard = <Value>(act: () => Value): Value => {
  try {
    return act()
  } catch (error) {
    if (error instanceof Database.SqliteError) throw new StorageError(error.code, error)
    if (error instanceof ProtocolError) throw new StorageError(error.code, error)
    throw error
  }
}
