import type Database from 'better-sqlite3'
import type { Spending, TokenLedger } from '../../core/ports.ts'
import { ask, commit } from '../../sqlite/ask-database.ts'

/** Days that are kept: enough to see afterwards what a week has cost. */
export const DAYS_KEPT = 31

interface Row {
  readonly provider: string
  readonly model: string
  readonly inputTokens: number
  readonly outputTokens: number
}

const prepare = (database: Database.Database) => ({
  read: database.prepare<[string], Row>(
    'SELECT provider, model, input_tokens AS inputTokens, output_tokens AS outputTokens FROM spent WHERE day = ?',
  ),
  add: database.prepare<[string, string, string, number, number]>(
    `INSERT INTO spent (day, provider, model, input_tokens, output_tokens) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET
       input_tokens = input_tokens + excluded.input_tokens,
       output_tokens = output_tokens + excluded.output_tokens`,
  ),
  // by number, not by date: a clock that was wrong for a day must not take the true ones away
  forget: database.prepare<[number]>(
    'DELETE FROM spent WHERE day NOT IN (SELECT DISTINCT day FROM spent ORDER BY day DESC LIMIT ?)',
  ),
})

/** A ledger in the agent's database, which the journal opens and closes. */
export class SqliteLedger implements TokenLedger {
  readonly #database: Database.Database
  readonly #statements: ReturnType<typeof prepare>

  constructor(database: Database.Database) {
    this.#database = database
    this.#statements = prepare(database)
  }

  read(day: string): readonly Spending[] {
    const rows = ask(this.#database, () => this.#statements.read.all(day))
    return rows.map(({ provider, model, inputTokens, outputTokens }) => ({
      provider,
      model,
      usage: { inputTokens, outputTokens },
    }))
  }

  add(day: string, { provider, model, usage }: Spending): void {
    const { inputTokens, outputTokens } = usage
    commit(this.#database, () => {
      this.#statements.add.run(day, provider, model, Math.round(inputTokens), Math.round(outputTokens))
      this.#statements.forget.run(DAYS_KEPT)
    })
  }
}
