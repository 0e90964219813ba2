import { chmodSync, existsSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { codeOf, StartError } from '../../core/failures.ts'

/**
 * Name of the store in the data folder. It is a file of its own, beside the agent's: whoever has a copy of it is the
 * account, and an old copy must never be put back, so it is not to lie in every backup of conversations.
 */
export const WHATSAPP_FILE = 'whatsapp.sqlite'

/** Longest wait for a lock of somebody with a tool of his own, in milliseconds. */
const BUSY_MS_MAX = 100
/** Size to which the write-ahead log shrinks again, in bytes. */
const LOG_BYTES_KEPT = 4_194_304

/** Each step takes the schema one version further; a step that was released is never changed. */
const STEPS = [
  `
  CREATE TABLE auth (
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (kind, id)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE arrival (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    chat TEXT NOT NULL,
    sender TEXT NOT NULL,
    id TEXT NOT NULL,
    arrived_at INTEGER NOT NULL,
    is_read INTEGER NOT NULL DEFAULT 0,
    stanza TEXT,
    UNIQUE (id, chat, sender)
  ) STRICT;
  CREATE INDEX arrival_unread ON arrival (arrived_at) WHERE is_read = 0;
  CREATE TABLE sealed (
    digest BLOB PRIMARY KEY,
    arrival INTEGER NOT NULL REFERENCES arrival (seq) ON DELETE CASCADE,
    plain BLOB
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX sealed_by_arrival ON sealed (arrival);

  CREATE TABLE inbox (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    chat TEXT NOT NULL,
    person TEXT NOT NULL,
    id TEXT NOT NULL,
    sent_at INTEGER NOT NULL,
    arrived_at INTEGER NOT NULL,
    state TEXT NOT NULL,
    brought INTEGER NOT NULL DEFAULT 0,
    is_answered INTEGER NOT NULL DEFAULT 0,
    message TEXT NOT NULL,
    raw BLOB NOT NULL,
    UNIQUE (id, chat, person)
  ) STRICT;
  CREATE INDEX inbox_unfinished ON inbox (seq) WHERE state <> 'finished';
  CREATE INDEX inbox_by_chat ON inbox (chat, seq);
  CREATE INDEX inbox_by_age ON inbox (arrived_at);

  CREATE TABLE chat (
    id TEXT PRIMARY KEY,
    address TEXT NOT NULL,
    heard_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE outbox (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    batch TEXT NOT NULL,
    chat TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    failures INTEGER NOT NULL DEFAULT 0,
    next_at INTEGER NOT NULL,
    queued_at INTEGER NOT NULL,
    written_at INTEGER,
    ended_at INTEGER,
    answers TEXT,
    draft TEXT NOT NULL,
    chars INTEGER NOT NULL,
    content BLOB
  ) STRICT;
  CREATE INDEX outbox_waiting ON outbox (chat, seq) WHERE state IN ('queued', 'written');
  CREATE INDEX outbox_by_age ON outbox (queued_at);

  CREATE TABLE setting (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
]

/** The schema that this release writes, kept in `user_version`. */
const SCHEMA_VERSION = STEPS.length

const damaged = (file: string, why: string, cause?: unknown): StartError =>
  new StartError(
    `${file} is damaged (${why.replaceAll(/\s+/g, ' ').slice(0, 200)}); it holds this agent's link to WhatsApp. Restore it only if the copy is newer than the last start; else move it away, remove the device on the phone, and link the agent anew.`,
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
  if (database.pragma('user_version', { simple: true }) === 0) throw damaged(file, 'it is empty')
  database.pragma('journal_mode = WAL')
  // a key that was used must not be unknown after a power cut: it would be used again
  database.pragma('synchronous = FULL')
  database.pragma('foreign_keys = ON')
  database.pragma(`journal_size_limit = ${LOG_BYTES_KEPT}`)
  database.pragma('secure_delete = ON')
  bringUpToDate(database, file)
}

/** Makes the store aside and puts it in place when it is whole, so that an empty one is known for what it is: torn. */
const makeStore = (file: string): void => {
  const aside = `${file}.new`
  rmSync(aside, { force: true })
  writeFileSync(aside, '', { mode: 0o600, flag: 'wx' })
  const database = new Database(aside)
  try {
    bringUpToDate(database, file)
  } finally {
    database.close()
  }
  renameSync(aside, file)
}

/**
 * Opens the store of a data folder, whose lock the agent holds already, and makes it at the first start. One that cannot
 * be read is never replaced: that would silently be a new device, and a lost link.
 *
 * @throws {StartError} when it is damaged, of a newer release, or cannot be used
 */
export const openWhatsAppStore = (dataDir: string): Database.Database => {
  const file = join(dataDir, WHATSAPP_FILE)
  let database: Database.Database | undefined
  try {
    if (!existsSync(file)) makeStore(file)
    chmodSync(file, 0o600)
    database = new Database(file, { timeout: BUSY_MS_MAX, fileMustExist: true })
    prepare(database, file)
    return database
  } catch (error) {
    database?.close()
    throw explain(error, file)
  }
}
