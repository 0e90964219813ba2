import type { Chat } from '../message.ts'
import type { Messenger } from '../messenger.ts'

/** Shows in each chat that something is being worked on, as long as anything is. */
export class Working {
  readonly #messenger: Pick<Messenger, 'showWorking'>
  readonly #counts = new Map<string, number>()

  constructor(messenger: Pick<Messenger, 'showWorking'>) {
    this.#messenger = messenger
  }

  /** Something begins. @returns what ends it; harmless when it has ended */
  begin(chat: Chat): () => void {
    const count = this.#counts.get(chat.id) ?? 0
    this.#counts.set(chat.id, count + 1)
    if (count === 0) this.#messenger.showWorking(chat, true)
    let isOver = false
    return () => {
      if (isOver) return
      isOver = true
      this.#end(chat)
    }
  }

  #end(chat: Chat): void {
    const count = (this.#counts.get(chat.id) ?? 1) - 1
    if (count > 0) {
      this.#counts.set(chat.id, count)
      return
    }
    this.#counts.delete(chat.id)
    this.#messenger.showWorking(chat, false)
  }
}
