import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { StorageError, type StorageTrouble } from '../../core/durable/task-store.ts'
import { APPLICATION_ID, MIGRATIONS } from './migrations.ts'
import { toStorageError, troubleWith } from './storage-trouble.ts'

/** How long another program may keep the database to itself, in milliseconds. */
const BUSY_WAIT_MS = 5_000
/** Pages of 4 KiB that are copied before anybody else has a turn in this process: some milliseconds. */
const PAGES_PER_STEP = 1_000
/**
 * Counted to the starts of a hub that was restored: it may have been started since the backup, and the numbers of its
 * events, which readers come back with, must be larger than all that it has told.
 */
const STARTS_MISSED_MAX = 1_000
/** The table that makes a copy a backup. */
const NOTE_TABLE = 'hub_backup'

/** What a backup says of itself, beside the tasks. */
export interface BackupNote {
  /** When it was begun, in epoch milliseconds. */
  readonly madeAt: number
  /** The release that made it. */
  readonly release: string
  /** The file of tokens and their key, if there was one. */
  readonly tokens: Uint8Array | undefined
}

/** Who follows a copy, and may call it off. */
export interface CopyWatch {
  readonly signal: AbortSignal
  readonly progress: (copiedBytes: number, totalBytes: number) => void
}

/** From where to where. */
export interface CopyPaths {
  readonly from: string
  /** An empty file, which this user alone may read. */
  readonly to: string
}

/** What was copied. */
export interface CopiedTasks {
  readonly tasks: number
  readonly bytes: number
}

const toSentence = (trouble: StorageTrouble, reason: string, { from, to }: CopyPaths): string => {
  switch (trouble) {
    case 'full':
      return `No space is left in ${dirname(to)} for a copy of ${from}.`
    case 'damaged':
      return `${from} is damaged (${reason}); nothing was copied.`
    default:
      return `${from} cannot be copied into ${dirname(to)} (${reason}).`
  }
}

const explain = (error: unknown, paths: CopyPaths): unknown => {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
  if (code === undefined || error instanceof StorageError) return error
  const { trouble } = toStorageError(error, paths.to)
  return new StorageError(trouble, toSentence(trouble, code, paths), { cause: error })
}

const refuseStrangers = (database: Database.Database): void => {
  if (database.pragma('application_id', { simple: true }) !== APPLICATION_ID) {
    throw new StorageError('unusable', `${database.name} holds no tasks of a hub.`)
  }
  const version = Number(database.pragma('user_version', { simple: true }))
  if (version > MIGRATIONS.length) {
    throw troubleWith('future', database.name, `schema ${version}; this release knows ${MIGRATIONS.length}`)
  }
}

/**
 * Copies page by page. An open read transaction holds the copy to one moment: without it every commit of a hub at work
 * would begin it anew, and under load it would never end. The source is opened just to read, since a writer would put
 * the log of a killed hub into it.
 *
 * @see https://www.sqlite.org/backup.html
 */
const copyPages = async ({ from, to }: CopyPaths, { signal, progress }: CopyWatch): Promise<void> => {
  const source = new Database(from, { readonly: true, fileMustExist: true, timeout: BUSY_WAIT_MS })
  try {
    source.exec('BEGIN')
    refuseStrangers(source)
    const pageBytes = Number(source.pragma('page_size', { simple: true }))
    await source.backup(to, {
      progress: ({ totalPages, remainingPages }) => {
        signal.throwIfAborted()
        progress((totalPages - remainingPages) * pageBytes, totalPages * pageBytes)
        return PAGES_PER_STEP
      },
    })
  } finally {
    source.close()
  }
}

const refuseDamage = (copy: Database.Database, from: string): void => {
  const found = copy.pragma('quick_check(1)', { simple: true })
  if (found === 'ok') return
  const reason = String(found).replaceAll(/\s+/g, ' ').slice(0, 200)
  throw new StorageError('damaged', `${from} is damaged (${reason}); nothing was copied.`)
}

const countTasks = (copy: Database.Database): CopiedTasks => ({
  tasks: copy.prepare<[], number>('SELECT count(*) FROM tasks').pluck().get() ?? 0,
  bytes: Number(copy.pragma('page_count', { simple: true })) * Number(copy.pragma('page_size', { simple: true })),
})

/** Looks through the copy, changes it, and leaves it as the one file that it is. */
const finishCopy = <Result>({ from, to }: CopyPaths, change: (copy: Database.Database) => Result): Result => {
  const copy = new Database(to, { fileMustExist: true })
  try {
    // what is kept in a log beside it would not come along when the file is moved
    copy.pragma('journal_mode = DELETE')
    // the key of the tokens must not stay in the free pages of a file that is restored
    copy.pragma('secure_delete = ON')
    refuseDamage(copy, from)
    return copy.transaction(() => change(copy))()
  } finally {
    copy.close()
  }
}

const writeNote = (copy: Database.Database, { madeAt, release, tokens }: BackupNote): void => {
  copy.exec(`
    DROP TABLE IF EXISTS ${NOTE_TABLE};
    CREATE TABLE ${NOTE_TABLE} (
      one INTEGER PRIMARY KEY CHECK (one = 1), made_at INTEGER NOT NULL, release TEXT NOT NULL, tokens BLOB
    ) STRICT;
  `)
  copy.prepare(`INSERT INTO ${NOTE_TABLE} VALUES (1, ?, ?, ?)`).run(Math.round(madeAt), release, tokens ?? null)
}

interface NoteRow {
  readonly madeAt: number
  readonly release: string
  readonly tokens: Uint8Array | null
}

const takeNote = (copy: Database.Database, from: string): BackupNote => {
  const isBackup = copy.prepare('SELECT 1 FROM sqlite_schema WHERE name = ?').pluck().get(NOTE_TABLE) === 1
  const select = `SELECT made_at AS madeAt, release, tokens FROM ${NOTE_TABLE}`
  const row = isBackup ? copy.prepare<[], NoteRow>(select).get() : undefined
  if (row === undefined) throw new StorageError('unusable', `${from} is no backup of a hub: pnpm hub backup makes one.`)
  copy.exec(`DROP TABLE ${NOTE_TABLE}`)
  return { ...row, tokens: row.tokens ?? undefined }
}

/**
 * Copies the tasks of a hub that runs, or not, as they are at this moment, and notes beside them what else the backup
 * holds. The hub goes on meanwhile.
 *
 * @throws {StorageError}
 */
export const backUpTasks = async (paths: CopyPaths, note: BackupNote, watch: CopyWatch): Promise<CopiedTasks> => {
  try {
    await copyPages(paths, watch)
    return finishCopy(paths, (copy) => {
      writeNote(copy, note)
      return countTasks(copy)
    })
  } catch (error) {
    throw explain(error, paths)
  }
}

/**
 * Copies the tasks out of a backup, ready for a hub.
 *
 * @throws {StorageError}
 */
export const restoreTasks = async (
  paths: CopyPaths,
  watch: CopyWatch,
): Promise<{ readonly note: BackupNote; readonly copied: CopiedTasks }> => {
  try {
    await copyPages(paths, watch)
    return finishCopy(paths, (copy) => {
      const note = takeNote(copy, paths.from)
      copy.exec(`UPDATE meta SET boots = boots + ${STARTS_MISSED_MAX}`)
      return { note, copied: countTasks(copy) }
    })
  } catch (error) {
    throw explain(error, paths)
  }
}
