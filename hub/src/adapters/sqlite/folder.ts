import {
  accessSync,
  chmodSync,
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  statSync,
} from 'node:fs'
import { dirname, join } from 'node:path'

/** Files of a store, by what they are for. */
export interface StoreFiles {
  readonly folder: string
  readonly database: string
  /** The write-ahead log: what is not in the database file yet. */
  readonly log: string
  readonly lock: string
}

/** Where a store keeps its files. */
export const toFiles = (folder: string): StoreFiles => ({
  folder,
  database: join(folder, 'hub.sqlite'),
  log: join(folder, 'hub.sqlite-wal'),
  lock: join(folder, 'hub.lock'),
})

const FOLDER_MODE = 0o700
const FILE_MODE = 0o600

/** Writes a folder's entries to the disk, so that a loss of power takes no file that was just made. */
const syncFolder = (folder: string): void => {
  // Windows lets nobody open a folder, and keeps its entries itself
  if (process.platform === 'win32') return
  const entry = openSync(folder, constants.O_RDONLY)
  try {
    fsyncSync(entry)
  } finally {
    closeSync(entry)
  }
}

/** One by one: asked for a whole path at once, Node reports a read-only disk as a missing folder. */
const makeFolder = (folder: string): void => {
  if (existsSync(folder)) return
  makeFolder(dirname(folder))
  mkdirSync(folder, FOLDER_MODE)
  chmodSync(folder, FOLDER_MODE)
  syncFolder(dirname(folder))
}

/**
 * Makes the folder and those above it where they are missing, for this user only.
 *
 * @throws the system's error when it cannot be made or written
 */
export const prepareFolder = (folder: string): void => {
  makeFolder(folder)
  accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK)
}

/**
 * Makes an empty file that only this user may read, unless it is there. One
 * that is there is never opened: closing it would let go of every lock that
 * this process has on it.
 *
 * @see https://www.sqlite.org/howtocorrupt.html#_posix_advisory_locks_canceled_by_a_separate_thread_doing_close_
 */
export const makePrivateFile = (path: string): void => {
  if (!existsSync(path)) closeSync(openSync(path, constants.O_CREAT | constants.O_WRONLY, FILE_MODE))
  keepPrivate(path)
}

/** Takes a file, such as a restored backup, away from everybody else. */
export const keepPrivate = (path: string): void => {
  if (existsSync(path) && (statSync(path).mode & 0o777) !== FILE_MODE) chmodSync(path, FILE_MODE)
}
