/** Things that come one by one, for whoever waits for the next. */
export class Queue<Thing> {
  readonly #things: Thing[] = []
  readonly #waiting: ((thing: Thing) => void)[] = []

  /** Adds one, or hands it to whoever waits. */
  push(thing: Thing): void {
    const waiting = this.#waiting.shift()
    if (waiting) waiting(thing)
    else this.#things.push(thing)
  }

  /** The next one, when it comes. */
  async next(): Promise<Thing> {
    return this.#things.shift() ?? new Promise((resolve) => this.#waiting.push(resolve))
  }

  /** The next one that fits; those before it are let go. */
  async until<Fitting extends Thing>(fits: (thing: Thing) => thing is Fitting): Promise<Fitting>
  async until(fits: (thing: Thing) => boolean): Promise<Thing>
  async until(fits: (thing: Thing) => boolean): Promise<Thing> {
    for (;;) {
      const thing = await this.next()
      if (fits(thing)) return thing
    }
  }

  /** Takes all that are there. */
  take(): Thing[] {
    return this.#things.splice(0)
  }
}
