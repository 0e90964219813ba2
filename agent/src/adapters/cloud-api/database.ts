import { join } from 'node:path'
import type Database from 'better-sqlite3'
import { openDatabaseFile } from '../../sqlite/open-database.ts'

/** Name of the store in the data folder. */
export const CLOUD_FILE = 'cloud.sqlite'

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

/**
 * Opens the store of a data folder, whose lock the agent holds already, and makes it at the first start.
 *
 * @throws {StartError} when it is damaged, of a newer release, or cannot be used
 */
export const openCloudStore = (dataDir: string): Database.Database =>
  openDatabaseFile(join(dataDir, CLOUD_FILE), {
    steps: STEPS,
    ifDamaged:
      'it holds what people wrote and what waits to be sent. Restore it, or move it away to begin without it: what Meta delivers again is answered again then.',
    mayBeEmpty: true,
  })
