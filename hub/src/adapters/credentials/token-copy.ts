import { StorageError } from '../../core/durable/task-store.ts'
import { findFileId, openForReading, openForWriting, TokenFileError, toTokenPath, withSentence } from './token-file.ts'

/** Whoever copies files hears of all of them in the same way. */
const asStorageError = <Result>(act: () => Result): Result => {
  try {
    return act()
  } catch (error) {
    if (!(error instanceof TokenFileError)) throw error
    throw new StorageError(error.isBusy ? 'failed' : 'unusable', error.message, { cause: error })
  }
}

/**
 * The tokens of a data folder and their signing key, as the bytes of a file, all of one moment; undefined when there are
 * none.
 *
 * @throws {StorageError}
 */
export const copyTokens = (folder: string): Uint8Array | undefined =>
  asStorageError(() => {
    const path = toTokenPath(folder)
    return withSentence(path, () => {
      if (findFileId(path) === undefined) return undefined
      // opened to write, as only so what a crash has cut off can be undone before it is read
      const database = openForWriting(path)
      try {
        return database.serialize()
      } finally {
        database.close()
      }
    })
  })

/**
 * Looks whether a file is one of tokens and whole.
 *
 * @returns how many it lists
 * @throws {StorageError}
 */
export const countTokens = (path: string): number =>
  asStorageError(() => {
    const database = openForReading(path)
    try {
      return withSentence(path, () => {
        const found = database.pragma('quick_check(1)', { simple: true })
        if (found !== 'ok') throw new TokenFileError(`${path} is damaged (${String(found).slice(0, 200)}).`)
        return database.prepare<[], number>('SELECT count(*) FROM tokens').pluck().get() ?? 0
      })
    } finally {
      database.close()
    }
  })
