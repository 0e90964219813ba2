import type { CacheStore } from '@whiskeysockets/baileys'

/** Most messages whose retries are counted. */
const COUNTS_MAX = 1_000

/**
 * How often each message was asked for again. It outlives sockets: counted anew on each, a message that nobody can open
 * would be asked for without end.
 */
export class RetryCounts implements CacheStore {
  readonly #counts = new Map<string, unknown>()

  get<Value>(key: string): Value | undefined {
    return this.#counts.get(key) as Value | undefined
  }

  set<Value>(key: string, value: Value): void {
    this.#counts.delete(key)
    this.#counts.set(key, value)
    const [oldest] = this.#counts.keys()
    if (this.#counts.size > COUNTS_MAX && oldest !== undefined) this.#counts.delete(oldest)
  }

  del(key: string): void {
    this.#counts.delete(key)
  }

  flushAll(): void {
    this.#counts.clear()
  }
}
