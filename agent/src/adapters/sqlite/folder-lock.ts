import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { codeOf, StartError } from '../../core/failures.ts'

/** Name of the file whose lock says that an agent uses the folder. It stays empty. */
export const LOCK_FILE = 'agent.lock'

/** Longest wait for the lock, in milliseconds: two agents that start at once hinder each other for an instant. */
const LOCK_MS_MAX = 250

/**
 * Makes a file for this user alone, unless it is there. One that is there is not even opened: closing it would take the
 * locks from it that this process holds.
 */
const makeFile = (file: string): void => {
  try {
    writeFileSync(file, '', { mode: 0o600, flag: 'wx' })
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
  }
}

const makeFolder = (dataDir: string): void => {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  } catch (cause) {
    throw new StartError(`DATA_DIR ${dataDir} cannot be made (${codeOf(cause)}).`, { cause })
  }
}

/** A folder that no other agent uses until it is closed. */
export interface LockedFolder {
  release(): void
}

/**
 * Takes a data folder for this agent alone. The operating system keeps the lock, so it is gone with its process, however
 * that ends, and no stale one is ever in the way.
 *
 * @throws {StartError} when another agent has it, or it cannot be used
 * @see https://www.sqlite.org/lockingv3.html
 */
export const lockFolder = (dataDir: string): LockedFolder => {
  makeFolder(dataDir)
  const file = join(dataDir, LOCK_FILE)
  let lock: Database.Database | undefined
  try {
    makeFile(file)
    lock = new Database(file, { timeout: LOCK_MS_MAX })
    // held until the end, since nothing commits it; nothing is written, so the file stays empty
    lock.exec('BEGIN EXCLUSIVE')
  } catch (cause) {
    lock?.close()
    const code = codeOf(cause)
    throw new StartError(
      code.startsWith('SQLITE_BUSY')
        ? `DATA_DIR ${dataDir} is in use by another agent; end that one, or give this one a folder of its own.`
        : `${file} cannot be locked (${code}).`,
      { cause },
    )
  }
  const held = lock
  return { release: () => held.close() }
}
