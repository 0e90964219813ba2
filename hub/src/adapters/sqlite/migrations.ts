import type Database from 'better-sqlite3'

/** Marks a file as the hub's: `AICH`. @see https://www.sqlite.org/fileformat2.html#application_id */
export const APPLICATION_ID = 0x41_49_43_48

/**
 * The schema, step by step; the number of steps done is the file's
 * `user_version`. A step that was released is never edited, only followed.
 */
export const MIGRATIONS: readonly string[] = [
  // Times are REAL, because the clock has fractions of a millisecond; STRICT, so that nothing else slips in.
  // `agent_key` leads to a task by its agent; tasks for a skill have none until they are handed out.
  `
  CREATE TABLE meta (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    store_id TEXT NOT NULL,
    boots INTEGER NOT NULL,
    probes INTEGER NOT NULL
  ) STRICT;
  INSERT INTO meta VALUES (1, lower(hex(randomblob(16))), 0, 0);

  CREATE TABLE tasks (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL CHECK (state IN ('submitted', 'working', 'completed', 'failed', 'canceled', 'rejected')),
    target_kind TEXT NOT NULL CHECK (target_kind IN ('agent', 'skill')),
    target_name TEXT NOT NULL,
    target_key TEXT NOT NULL,
    agent TEXT CHECK (agent IS NOT NULL OR state NOT IN ('working', 'completed')),
    agent_key TEXT,
    instance_key TEXT,
    sender TEXT NOT NULL,
    conversation_id TEXT,
    hops INTEGER NOT NULL,
    traceparent TEXT,
    created_at REAL NOT NULL,
    updated_at REAL NOT NULL,
    expires_at REAL NOT NULL,
    timeout_at REAL,
    attempts INTEGER NOT NULL,
    error TEXT CHECK (error IS NOT NULL OR state NOT IN ('failed', 'canceled', 'rejected')),
    code TEXT CHECK (code IS NOT NULL OR state NOT IN ('failed', 'canceled', 'rejected')),
    ended_at REAL CHECK ((ended_at IS NULL) = (state IN ('submitted', 'working'))),
    message TEXT NOT NULL,
    response TEXT CHECK (response IS NOT NULL OR state <> 'completed')
  ) STRICT;
  CREATE INDEX tasks_by_state ON tasks (state, seq);
  CREATE INDEX tasks_by_agent ON tasks (agent_key, state, seq) WHERE agent_key IS NOT NULL;
  CREATE INDEX tasks_by_end ON tasks (ended_at) WHERE ended_at IS NOT NULL;

  CREATE TABLE idempotency_keys (
    credential TEXT NOT NULL,
    key TEXT NOT NULL,
    digest TEXT NOT NULL,
    task INTEGER NOT NULL REFERENCES tasks (seq) ON DELETE CASCADE,
    expires_at REAL NOT NULL,
    PRIMARY KEY (credential, key)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX keys_by_task ON idempotency_keys (task);
  CREATE INDEX keys_by_expiry ON idempotency_keys (expires_at);
  `,
]

/** Brings the schema up to date; belongs into a transaction, so that a file is of one version or the other. */
export const migrate = (database: Database.Database): void => {
  const done = Number(database.pragma('user_version', { simple: true }))
  for (const step of MIGRATIONS.slice(done)) database.exec(step)
  if (done === MIGRATIONS.length) return
  database.pragma(`application_id = ${APPLICATION_ID}`)
  database.pragma(`user_version = ${MIGRATIONS.length}`)
}
