import { pause } from '../alarms.ts'
import type { Chat } from '../message.ts'
import type { Clock } from '../ports.ts'
import type { Working } from './working.ts'

/** How long what was given up may take to notice it, in milliseconds. */
const GIVEN_UP_MS = 1_000

/** Something that is under way in a chat. */
export interface UnderWay {
  /** Aborted when the person gives up, or the agent ends. */
  readonly signal: AbortSignal
  readonly end: () => void
}

interface Entry {
  readonly chatId: string
  readonly abort: AbortController
  readonly done: Promise<void>
}

/** What is under way in all chats, shown there, and given up when nobody waits for it. */
export class Work {
  readonly #working: Working
  readonly #entries = new Set<Entry>()
  #isClosed = false

  constructor(working: Working) {
    this.#working = working
  }

  /** Whether the agent takes nothing any more. */
  get isClosed(): boolean {
    return this.#isClosed
  }

  /** Something begins; after the end of the agent it is given up at once. */
  begin(chat: Chat): UnderWay {
    const abort = new AbortController()
    const { promise: done, resolve } = Promise.withResolvers<void>()
    const entry: Entry = { chatId: chat.id, abort, done }
    const show = this.#working.begin(chat)
    this.#entries.add(entry)
    if (this.#isClosed) abort.abort()
    return {
      signal: abort.signal,
      end: () => {
        this.#entries.delete(entry)
        show()
        resolve()
      },
    }
  }

  /** Gives up what is under way in a chat. */
  cancel(chat: Chat): void {
    for (const { chatId, abort } of this.#entries) if (chatId === chat.id) abort.abort()
  }

  /** Lets what is under way finish within so many milliseconds, and gives up the rest. */
  async close(drainMs: number, clock: Clock): Promise<void> {
    this.#isClosed = true
    await this.#settle(drainMs, clock)
    for (const { abort } of this.#entries) abort.abort()
    await this.#settle(GIVEN_UP_MS, clock)
  }

  async #settle(waitMs: number, clock: Clock): Promise<void> {
    const over = new AbortController()
    const all = Promise.all([...this.#entries].map(({ done }) => done))
    await Promise.race([all, pause(clock, waitMs, over.signal)])
    over.abort()
  }
}
