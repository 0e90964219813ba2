import { join } from 'node:path'
import type Database from 'better-sqlite3'
import { openDatabaseFile, writeVersion } from '../../sqlite/open-database.ts'
import { PEER_TABLES } from './peer-tables.ts'

/** Name of the database in the data folder. */
export const DATABASE_FILE = 'agent.sqlite'

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

/**
 * Opens the agent's database, makes it at the first start, and tries whether it can be written.
 *
 * @throws {StartError} when it is damaged, of a newer release, or cannot be used
 */
export const openDatabase = (dataDir: string): Database.Database =>
  openDatabaseFile(join(dataDir, DATABASE_FILE), {
    steps: STEPS,
    ifDamaged: 'restore it, or move it away to begin without it, which forgets the tasks that were answered.',
    // a release that made the file before its tables may have ended in between
    mayBeEmpty: true,
  })

/** Tries whether the database can be written, and leaves it as it is. */
export const tryToWrite = (database: Database.Database): void => writeVersion(database, SCHEMA_VERSION)
