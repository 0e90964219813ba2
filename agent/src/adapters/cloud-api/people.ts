import type Database from 'better-sqlite3'
import { ask } from '../../sqlite/ask-database.ts'

/** How long it is remembered whose a user id is, in milliseconds: half a year after it was heard last. */
const KEEP_MS = 15_552_000_000
/** People who are known at a time; whoever was heard longest ago is forgotten first. */
const PEOPLE_MAX = 100_000
/** Rows that one purge deletes at most of each kind. */
const PURGE_ROWS_MAX = 200

const prepare = (database: Database.Database) => ({
  find: database.prepare<[string], { number: string }>('SELECT number FROM person WHERE user_id = ?'),
  save: database.prepare<[string, string, number]>(
    `INSERT INTO person (user_id, number, heard_at) VALUES (?, ?, ?)
     ON CONFLICT DO UPDATE SET number = excluded.number, heard_at = excluded.heard_at`,
  ),
  purge: database.prepare<[number, number]>(
    'DELETE FROM person WHERE user_id IN (SELECT user_id FROM person WHERE heard_at <= ? ORDER BY heard_at LIMIT ?)',
  ),
  trim: database.prepare<[number, number]>(
    `DELETE FROM person WHERE user_id IN (
       SELECT user_id FROM person ORDER BY heard_at LIMIT min(?, max(0, (SELECT count(*) FROM person) - ?))
     )`,
  ),
})

/**
 * Whose number is behind a user id. Somebody who takes a name on WhatsApp hides the number from then on; whoever was heard
 * with it before stays the same person, with the same rights and the same conversation.
 *
 * @see https://developers.facebook.com/documentation/business-messaging/whatsapp/business-scoped-user-ids
 */
export class People {
  readonly #database: Database.Database
  readonly #statements: ReturnType<typeof prepare>

  constructor(database: Database.Database) {
    this.#database = database
    this.#statements = prepare(database)
  }

  /** The number behind a user id, if both ever came together. */
  findNumber(userId: string): string | undefined {
    return ask(this.#database, () => this.#statements.find.get(userId)?.number)
  }

  /** Both came together in something that Meta has signed. */
  note(userId: string, number: string, now: number): void {
    ask(this.#database, () => this.#statements.save.run(userId, number, now))
  }

  /** Lets go of some of those who were not heard for long; tells whether there are more. */
  purge(now: number): boolean {
    const freed = ask(this.#database, () => [
      this.#statements.purge.run(now - KEEP_MS, PURGE_ROWS_MAX).changes,
      this.#statements.trim.run(PURGE_ROWS_MAX, PEOPLE_MAX).changes,
    ])
    return freed.includes(PURGE_ROWS_MAX)
  }
}
