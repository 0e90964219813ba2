import type Database from 'better-sqlite3'
import type { SeenBounds, SeenStore } from '../../core/conversation-ports.ts'
import { commit } from '../../sqlite/ask-database.ts'

/** Bounds on disk: some 5 MB of ids, and a week, since a channel may hand over what it has kept for a week. */
export const SEEN_BOUNDS: SeenBounds = { idsMax: 50_000, keepMs: 604_800_000 }

const prepare = (database: Database.Database) => ({
  insert: database.prepare<[string, string, number]>(
    'INSERT INTO seen (channel, message_id, seen_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
  ),
  deleteOld: database.prepare<[string, string, number]>(
    'DELETE FROM seen WHERE channel = ? AND message_id = ? AND seen_at <= ?',
  ),
  // a few with each that comes, so that none waits long and they do not pile up
  deleteOldest: database.prepare<[number]>(
    'DELETE FROM seen WHERE seq IN (SELECT seq FROM seen ORDER BY seq LIMIT 4) AND seen_at <= ?',
  ),
  deleteFirst: database.prepare<[]>('DELETE FROM seen WHERE seq = (SELECT min(seq) FROM seen)'),
})

/** Knows, in the agent's database, which messages were seen. */
export class SqliteSeenStore implements SeenStore {
  readonly #database: Database.Database
  readonly #bounds: SeenBounds
  readonly #statements: ReturnType<typeof prepare>
  #ids: number

  constructor(database: Database.Database, bounds: SeenBounds = SEEN_BOUNDS) {
    this.#database = database
    this.#bounds = bounds
    this.#statements = prepare(database)
    this.#ids = database.prepare<[], { ids: number }>('SELECT count(*) AS ids FROM seen').get()?.ids ?? 0
  }

  add(channel: string, messageId: string, now: number): boolean {
    const { isNew, ids } = commit(this.#database, () => this.#add(channel, messageId, now))
    this.#ids = ids
    return isNew
  }

  #add(channel: string, messageId: string, now: number): Change {
    const until = now - this.#bounds.keepMs
    let ids = this.#ids
    ids -= this.#statements.deleteOld.run(channel, messageId, until).changes
    const isNew = this.#statements.insert.run(channel, messageId, now).changes > 0
    if (!isNew) return { isNew, ids }
    ids += 1 - this.#statements.deleteOldest.run(until).changes
    if (ids > this.#bounds.idsMax) ids -= this.#statements.deleteFirst.run().changes
    return { isNew, ids }
  }
}

/** Whether a message was new, and how many are known with it. */
interface Change {
  readonly isNew: boolean
  readonly ids: number
}
