import { within } from './within.ts'

interface Waiter<Item> {
  readonly fits: (item: Item) => boolean
  readonly resolve: (item: Item) => void
  readonly reject: (reason: Error) => void
}

/** Things that arrive, kept until somebody takes them. */
export class Inbox<Item> {
  /** Everything that ever arrived, taken or not. */
  readonly seen: Item[] = []
  readonly #waiting: Waiter<Item>[] = []
  #untaken: Item[] = []
  #end: Error | undefined

  put(item: Item): void {
    this.seen.push(item)
    const at = this.#waiting.findIndex(({ fits }) => fits(item))
    const [waiter] = at < 0 ? [] : this.#waiting.splice(at, 1)
    if (waiter === undefined) this.#untaken.push(item)
    else waiter.resolve(item)
  }

  /** Nothing more will come; whoever waits hears the reason. */
  end(reason: Error): void {
    this.#end = reason
    for (const { reject } of this.#waiting.splice(0)) reject(reason)
  }

  /** The first item that fits and was not taken before; waits for it. What does not fit stays. */
  take(fits: (item: Item) => boolean, what: string, limitMs?: number): Promise<Item> {
    const found = this.#untaken.find(fits)
    if (found !== undefined) {
      this.#untaken = this.#untaken.filter((item) => item !== found)
      return Promise.resolve(found)
    }
    const end = this.#end
    if (end !== undefined) return Promise.reject(new Error(`${what} did not come: ${end.message}`, { cause: end }))
    const came = new Promise<Item>((resolve, reject) => {
      this.#waiting.push({ fits, resolve, reject })
    })
    return within(came, what, limitMs)
  }
}
