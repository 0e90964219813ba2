import { existsSync, statSync } from 'node:fs'
import Database from 'better-sqlite3'
import { keepPrivate, makePrivateFile, prepareFolder, type StoreFiles } from './folder.ts'
import { type LogTail, readLogTail } from './log-tail.ts'
import { APPLICATION_ID, MIGRATIONS, migrate } from './migrations.ts'
import { toStorageError, troubleWith } from './storage-trouble.ts'

/** How long a hub that was just killed may take to be gone, in milliseconds. */
const LOCK_WAIT_MS = 500
/** How long another program, such as a backup, may keep the database, in milliseconds. */
const BUSY_WAIT_MS = 5_000
/** The log goes into the database after so many pages of 4 KiB: 16 MiB, so that busy pages are written once for many commits. */
const CHECKPOINT_PAGES = 4_000
/** The log is cut back to so many bytes after a busy time. */
const LOG_BYTES_KEPT = 32 * 1_048_576
/** Pages that a connection keeps, in KiB. */
const CACHE_KIB = 32_768

/** A database that this thread may write, alone in the world. */
export interface OpenDatabase {
  readonly database: Database.Database
  readonly storeId: string
  readonly boot: number
  readonly notes: readonly string[]
  /** Puts the log into the database, and lets go of every file. */
  close(): void
}

/**
 * Takes the folder for this hub. The lock is an open transaction on an empty
 * database of its own: the system lets go of it when the process dies, however
 * that happens, and SQLite keeps two stores of one process apart as well.
 */
const takeLock = ({ lock }: StoreFiles): Database.Database => {
  makePrivateFile(lock)
  const held = new Database(lock, { timeout: LOCK_WAIT_MS })
  try {
    // It never holds anything, so nothing has to be undone after a crash, and no file beside it is left
    held.pragma('journal_mode = MEMORY')
    held.exec('BEGIN EXCLUSIVE')
    return held
  } catch (error) {
    held.close()
    if (error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')) {
      throw troubleWith('locked', lock, '', error)
    }
    throw toStorageError(error, lock)
  }
}

/** Refuses a file that is not the hub's, or not yet. */
const refuseStrangers = (database: Database.Database): void => {
  const applicationId = database.pragma('application_id', { simple: true })
  const version = Number(database.pragma('user_version', { simple: true }))
  const tables = database.prepare('SELECT count(*) FROM sqlite_schema').pluck().get()
  if (applicationId === 0 && version === 0 && tables === 0) return
  if (applicationId !== APPLICATION_ID) throw troubleWith('unusable', database.name, 'it belongs to another program')
  if (version > MIGRATIONS.length) {
    throw troubleWith('future', database.name, `schema ${version}; this release knows ${MIGRATIONS.length}`)
  }
}

/**
 * Looks through a database whose last end was not a clean one. It is opened
 * just to read: a writer would put the log into a damaged file, and the next
 * start would find neither a log nor a reason to look.
 */
const refuseDamage = (path: string): void => {
  const database = new Database(path, { readonly: true, timeout: BUSY_WAIT_MS })
  try {
    const found = database.pragma('quick_check(1)', { simple: true })
    if (found === 'ok') return
    // It comes with a headline on a line of its own
    const reason = String(found)
      .replace(/^\*{3}.*\*{3}\s/, '')
      .replaceAll(/\s+/g, ' ')
    throw troubleWith('damaged', path, reason)
  } finally {
    database.close()
  }
}

/** How every connection is set up: a commit has reached the disk when it returns. */
const setUp = (database: Database.Database): void => {
  const mode = database.pragma('journal_mode = WAL', { simple: true })
  if (mode !== 'wal') throw troubleWith('unusable', database.name, 'its disk knows no shared memory')
  database.pragma('synchronous = FULL')
  // On macOS only this reaches the disk itself; elsewhere it means nothing
  database.pragma('fullfsync = ON')
  database.pragma('checkpoint_fullfsync = ON')
  database.pragma('foreign_keys = ON')
  database.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`)
  database.pragma(`journal_size_limit = ${LOG_BYTES_KEPT}`)
  database.pragma(`cache_size = -${CACHE_KIB}`)
  database.pragma('temp_store = MEMORY')
}

const begin = (database: Database.Database, isReturn: boolean): { readonly storeId: string; readonly boot: number } =>
  database
    .transaction(() => {
      migrate(database)
      const meta = database
        .prepare<[], { storeId: string; boot: number }>('SELECT store_id AS storeId, boots AS boot FROM meta')
        .get()
      if (meta === undefined) throw troubleWith('damaged', database.name, 'its first row is missing')
      if (!isReturn) database.exec('UPDATE meta SET boots = boots + 1')
      return meta
    })
    .immediate()

const toNotes = (tail: LogTail, log: string): readonly string[] => {
  switch (tail) {
    case 'torn':
      return [`${log} ended with an unfinished or damaged write, which is left out; all that was before it is there.`]
    case 'headless':
      return [`${log} is damaged from its first bytes on and is left out; what was not in the database yet is missing.`]
    default:
      return []
  }
}

const openLocked = (files: StoreFiles, isReturn: boolean): Omit<OpenDatabase, 'close'> => {
  const isNew = !existsSync(files.database) || statSync(files.database).size === 0
  const tail = readLogTail(files.log)
  makePrivateFile(files.database)
  keepPrivate(files.log)
  keepPrivate(`${files.database}-shm`)
  if (tail !== 'none' && !isNew && !isReturn) refuseDamage(files.database)
  const database = new Database(files.database, { timeout: BUSY_WAIT_MS })
  try {
    refuseStrangers(database)
    setUp(database)
    const notes = isNew ? [] : toNotes(tail, files.log)
    return { database, ...begin(database, isReturn), notes }
  } catch (error) {
    database.close()
    throw error
  }
}

const emptyLog = (database: Database.Database): void => {
  try {
    database.pragma('wal_checkpoint(TRUNCATE)')
  } catch (error) {
    // On a full disk, say: the log stays, nothing is lost, and the next start reads it
    if (!(error instanceof Database.SqliteError)) throw error
  }
}

/**
 * Opens the database for writing, makes it where there is none, and looks
 * through it when the last end was not a clean one.
 *
 * @param isReturn whether this process has opened it before and lost it; that is no new boot
 * @throws {StorageError}
 */
export const openDatabase = (files: StoreFiles, isReturn = false): OpenDatabase => {
  try {
    prepareFolder(files.folder)
    const lock = takeLock(files)
    try {
      const opened = openLocked(files, isReturn)
      const close = () => {
        emptyLog(opened.database)
        opened.database.close()
        lock.close()
      }
      return { ...opened, close }
    } catch (error) {
      lock.close()
      throw error
    }
  } catch (error) {
    throw toStorageError(error, files.database)
  }
}

/** Opens a database that is open elsewhere in this process, to read it. @throws {StorageError} */
export const openForReading = ({ database: path }: StoreFiles): Database.Database => {
  try {
    const database = new Database(path, { readonly: true, timeout: BUSY_WAIT_MS })
    database.pragma(`cache_size = -${CACHE_KIB}`)
    database.pragma('temp_store = MEMORY')
    return database
  } catch (error) {
    throw toStorageError(error, path)
  }
}
