import type { Exchange } from './conversation-ports.ts'
import { countExchangeChars } from './memory-conversation-store.ts'

/** Most exchanges that wait for the storage, and most characters of them. */
const WAITING_MAX = 1_000
const WAITING_CHARS_MAX = 4_194_304

interface Waiting {
  readonly personId: string
  readonly exchange: Exchange
}

/** Exchanges that the storage did not take yet, in their order; the oldest are let go when there are too many. */
export class UnsavedExchanges {
  #waiting: Waiting[] = []
  #chars = 0

  /** Adds one; tells how many had to be let go for it. */
  add(personId: string, exchange: Exchange): number {
    this.#waiting.push({ personId, exchange })
    this.#chars += countExchangeChars(exchange)
    let lost = 0
    while (this.#waiting.length > WAITING_MAX || this.#chars > WAITING_CHARS_MAX) {
      this.#shift()
      lost += 1
    }
    return lost
  }

  /** Those of a person, the oldest first. */
  listOf(personId: string): readonly Exchange[] {
    return this.#waiting.filter((each) => each.personId === personId).map(({ exchange }) => exchange)
  }

  /** Lets go of a person's; tells how many there were. */
  forget(personId: string): number {
    const before = this.#waiting.length
    this.#waiting = this.#waiting.filter((each) => each.personId !== personId)
    this.#chars = this.#waiting.reduce((sum, { exchange }) => sum + countExchangeChars(exchange), 0)
    return before - this.#waiting.length
  }

  /** Hands over one after the other, each of which waits until `save` has returned. */
  flush(save: (personId: string, exchange: Exchange) => void): void {
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      save(next.personId, next.exchange)
      this.#shift()
    }
  }

  #shift(): void {
    const first = this.#waiting.shift()
    if (first) this.#chars -= countExchangeChars(first.exchange)
  }
}
