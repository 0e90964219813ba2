import type Database from 'better-sqlite3'

/** A row that waits, as it is in the store. */
export interface WaitingRow {
  readonly seq: number
  readonly id: string
  readonly chat: string
  readonly attempts: number
  readonly doubts: number
  readonly nextAt: number
  readonly queuedAt: number
  readonly draft: string
  readonly answers: string | null
  readonly media: string | null
}

/** What a row is when a status of Meta comes. */
export interface StatusRow {
  readonly seq: number
  readonly id: string
  readonly chat: string
  readonly batch: string
  readonly state: string
  readonly attempts: number
  readonly sentAt: number | null
}

interface NewRow {
  readonly id: string
  readonly batch: string
  readonly chat: string
  readonly now: number
  readonly answers: string | null
  readonly draft: string
  readonly chars: number
}

const WAITING = `state IN ('queued', 'sending')`
const STATUS_COLUMNS = 'seq, id, chat, batch, state, attempts, sent_at AS sentAt'

/** What is asked of the table of messages that are sent. A message has a `wamid` once Meta told one. */
export const prepareOutbox = (database: Database.Database) => ({
  insert: database.prepare<NewRow>(
    `INSERT INTO outbox (id, batch, chat, state, next_at, queued_at, answers, draft, chars)
     VALUES (@id, @batch, @chat, 'queued', @now, @now, @answers, @draft, @chars)`,
  ),
  count: database.prepare<[string], { own: number; every: number; chars: number }>(
    `SELECT count(*) FILTER (WHERE chat = ?) AS own, count(*) AS every, coalesce(sum(chars), 0) AS chars
     FROM outbox WHERE ${WAITING}`,
  ),
  findNext: database.prepare<[string], WaitingRow>(
    `SELECT seq, id, chat, attempts, doubts, next_at AS nextAt, queued_at AS queuedAt, draft, answers, media
     FROM outbox WHERE chat = ? AND ${WAITING} ORDER BY seq LIMIT 1`,
  ),
  // of the columns beside min(), SQLite takes those of the row that has it
  listTurns: database.prepare<[], { chat: string; nextAt: number; first: number }>(
    `SELECT chat, next_at AS nextAt, min(seq) AS first FROM outbox WHERE ${WAITING} GROUP BY chat ORDER BY first`,
  ),
  noteSending: database.prepare<[number, number]>(
    `UPDATE outbox SET state = 'sending', attempts = attempts + 1, doubts = doubts + 1, sent_at = ?
     WHERE seq = ? AND ${WAITING}`,
  ),
  noteUnsent: database.prepare<[number, number, number]>(
    `UPDATE outbox SET attempts = attempts - iif(state = 'sending', ?, 0), doubts = doubts - (state = 'sending'),
       state = 'queued', next_at = ? WHERE seq = ? AND ${WAITING}`,
  ),
  noteDoubt: database.prepare<[number, number]>(
    `UPDATE outbox SET state = 'queued', next_at = ? WHERE seq = ? AND state = 'sending'`,
  ),
  delayDoubts: database.prepare<[number]>(
    `UPDATE outbox SET next_at = max(next_at, ?) WHERE doubts > 0 AND ${WAITING}`,
  ),
  saveMedia: database.prepare<[string, number]>('UPDATE outbox SET media = ? WHERE seq = ?'),
  replaceDraft: database.prepare<[string, number]>('UPDATE outbox SET draft = ?, media = NULL WHERE seq = ?'),
  acceptSending: database.prepare<[string, number]>(
    `UPDATE outbox SET state = 'accepted', wamid = ? WHERE seq = ? AND state = 'sending'`,
  ),
  acceptWaiting: database.prepare<[string, number]>(
    `UPDATE outbox SET state = 'accepted', wamid = ? WHERE seq = ? AND ${WAITING}`,
  ),
  findById: database.prepare<[string], StatusRow>(`SELECT ${STATUS_COLUMNS} FROM outbox WHERE id = ?`),
  findByWamid: database.prepare<[string], StatusRow>(`SELECT ${STATUS_COLUMNS} FROM outbox WHERE wamid = ?`),
  findText: database.prepare<[string, string], { draft: string }>(
    'SELECT draft FROM outbox WHERE wamid = ? AND chat = ?',
  ),
  noteDelivered: database.prepare<[string, number]>('UPDATE outbox SET state = ? WHERE seq = ?'),
  sendAgain: database.prepare<[number, number]>(
    `UPDATE outbox SET state = 'queued', wamid = NULL, doubts = max(0, doubts - 1), next_at = ? WHERE seq = ?`,
  ),
  fail: database.prepare<[number]>(`UPDATE outbox SET state = 'failed' WHERE seq = ?`),
  failBatch: database.prepare<[string], { id: string }>(
    `UPDATE outbox SET state = 'failed' WHERE batch = ? AND ${WAITING} RETURNING id`,
  ),
  failOld: database.prepare<[number], { id: string }>(
    `UPDATE outbox SET state = 'failed' WHERE ${WAITING} AND queued_at <= ? RETURNING id`,
  ),
  purge: database.prepare<[number, number]>(
    `DELETE FROM outbox WHERE seq IN (
       SELECT seq FROM outbox WHERE NOT (${WAITING}) AND queued_at <= ? ORDER BY seq LIMIT ?
     )`,
  ),
  trim: database.prepare<[number, number]>(
    `DELETE FROM outbox WHERE seq IN (
       SELECT seq FROM outbox WHERE NOT (${WAITING}) ORDER BY seq
       LIMIT min(?, max(0, (SELECT count(*) FROM outbox) - ?))
     )`,
  ),
})
