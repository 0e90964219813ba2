import type Database from 'better-sqlite3'
import type { ConversationBounds, ConversationStore, Exchange } from '../../core/conversation-ports.ts'
import { countExchangeChars } from '../../core/memory-conversation-store.ts'
import { ask, commit } from '../../sqlite/ask-database.ts'

/** Bounds on disk: 32 Mi characters, some 100 MB where none is ASCII; of one person more than any budget takes in. */
export const CONVERSATION_BOUNDS: ConversationBounds = {
  personExchangesMax: 100,
  personCharsMax: 262_144,
  exchangesMax: 50_000,
  charsMax: 33_554_432,
}
/** Exchanges that one purge deletes at most, so that no message waits long for it. */
export const PURGE_EXCHANGES_MAX = 100

interface Row {
  readonly question: string
  readonly answer: string
  readonly sender: string | null
  readonly at: number
}

interface Freed {
  readonly chars: number
}

/** How much there is, of one person or of everybody. */
interface Totals {
  exchanges: number
  chars: number
}

const TOTALS = 'count(*) AS exchanges, coalesce(sum(chars), 0) AS chars'

const prepare = (database: Database.Database) => ({
  countAll: database.prepare<[], Totals>(`SELECT ${TOTALS} FROM exchange`),
  countOwn: database.prepare<[string], Totals>(`SELECT ${TOTALS} FROM exchange WHERE person = ?`),
  findNewest: database.prepare<[string], { at: number | null }>('SELECT max(at) AS at FROM exchange WHERE person = ?'),
  read: database.prepare<[string], Row>(
    'SELECT question, answer, sender, at FROM exchange WHERE person = ? ORDER BY seq',
  ),
  insert: database.prepare<[string, number, number, string | null, string, string]>(
    'INSERT INTO exchange (person, at, chars, sender, question, answer) VALUES (?, ?, ?, ?, ?, ?)',
  ),
  deleteFirstOwn: database.prepare<[string], Freed>(
    'DELETE FROM exchange WHERE seq = (SELECT min(seq) FROM exchange WHERE person = ?) RETURNING chars',
  ),
  deleteFirst: database.prepare<[], Freed>(
    'DELETE FROM exchange WHERE seq = (SELECT min(seq) FROM exchange) RETURNING chars',
  ),
  deleteOwn: database.prepare<[string], Freed>('DELETE FROM exchange WHERE person = ? RETURNING chars'),
  deleteInactive: database.prepare<[number, number], Freed>(
    `DELETE FROM exchange WHERE seq IN (
       SELECT seq FROM exchange
       WHERE person IN (SELECT person FROM exchange GROUP BY person HAVING max(at) <= ?) LIMIT ?
     ) RETURNING chars`,
  ),
})

const toExchange = ({ question, answer, sender, at }: Row): Exchange => ({
  question,
  answer,
  ...(sender === null ? {} : { sender }),
  at,
})

/** Conversations in the agent's database. Each call is one transaction, and on disk when it returns. */
export class SqliteConversationStore implements ConversationStore {
  readonly #database: Database.Database
  readonly #bounds: ConversationBounds
  readonly #statements: ReturnType<typeof prepare>
  #totals: Totals

  constructor(database: Database.Database, bounds: ConversationBounds = CONVERSATION_BOUNDS) {
    this.#database = database
    this.#bounds = bounds
    this.#statements = prepare(database)
    this.#totals = this.#statements.countAll.get() ?? { exchanges: 0, chars: 0 }
  }

  read(personId: string, since: number): readonly Exchange[] {
    return ask(this.#database, () => {
      const newest = this.#statements.findNewest.get(personId)?.at ?? undefined
      if (newest === undefined || newest <= since) return []
      return this.#statements.read.all(personId).map(toExchange)
    })
  }

  append(personId: string, exchange: Exchange): void {
    const chars = countExchangeChars(exchange)
    if (chars > Math.min(this.#bounds.personCharsMax, this.#bounds.charsMax)) return
    const { question, answer, sender, at } = exchange
    this.#commit((totals) => {
      this.#statements.insert.run(personId, at, chars, sender ?? null, question, answer)
      count(totals, [{ chars }], 1)
      this.#makeRoom(personId, totals)
    })
  }

  forget(personId: string): number {
    const freed = this.#commit((totals) => count(totals, this.#statements.deleteOwn.all(personId), -1))
    // the log ahead of the database still has the text until it is written over
    ask(this.#database, () => this.#database.pragma('wal_checkpoint(TRUNCATE)'))
    return freed.length
  }

  purge(until: number): boolean {
    const freed = this.#commit((totals) =>
      count(totals, this.#statements.deleteInactive.all(until, PURGE_EXCHANGES_MAX), -1),
    )
    return freed.length === PURGE_EXCHANGES_MAX
  }

  #makeRoom(personId: string, totals: Totals): void {
    const { personExchangesMax, personCharsMax, exchangesMax, charsMax } = this.#bounds
    const own = this.#statements.countOwn.get(personId) ?? { exchanges: 0, chars: 0 }
    while (own.exchanges > personExchangesMax || own.chars > personCharsMax) {
      const freed = this.#statements.deleteFirstOwn.all(personId)
      count(own, freed, -1)
      count(totals, freed, -1)
    }
    while (totals.exchanges > exchangesMax || totals.chars > charsMax) {
      // nothing is left when somebody else has deleted rows; the next start counts anew
      if (count(totals, this.#statements.deleteFirst.all(), -1).length === 0) break
    }
  }

  /** The totals change with the transaction, or not at all. */
  #commit<Value>(act: (totals: Totals) => Value): Value {
    const totals = { ...this.#totals }
    const value = commit(this.#database, () => act(totals))
    this.#totals = totals
    return value
  }
}

const count = (totals: Totals, rows: readonly Freed[], sign: 1 | -1): readonly Freed[] => {
  for (const { chars } of rows) {
    totals.exchanges += sign
    totals.chars += sign * chars
  }
  return rows
}
