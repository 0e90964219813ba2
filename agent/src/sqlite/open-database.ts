import { chmodSync, lstatSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import Database from 'better-sqlite3'
import { codeOf, StartError } from '../core/failures.ts'

/** What a database is made of, and what whoever runs it must know of it. */
export interface DatabaseForm {
  /** Each step takes the schema one version further; a step that was released is never changed. */
  readonly steps: readonly string[]
  /** What its loss means and what to do about it: the rest of a sentence that says that it is damaged. */
  readonly ifDamaged: string
  /** Whether one without a schema is begun anew, and not damaged. */
  readonly mayBeEmpty: boolean
}

/** Longest wait for a lock of somebody with a tool of his own, in milliseconds. The whole agent waits with it. */
const BUSY_MS_MAX = 100
/** Size to which the write-ahead log shrinks again, in bytes. */
const LOG_BYTES_KEPT = 4_194_304
/** Longest reason that stands in a sentence, in characters. */
const REASON_CHARS_MAX = 200

/** The schema of a database, as it is kept in `user_version`. */
const readVersion = (database: Database.Database): number => Number(database.pragma('user_version', { simple: true }))

/** Writes the schema's version, which is a write like any other, whether or not it changes. */
export const writeVersion = (database: Database.Database, version: number): void => {
  database.pragma(`user_version = ${version}`)
}

const bringUpToDate = (database: Database.Database, file: string, steps: readonly string[]): void => {
  const version = readVersion(database)
  if (version > steps.length) {
    throw new StartError(
      `${file} has schema ${version} of a newer release, and this one knows ${steps.length}; run the newer one, or use another DATA_DIR.`,
    )
  }
  const step = database.transaction(() => {
    for (const sql of steps.slice(version)) database.exec(sql)
    writeVersion(database, steps.length)
  })
  step.immediate()
}

const damaged = (file: string, why: string, { ifDamaged }: DatabaseForm, cause?: unknown): StartError =>
  new StartError(`${file} is damaged (${why.replaceAll(/\s+/g, ' ').slice(0, REASON_CHARS_MAX)}); ${ifDamaged}`, {
    cause,
  })

const explain = (error: unknown, file: string, form: DatabaseForm): unknown => {
  if (!(error instanceof Error) || error instanceof StartError) return error
  const code = codeOf(error)
  if (/^SQLITE_(?:NOTADB|CORRUPT|ERROR|CONSTRAINT)/.test(code)) return damaged(file, code, form, error)
  return new StartError(`${file} cannot be used (${code}).`, { cause: error })
}

const prepare = (database: Database.Database, file: string, form: DatabaseForm): void => {
  // looked at before anything is written: what is damaged is left as it was found
  const check = database.pragma('quick_check(1)', { simple: true })
  if (check !== 'ok') throw damaged(file, String(check), form)
  if (!form.mayBeEmpty && readVersion(database) === 0) throw damaged(file, 'it is empty', form)
  database.pragma('journal_mode = WAL')
  // what somebody was told is stored must be stored after a power cut, too
  database.pragma('synchronous = FULL')
  database.pragma('foreign_keys = ON')
  database.pragma(`journal_size_limit = ${LOG_BYTES_KEPT}`)
  // what was let go must not stay readable in the free parts of the file
  database.pragma('secure_delete = ON')
  bringUpToDate(database, file, form.steps)
}

/** Makes a database aside and puts it in place when it is whole, so that an empty one is known for what it is: torn. */
const makeDatabase = (file: string, steps: readonly string[]): void => {
  const aside = `${file}.new`
  rmSync(aside, { force: true })
  writeFileSync(aside, '', { mode: 0o600, flag: 'wx' })
  const database = new Database(aside)
  try {
    bringUpToDate(database, file, steps)
  } finally {
    database.close()
  }
  renameSync(aside, file)
}

/**
 * Opens a database for this user alone, makes it at the first start, brings its schema up to date, and tries whether it
 * can be written. The folder's lock is held by whoever calls. One that cannot be read is never replaced.
 *
 * @throws {StartError} when it is damaged, of a newer release, or cannot be used
 */
export const openDatabaseFile = (file: string, form: DatabaseForm): Database.Database => {
  let database: Database.Database | undefined
  try {
    // a link that leads nowhere is not nothing: what it should lead to may come back
    if (lstatSync(file, { throwIfNoEntry: false }) === undefined) makeDatabase(file, form.steps)
    chmodSync(file, 0o600)
    database = new Database(file, { timeout: BUSY_MS_MAX, fileMustExist: true })
    prepare(database, file, form)
    return database
  } catch (error) {
    database?.close()
    throw explain(error, file, form)
  }
}
