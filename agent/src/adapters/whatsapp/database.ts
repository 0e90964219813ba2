import { join } from 'node:path'
import type Database from 'better-sqlite3'
import { openDatabaseFile } from '../../sqlite/open-database.ts'

/**
 * Name of the store in the data folder. It is a file of its own, beside the agent's: whoever has a copy of it is the
 * account, and an old copy must never be put back, so it is not to lie in every backup of conversations.
 */
export const WHATSAPP_FILE = 'whatsapp.sqlite'

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

/**
 * Opens the store of a data folder, whose lock the agent holds already, and makes it at the first start. One that cannot
 * be read is never replaced: that would silently be a new device, and a lost link.
 *
 * @throws {StartError} when it is damaged, of a newer release, or cannot be used
 */
export const openWhatsAppStore = (dataDir: string): Database.Database =>
  openDatabaseFile(join(dataDir, WHATSAPP_FILE), {
    steps: STEPS,
    ifDamaged:
      "it holds this agent's link to WhatsApp. Restore it only if the copy is newer than the last start; else move it away, remove the device on the phone, and link the agent anew.",
    mayBeEmpty: false,
  })
