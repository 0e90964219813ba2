/** Something that gathers writes and can let them go. */
export interface Flushable {
  flush(): void
}

/**
 * Lets each socket write once per turn of the event loop: what is written in a
 * turn is gathered, and all gatherings are let go together after the turn's
 * input has been read. Many frames of one turn become one system call, and a
 * single frame waits for nothing but the end of its turn.
 */
export class TurnBatch {
  #waiting: Flushable[] = []

  /** Call once when something begins to gather. */
  add(waiting: Flushable): void {
    if (this.#waiting.length === 0) setImmediate(this.#flushAll)
    this.#waiting.push(waiting)
  }

  readonly #flushAll = (): void => {
    const waiting = this.#waiting
    this.#waiting = []
    for (const one of waiting) one.flush()
  }
}
