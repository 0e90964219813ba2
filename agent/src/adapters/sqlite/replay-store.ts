import { REPLAY_MEMORY_MS, type ReplayEntry, type ReplayState } from '@ai-comms/shared'
import type Database from 'better-sqlite3'
import type { ReplayStore } from '../../core/envelopes/ports.ts'
import { ask, commit } from '../../sqlite/ask-database.ts'

const prepare = (database: Database.Database) => ({
  read: database.prepare<[number], ReplayEntry>(
    'SELECT kid, sender AS "from", nonce, received_at AS receivedAt FROM envelope WHERE received_at >= ?',
  ),
  add: database.prepare<[string, string, string, number]>(
    'INSERT OR IGNORE INTO envelope (kid, sender, nonce, received_at) VALUES (?, ?, ?, ?)',
  ),
  forget: database.prepare<[number]>('DELETE FROM envelope WHERE received_at < ?'),
})

/** Which envelopes came, in the agent's database, which the journal opens and closes. */
export class SqliteReplayStore implements ReplayStore {
  readonly #database: Database.Database
  readonly #statements: ReturnType<typeof prepare>

  constructor(database: Database.Database) {
    this.#database = database
    this.#statements = prepare(database)
  }

  /** Everything is on disk, so nothing that was stamped before this start has to be refused. */
  read(now: number): ReplayState {
    const entries = ask(this.#database, () => this.#statements.read.all(now - REPLAY_MEMORY_MS))
    return { refuseBefore: 0, entries }
  }

  add({ kid, from, nonce, receivedAt }: ReplayEntry): void {
    commit(this.#database, () => {
      this.#statements.add.run(kid, from, nonce, receivedAt)
      this.#statements.forget.run(receivedAt - REPLAY_MEMORY_MS)
    })
  }
}
