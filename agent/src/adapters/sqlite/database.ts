import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { codeOf, StartError } from '../../core/failures.ts'
import { makeFile } from './folder-lock.ts'
import { PEER_TABLES } from './peer-tables.ts'

/** Name of the database in the data folder. */
export const DATABASE_FILE = 'agent.sqlite'

/**
 * Longest wait for somebody else's lock on the database, in milliseconds. The whole agent waits with it, and only a
 * person with a tool of his own could hold one, so it is short.
 */
const BUSY_MS_MAX = 100
/** Size to which the write-ahead log shrinks again, in bytes. */
const LOG_BYTES_KEPT = 4_194_304

/** Each step takes the schema one version further; a step that was released is never changed. */
const STEPS = [
  `
  CREATE TABLE accepted (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    request_id TEXT NOT NULL UNIQUE,
    attempt INTEGER NOT NULL,
    accepted_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX accepted_by_age ON accepted (accepted_at);
  CREATE TABLE answer (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    request_id TEXT NOT NULL UNIQUE,
    attempt INTEGER NOT NULL,
    ended_at INTEGER NOT NULL,
    chars INTEGER NOT NULL,
    frame TEXT NOT NULL
  ) STRICT;
  CREATE INDEX answer_by_age ON answer (ended_at, chars);
  `,
  `
  CREATE TABLE spent (
    day TEXT NOT NULL,
    provider TEXT NOT NULL,
    model TEXT NOT NULL,
    input_tokens INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL,
    PRIMARY KEY (day, provider, model)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  CREATE TABLE exchange (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    person TEXT NOT NULL,
    at INTEGER NOT NULL,
    chars INTEGER NOT NULL,
    sender TEXT,
    question TEXT NOT NULL,
    answer TEXT NOT NULL
  ) STRICT;
  CREATE INDEX exchange_by_person ON exchange (person, at, chars);
  CREATE TABLE seen (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    channel TEXT NOT NULL,
    message_id TEXT NOT NULL,
    seen_at INTEGER NOT NULL,
    UNIQUE (channel, message_id)
  ) STRICT;
  `,
  `
  CREATE TABLE team_run (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    chars INTEGER NOT NULL,
    head TEXT NOT NULL
  ) STRICT;
  CREATE TABLE team_step (
    run_id TEXT NOT NULL REFERENCES team_run (id) ON DELETE CASCADE,
    step_id TEXT NOT NULL,
    chars INTEGER NOT NULL,
    state TEXT NOT NULL,
    UNIQUE (run_id, step_id)
  ) STRICT;
  `,
  PEER_TABLES,
]

/** The schema that this release writes, kept in `user_version`. */
export const SCHEMA_VERSION = STEPS.length

/** Writes the schema's version, which is a write like any other, whether or not it changes. */
export const writeVersion = (database: Database.Database): void => {
  database.pragma(`user_version = ${SCHEMA_VERSION}`)
}

const bringUpToDate = (database: Database.Database, file: string): void => {
  const version = Number(database.pragma('user_version', { simple: true }))
  if (version > SCHEMA_VERSION) {
    throw new StartError(
      `${file} has schema ${version} of a newer release, and this one knows ${SCHEMA_VERSION}; run the newer one, or use another DATA_DIR.`,
    )
  }
  database
    .transaction(() => {
      for (const step of STEPS.slice(version)) database.exec(step)
      writeVersion(database)
    })
    .immediate()
}

const prepare = (database: Database.Database, file: string): void => {
  database.pragma('journal_mode = WAL')
  // an answer that was sent must not be unknown after a power cut, so each commit reaches the disk
  database.pragma('synchronous = FULL')
  database.pragma(`journal_size_limit = ${LOG_BYTES_KEPT}`)
  // what a person has asked to be forgotten must not stay readable in the free parts of the file
  database.pragma('secure_delete = ON')
  const check = database.pragma('quick_check(1)', { simple: true })
  if (check !== 'ok') throw damaged(file, String(check))
  bringUpToDate(database, file)
}

const damaged = (file: string, why: string, cause?: unknown): StartError =>
  new StartError(
    `${file} is damaged (${why.replaceAll(/\s+/g, ' ').slice(0, 200)}); restore it, or move it away to begin without it, which forgets the tasks that were answered.`,
    { cause },
  )

const explain = (error: unknown, file: string): unknown => {
  if (!(error instanceof Error) || error instanceof StartError) return error
  const code = codeOf(error)
  if (/^SQLITE_(?:NOTADB|CORRUPT|ERROR|CONSTRAINT)/.test(code)) return damaged(file, code, error)
  return new StartError(`${file} cannot be used (${code}).`, { cause: error })
}

/**
 * Opens the agent's database, makes it at the first start, and tries whether it can be written.
 *
 * @throws {StartError} when it is damaged, of a newer release, or cannot be used
 */
export const openDatabase = (dataDir: string): Database.Database => {
  const file = join(dataDir, DATABASE_FILE)
  let database: Database.Database | undefined
  try {
    makeFile(file)
    chmodSync(file, 0o600)
    database = new Database(file, { timeout: BUSY_MS_MAX })
    prepare(database, file)
    return database
  } catch (error) {
    database?.close()
    throw explain(error, file)
  }
}
