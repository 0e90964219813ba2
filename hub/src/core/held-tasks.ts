/**
 * Ids of the unanswered tasks of one session, in the order in which it got
 * them; at most a few hundred. A plain list, not a Set: a session lives for
 * days while tasks come and go by the million, and every few additions a Set
 * replaces its table by one that the old table still points to. Once one of
 * them has grown old, the collector keeps all that follow it alive.
 */
export class HeldTasks {
  readonly #ids: string[] = []

  get size(): number {
    return this.#ids.length
  }

  has(taskId: string): boolean {
    return this.#ids.includes(taskId)
  }

  /** The id must not be held yet. */
  add(taskId: string): void {
    this.#ids.push(taskId)
  }

  delete(taskId: string): void {
    const ids = this.#ids
    const place = ids.indexOf(taskId)
    if (place < 0) return
    ids.copyWithin(place, place + 1)
    ids.pop()
  }

  clear(): void {
    this.#ids.length = 0
  }

  [Symbol.iterator](): IterableIterator<string> {
    return this.#ids.values()
  }
}
