/** What is kept of other agents: which envelopes came, the groups, what was said in them, and how far each member is. */
export const PEER_TABLES = `
  CREATE TABLE IF NOT EXISTS envelope (
    kid TEXT NOT NULL,
    sender TEXT NOT NULL,
    nonce TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    PRIMARY KEY (kid, sender, nonce)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS envelope_by_age ON envelope (received_at);
  CREATE TABLE IF NOT EXISTS peer_group (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    group_id TEXT NOT NULL UNIQUE,
    kept TEXT NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS group_message (
    group_id TEXT NOT NULL,
    clock INTEGER NOT NULL,
    writer TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    message TEXT NOT NULL,
    PRIMARY KEY (group_id, clock, writer, sequence),
    UNIQUE (group_id, writer, sequence)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS group_mark (
    group_id TEXT NOT NULL,
    agent_id TEXT NOT NULL,
    have INTEGER NOT NULL,
    acked INTEGER NOT NULL,
    confirmed INTEGER NOT NULL,
    PRIMARY KEY (group_id, agent_id)
  ) STRICT, WITHOUT ROWID;
`
