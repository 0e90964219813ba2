import type Database from 'better-sqlite3'
import { ask } from '../../sqlite/ask-database.ts'
import { parseVersion } from './app-version.ts'
import type { WebVersion } from './whatsapp-parts.ts'

const VERSION = 'version'

const prepare = (database: Database.Database) => ({
  find: database.prepare<[string], { value: string }>('SELECT value FROM setting WHERE name = ?'),
  save: database.prepare<[string, string]>(
    'INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value',
  ),
})

/** What has proved right and is tried first next time. */
export class Settings {
  readonly #database: Database.Database
  readonly #statements: ReturnType<typeof prepare>

  constructor(database: Database.Database) {
    this.#database = database
    this.#statements = prepare(database)
  }

  /** The version with which WhatsApp let us in last. */
  findVersion(): WebVersion | undefined {
    const text = ask(this.#database, () => this.#statements.find.get(VERSION)?.value)
    return text === undefined ? undefined : parseVersion(text)
  }

  saveVersion(version: WebVersion): void {
    ask(this.#database, () => this.#statements.save.run(VERSION, version.join('.')))
  }
}
