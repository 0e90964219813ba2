import type { ConversationBounds, ConversationStore, Exchange } from './conversation-ports.ts'

/** Bounds where nothing is on disk: what a busy day gives one agent, 4 Mi characters (8 MiB at most). */
export const MEMORY_CONVERSATION_BOUNDS: ConversationBounds = {
  personExchangesMax: 50,
  personCharsMax: 131_072,
  exchangesMax: 2_000,
  charsMax: 4_194_304,
}

/** How large an exchange is, in characters. */
export const countExchangeChars = ({ question, answer }: Exchange): number => question.length + answer.length

interface Entry {
  readonly personId: string
  readonly exchange: Exchange
}

const sumChars = (entries: Iterable<Entry>): number => {
  let sum = 0
  for (const { exchange } of entries) sum += countExchangeChars(exchange)
  return sum
}

/** Conversations that live as long as their process. */
export class MemoryConversationStore implements ConversationStore {
  readonly #bounds: ConversationBounds
  /** Everybody's, the oldest first. */
  readonly #entries = new Set<Entry>()
  #chars = 0

  constructor(bounds: ConversationBounds = MEMORY_CONVERSATION_BOUNDS) {
    this.#bounds = bounds
  }

  read(personId: string, since: number): readonly Exchange[] {
    const exchanges = this.#entriesOf(personId).map(({ exchange }) => exchange)
    return exchanges.some(({ at }) => at > since) ? exchanges : []
  }

  append(personId: string, exchange: Exchange): void {
    const { personExchangesMax, personCharsMax, exchangesMax, charsMax } = this.#bounds
    const chars = countExchangeChars(exchange)
    if (chars > Math.min(personCharsMax, charsMax)) return
    this.#entries.add({ personId, exchange })
    this.#chars += chars
    const own = this.#entriesOf(personId)
    while (own.length > personExchangesMax || sumChars(own) > personCharsMax) this.#drop(own.shift())
    for (const oldest of this.#entries) {
      if (this.#entries.size <= exchangesMax && this.#chars <= charsMax) break
      this.#drop(oldest)
    }
  }

  forget(personId: string): number {
    const own = this.#entriesOf(personId)
    for (const entry of own) this.#drop(entry)
    return own.length
  }

  purge(until: number): boolean {
    const active = new Set([...this.#entries].flatMap((each) => (each.exchange.at > until ? [each.personId] : [])))
    for (const entry of this.#entries) if (!active.has(entry.personId)) this.#drop(entry)
    return false
  }

  #entriesOf(personId: string): Entry[] {
    return [...this.#entries].filter((entry) => entry.personId === personId)
  }

  #drop(entry: Entry | undefined): void {
    if (entry !== undefined && this.#entries.delete(entry)) this.#chars -= countExchangeChars(entry.exchange)
  }
}
