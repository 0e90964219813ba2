import Database from 'better-sqlite3'
import { CHANGE_COLUMNS, type ChangeRow, TASK_COLUMNS, type TaskRow } from './columns.ts'
import type { Contents, KeyRow, Outcome, Write, Written } from './lines.ts'

const prepareAll = (database: Database.Database) => ({
  begin: database.prepare('BEGIN IMMEDIATE'),
  commit: database.prepare('COMMIT'),
  rollback: database.prepare('ROLLBACK'),
  look: database.prepare<[], Contents>('SELECT count(*) AS tasks, coalesce(max(seq), 0) AS lastSeq FROM tasks'),
  insert: database.prepare<[TaskRow]>(
    `INSERT INTO tasks (${TASK_COLUMNS.join(', ')}) VALUES (${TASK_COLUMNS.map(() => '?').join(', ')})`,
  ),
  update: database.prepare<[ChangeRow]>(
    `UPDATE tasks SET ${CHANGE_COLUMNS.map((column) => `${column} = ?`).join(', ')} WHERE id = ?`,
  ),
  read: database.prepare<[number], TaskRow>(`SELECT ${TASK_COLUMNS.join(', ')} FROM tasks WHERE seq = ?`).raw(),
  findKey: database
    .prepare<[string, string], readonly [string, number, number]>(
      'SELECT digest, expires_at, task FROM idempotency_keys WHERE credential = ? AND key = ?',
    )
    .raw(),
  // An old promise under the same key has expired
  insertKey: database.prepare('INSERT OR REPLACE INTO idempotency_keys VALUES (?, ?, ?, ?, ?)'),
  purgeKeys: database.prepare<[number, number]>(
    `DELETE FROM idempotency_keys WHERE (credential, key) IN
      (SELECT credential, key FROM idempotency_keys WHERE expires_at <= ? LIMIT ?)`,
  ),
  // Keys that have expired and are still there go with their task
  purgeTasks: database.prepare<[number, number, number]>(
    `DELETE FROM tasks WHERE seq IN (
      SELECT seq FROM tasks WHERE ended_at <= ?
        AND NOT EXISTS (SELECT 1 FROM idempotency_keys WHERE task = seq AND expires_at > ?)
      ORDER BY ended_at LIMIT ?)`,
  ),
  disown: database.prepare<[string, number]>('DELETE FROM tasks WHERE id = ? AND seq > ?'),
  probe: database.prepare('UPDATE meta SET probes = probes + 1'),
})

const isConstraint = (error: unknown): error is Error =>
  error instanceof Database.SqliteError && error.code.startsWith('SQLITE_CONSTRAINT')

/** Writes batches, each as a whole: after a failure nothing of it has happened. */
export class BatchWriter {
  readonly #database: Database.Database
  readonly #statements: ReturnType<typeof prepareAll>
  readonly #pause: () => void
  /** Counted along, because counting anew takes a look at each task. */
  #contents: Contents
  /** Of the batch that is being written. */
  #lastSeq = 0

  /** @param pause runs before every commit */
  constructor(database: Database.Database, pause: () => void) {
    this.#database = database
    this.#statements = prepareAll(database)
    this.#pause = pause
    this.#contents = this.#statements.look.get() ?? { tasks: 0, lastSeq: 0 }
  }

  get contents(): Contents {
    return this.#contents
  }

  /** @throws SQLite's error when the whole batch is refused */
  write(writes: readonly Write[]): Written {
    const { begin, commit, rollback } = this.#statements
    const outcomes = new Map<number, Outcome>()
    let { tasks } = this.#contents
    this.#lastSeq = this.#contents.lastSeq
    begin.run()
    try {
      for (const [at, write] of writes.entries()) tasks += this.#writeOne(at, write, outcomes)
      this.#pause()
      commit.run()
    } catch (error) {
      // After some errors, such as a full disk, SQLite has rolled back already
      if (this.#database.inTransaction) rollback.run()
      throw error
    }
    this.#contents = { tasks, lastSeq: this.#lastSeq }
    return { outcomes, ...this.#contents }
  }

  /** @returns how many tasks there are more */
  #writeOne(at: number, write: Write, outcomes: Map<number, Outcome>): number {
    try {
      const outcome = this.#run(write)
      if (typeof outcome === 'number') return outcome
      outcomes.set(at, outcome)
      return outcome.kind === 'purged' ? -outcome.tasks : 0
    } catch (error) {
      if (!isConstraint(error)) throw error
      // The statement alone is undone, and was the first of its write to change anything
      outcomes.set(at, { kind: 'refused', reason: error.message })
      return 0
    }
  }

  #run(write: Write): number | Outcome {
    const { update, purgeKeys, purgeTasks, disown, probe } = this.#statements
    switch (write[0]) {
      case 'add':
        return this.#add(write)
      case 'update':
        return update.run(write[1]).changes === 1 ? 0 : { kind: 'refused', reason: 'it is not stored' }
      case 'purge':
        purgeKeys.run(write[2], write[3])
        return { kind: 'purged', tasks: purgeTasks.run(write[1], write[2], write[3]).changes }
      case 'disown':
        return -write[1].reduce((gone, id) => gone + disown.run(id, write[2]).changes, 0)
      case 'probe':
        probe.run()
        return 0
      default:
        return write satisfies never
    }
  }

  #add([, row, key]: Extract<Write, readonly ['add', ...unknown[]]>): number | Outcome {
    const known = key && this.#findPromised(key, row[12])
    if (known !== undefined) return known
    this.#lastSeq = Number(this.#statements.insert.run(row).lastInsertRowid)
    if (key !== undefined) {
      const [credential, name, digest, expiresAt] = key
      this.#statements.insertKey.run(credential, name, digest, this.#lastSeq, expiresAt)
    }
    return 1
  }

  /** What a key comes to that is remembered; undefined for one that is not. */
  #findPromised([credential, name, digest]: KeyRow, now: number): Outcome | undefined {
    const [known, expiresAt = 0, task = 0] = this.#statements.findKey.get(credential, name) ?? []
    if (known === undefined || expiresAt <= now) return undefined
    if (known !== digest) return { kind: 'conflict' }
    const row = this.#statements.read.get(task)
    return row && { kind: 'replayed', row }
  }
}
