/** Bounds of what waits for an answer. */
export interface LineBounds {
  /** Messages of one chat that wait while another one is answered. */
  readonly chatWaitingMax: number
  /** Messages of all chats together that wait. */
  readonly waitingMax: number
  /** Chats that are answered at the same time. */
  readonly runningMax: number
}

/** A person may send a thought in eight pieces; sixteen answers at once are more than most accounts allow. */
export const LINE_BOUNDS: LineBounds = { chatWaitingMax: 8, waitingMax: 256, runningMax: 16 }

interface Line {
  readonly waiting: (() => Promise<void>)[]
  isRunning: boolean
}

/** Messages in the order in which they came: one at a time in each chat, so many chats at a time. */
export class ChatLines {
  readonly #bounds: LineBounds
  /** Whoever has waited longest for its turn is first. */
  readonly #lines = new Map<string, Line>()
  #waiting = 0
  #running = 0

  constructor(bounds: LineBounds = LINE_BOUNDS) {
    this.#bounds = bounds
  }

  /** How many messages are worked on, and how many wait. */
  get load(): { readonly running: number; readonly waiting: number } {
    return { running: this.#running, waiting: this.#waiting }
  }

  /** Does the work when it is its turn; undefined, and nothing is done, where there is no room. */
  add<Value>(chatId: string, work: () => Promise<Value>): Promise<Value> | undefined {
    const line = this.#lines.get(chatId) ?? { waiting: [], isRunning: false }
    const { chatWaitingMax, waitingMax } = this.#bounds
    const mustWait = line.isRunning || this.#running >= this.#bounds.runningMax
    if (mustWait && (line.waiting.length >= chatWaitingMax || this.#waiting >= waitingMax)) return undefined
    const { promise, resolve, reject } = Promise.withResolvers<Value>()
    line.waiting.push(() => work().then(resolve, reject))
    this.#lines.set(chatId, line)
    this.#waiting += 1
    this.#beginNext()
    return promise
  }

  #beginNext(): void {
    for (const [chatId, line] of this.#lines) {
      if (this.#running >= this.#bounds.runningMax) return
      if (line.isRunning) continue
      const work = line.waiting.shift()
      if (work) this.#run(chatId, line, work)
    }
  }

  #run(chatId: string, line: Line, work: () => Promise<void>): void {
    line.isRunning = true
    this.#waiting -= 1
    this.#running += 1
    void work().finally(() => {
      line.isRunning = false
      this.#running -= 1
      // behind everybody who waits already
      this.#lines.delete(chatId)
      if (line.waiting.length > 0) this.#lines.set(chatId, line)
      this.#beginNext()
    })
  }
}
