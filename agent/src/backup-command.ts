import { randomBytes } from 'node:crypto'
import { closeSync, constants, fchmodSync, fsyncSync, linkSync, lstatSync, openSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { codeOf, StartError } from './core/failures.ts'

/** How long somebody else may keep the database to himself, in milliseconds. */
const BUSY_MS_MAX = 5_000
/** Pages of 4 KiB that are copied in one go. */
const PAGES_PER_STEP = 1_000

const isThere = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined

/** Writes a file, or the entries of a folder, to the disk. */
const sync = (path: string, flags: number): void => {
  const file = openSync(path, flags)
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

const makePrivate = (path: string): void => {
  const file = openSync(path, 'wx', 0o600)
  fchmodSync(file, 0o600)
  closeSync(file)
}

/** One read transaction holds the copy to one moment; else each write of the agent would begin it anew. */
const copyPages = async (from: string, to: string): Promise<void> => {
  const source = new Database(from, { readonly: true, fileMustExist: true, timeout: BUSY_MS_MAX })
  try {
    source.exec('BEGIN')
    source.pragma('schema_version')
    await source.backup(to, { progress: () => PAGES_PER_STEP })
  } finally {
    source.close()
  }
}

/** Makes one file of the copy, without a log beside it, and looks through it. */
const finishCopy = (to: string, from: string): void => {
  const copy = new Database(to, { fileMustExist: true })
  try {
    copy.pragma('journal_mode = DELETE')
    const found = copy.pragma('quick_check(1)', { simple: true })
    if (found !== 'ok') throw new StartError(`${from} is damaged; nothing was copied.`)
  } finally {
    copy.close()
  }
}

const explain = (cause: unknown, from: string, to: string): unknown => {
  const code = codeOf(cause)
  if (!(cause instanceof Error) || cause instanceof StartError || code === 'failed') return cause
  if (code === 'EEXIST') return new StartError(`${to} is there already, and stays as it is.`, { cause })
  if (/^(?:ENOSPC|EDQUOT|SQLITE_FULL)/.test(code)) {
    return new StartError(`No space is left in ${dirname(to)} for a copy of ${from}.`, { cause })
  }
  return new StartError(`${from} cannot be copied to ${to} (${code}).`, { cause })
}

/**
 * Runs `backup FILE`: copies the agent's database into a new file for this user alone, while the agent works, or not. It
 * has its name once it is whole and on the disk; what is there is never overwritten.
 *
 * @param words what follows `backup`
 * @param from the agent's database
 * @returns what to print
 * @throws {StartError} when it cannot be copied; nothing is left then
 */
export const runBackupCommand = async (words: readonly string[], from: string): Promise<string> => {
  const [to = '', ...more] = words
  if (to === '' || more.length > 0) throw new StartError('backup takes one FILE: pnpm agent backup FILE (see --help).')
  const aside = `${to}.${randomBytes(6).toString('hex')}.part`
  try {
    if (!isThere(from)) throw new StartError(`There is no ${from}: no agent has run in that folder yet.`)
    if (isThere(to)) throw new StartError(`${to} is there already, and stays as it is.`)
    makePrivate(aside)
    await copyPages(from, aside)
    finishCopy(aside, from)
    sync(aside, constants.O_RDWR)
    linkSync(aside, to)
    rmSync(aside)
    // Windows lets nobody open a folder, and keeps its entries itself
    if (process.platform !== 'win32') sync(dirname(to), constants.O_RDONLY)
    return `Backed up ${from} into ${to}.\n`
  } catch (error) {
    for (const suffix of ['', '-journal', '-wal', '-shm']) rmSync(`${aside}${suffix}`, { force: true })
    throw explain(error, from, to)
  }
}
