import type Database from 'better-sqlite3'
import { ask } from '../../sqlite/ask-database.ts'

/** How long it is remembered where a chat was heard, in milliseconds: half a year. */
const KEEP_MS = 15_552_000_000

const prepare = (database: Database.Database) => ({
  find: database.prepare<[string], { address: string }>('SELECT address FROM chat WHERE id = ?'),
  save: database.prepare<[string, string, number]>(
    `INSERT INTO chat (id, address, heard_at) VALUES (?, ?, ?)
     ON CONFLICT DO UPDATE SET address = excluded.address, heard_at = excluded.heard_at`,
  ),
  purge: database.prepare<[number]>('DELETE FROM chat WHERE heard_at <= ?'),
})

/** By which address each chat was heard last: an answer goes where the question came from. */
export class ChatBook {
  readonly #database: Database.Database
  readonly #statements: ReturnType<typeof prepare>

  constructor(database: Database.Database) {
    this.#database = database
    this.#statements = prepare(database)
  }

  /** The address of a chat, if anything came from there. */
  find(chatId: string): string | undefined {
    return ask(this.#database, () => this.#statements.find.get(chatId)?.address)
  }

  /** Something came from a chat. */
  note(chatId: string, address: string, now: number): void {
    ask(this.#database, () => this.#statements.save.run(chatId, address, now))
  }

  /** Lets go of chats that nothing came from for long. */
  purge(now: number): void {
    ask(this.#database, () => this.#statements.purge.run(now - KEEP_MS))
  }
}
