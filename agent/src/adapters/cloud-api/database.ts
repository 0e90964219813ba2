import { chmodSync, existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { codeOf, StartError } from '../../core/failures.ts'

/** Name of the store in the data folder. */
export const CLOUD_FILE = 'cloud.sqlite'

/** Longest wait for a lock of somebody with a tool of his own, in milliseconds. */
const BUSY_MS_MAX = 100
/** Size to which the write-ahead log shrinks again, in bytes. */
const LOG_BYTES_KEPT = 4_194_304

/** Each step takes the schema one version further; a step that was released is never changed. */
const STEPS = [
  `
  CREATE TABLE inbox (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    wamid TEXT NOT NULL,
    chat TEXT NOT NULL,
    person TEXT NOT NULL,
    arrived_at INTEGER NOT NULL,
    state TEXT NOT NULL,
    brought INTEGER NOT NULL DEFAULT 0,
    is_answered INTEGER NOT NULL DEFAULT 0,
    message TEXT NOT NULL
  ) STRICT;
  CREATE INDEX inbox_unfinished ON inbox (seq) WHERE state <> 'finished';
  CREATE INDEX inbox_by_chat ON inbox (chat, seq);
  CREATE INDEX inbox_by_age ON inbox (arrived_at);
  CREATE INDEX inbox_spoken ON inbox (arrived_at) WHERE state = 'finished' AND message <> '';

  CREATE TABLE outbox (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    wamid TEXT,
    batch TEXT NOT NULL,
    chat TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    doubts INTEGER NOT NULL DEFAULT 0,
    next_at INTEGER NOT NULL,
    queued_at INTEGER NOT NULL,
    sent_at INTEGER,
    answers TEXT,
    draft TEXT NOT NULL,
    media TEXT,
    chars INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX outbox_waiting ON outbox (chat, seq) WHERE state IN ('queued', 'sending');
  CREATE INDEX outbox_by_wamid ON outbox (wamid) WHERE wamid IS NOT NULL;
  CREATE INDEX outbox_by_batch ON outbox (batch);
  CREATE INDEX outbox_by_age ON outbox (queued_at);

  CREATE TABLE person (
    user_id TEXT PRIMARY KEY,
    number TEXT NOT NULL,
    heard_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX person_by_age ON person (heard_at);
  `,
]

/** The schema that this release writes, kept in `user_version`. */
const SCHEMA_VERSION = STEPS.length

const damaged = (file: string, why: string, cause?: unknown): StartError =>
  new StartError(
    `${file} is damaged (${why.replaceAll(/\s+/g, ' ').slice(0, 200)}); it holds what people wrote and what waits to be sent. Restore it, or move it away to begin without it: what Meta delivers again is answered again then.`,
    { cause },
  )

const explain = (error: unknown, file: string): unknown => {
  if (!(error instanceof Error) || error instanceof StartError) return error
  const code = codeOf(error)
  if (/^SQLITE_(?:NOTADB|CORRUPT|ERROR|CONSTRAINT)/.test(code)) return damaged(file, code, error)
  return new StartError(`${file} cannot be used (${code}).`, { cause: error })
}

const bringUpToDate = (database: Database.Database, file: string): void => {
  const version = Number(database.pragma('user_version', { simple: true }))
  if (version > SCHEMA_VERSION) {
    throw new StartError(
      `${file} has schema ${version} of a newer release, and this one knows ${SCHEMA_VERSION}; run the newer one.`,
    )
  }
  const step = database.transaction(() => {
    for (const sql of STEPS.slice(version)) database.exec(sql)
    database.pragma(`user_version = ${SCHEMA_VERSION}`)
  })
  step.immediate()
}

const prepare = (database: Database.Database, file: string): void => {
  // looked at before anything is written: what is damaged is left as it was found
  const check = database.pragma('quick_check(1)', { simple: true })
  if (check !== 'ok') throw damaged(file, String(check))
  database.pragma('journal_mode = WAL')
  // what Meta was told is stored must be stored, after a power cut, too
  database.pragma('synchronous = FULL')
  database.pragma(`journal_size_limit = ${LOG_BYTES_KEPT}`)
  // what was let go must not stay readable in the free parts of the file
  database.pragma('secure_delete = ON')
  bringUpToDate(database, file)
}

/**
 * Opens the store of a data folder, whose lock the agent holds already, and makes it at the first start.
 *
 * @throws {StartError} when it is damaged, of a newer release, or cannot be used
 */
export const openCloudStore = (dataDir: string): Database.Database => {
  const file = join(dataDir, CLOUD_FILE)
  let database: Database.Database | undefined
  try {
    if (!existsSync(file)) writeFileSync(file, '', { mode: 0o600, flag: 'wx' })
    chmodSync(file, 0o600)
    database = new Database(file, { timeout: BUSY_MS_MAX, fileMustExist: true })
    prepare(database, file)
    return database
  } catch (error) {
    database?.close()
    throw explain(error, file)
  }
}
