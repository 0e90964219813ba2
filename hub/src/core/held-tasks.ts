/**
 * Ids of the unanswered tasks of one session, in no particular order; at most
 * a few hundred. A plain list, not a Set: a session lives for days while tasks
 * come and go by the million, and every few additions a Set replaces its table
 * by one that the old table still points to. Once one of them has grown old,
 * the collector keeps all that follow it alive.
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
    const place = this.#ids.indexOf(taskId)
    const last = place < 0 ? undefined : this.#ids.pop()
    if (last !== undefined && place < this.#ids.length) this.#ids[place] = last
  }

  clear(): void {
    this.#ids.length = 0
  }

  [Symbol.iterator](): IterableIterator<string> {
    return this.#ids.values()
  }
}
