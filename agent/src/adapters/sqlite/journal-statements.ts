import type Database from 'better-sqlite3'

/** A row that was deleted, as far as the bounds are concerned. */
export interface Freed {
  readonly chars: number
}

/** Every statement of the journal, prepared once. */
export const prepareStatements = (database: Database.Database) => ({
  count: database.prepare<[], { accepted: number; answers: number; chars: number }>(
    `SELECT (SELECT count(*) FROM accepted) AS accepted, count(*) AS answers, coalesce(sum(chars), 0) AS chars FROM answer`,
  ),
  findAccepted: database.prepare<[string, number], { attempt: number }>(
    'SELECT attempt FROM accepted WHERE request_id = ? AND accepted_at > ?',
  ),
  findAnswer: database.prepare<[string, number], { attempt: number; frame: string }>(
    'SELECT attempt, frame FROM answer WHERE request_id = ? AND ended_at > ?',
  ),
  insertAccepted: database.prepare<[string, number, number]>(
    'INSERT INTO accepted (request_id, attempt, accepted_at) VALUES (?, ?, ?)',
  ),
  insertAnswer: database.prepare<[string, number, number, number, string]>(
    'INSERT INTO answer (request_id, attempt, ended_at, chars, frame) VALUES (?, ?, ?, ?, ?)',
  ),
  deleteAccepted: database.prepare<[string]>('DELETE FROM accepted WHERE request_id = ?'),
  deleteAnswer: database.prepare<[string], Freed>('DELETE FROM answer WHERE request_id = ? RETURNING chars'),
  deleteFirstAccepted: database.prepare<[]>('DELETE FROM accepted WHERE seq = (SELECT min(seq) FROM accepted)'),
  deleteFirstAnswer: database.prepare<[], Freed>(
    'DELETE FROM answer WHERE seq = (SELECT min(seq) FROM answer) RETURNING chars',
  ),
  deleteOldAccepted: database.prepare<[number, number]>(
    'DELETE FROM accepted WHERE seq IN (SELECT seq FROM accepted WHERE accepted_at <= ? LIMIT ?)',
  ),
  deleteOldAnswers: database.prepare<[number, number], Freed>(
    'DELETE FROM answer WHERE seq IN (SELECT seq FROM answer WHERE ended_at <= ? LIMIT ?) RETURNING chars',
  ),
})

/** The journal's statements. */
export type Statements = ReturnType<typeof prepareStatements>
