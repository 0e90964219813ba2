import type { SeenStore } from './conversation-ports.ts'
import type { MemoryEvent } from './events.ts'
import { StorageError } from './failures.ts'
import { MemorySeenStore } from './memory-seen-store.ts'

/**
 * Tells new messages from those that come again. The ones of this process are known in memory, so that the same one
 * twice costs the disk nothing and a disk that does not serve keeps nobody from being answered; those of before, in the
 * store.
 */
export class SeenMessages {
  readonly #store: SeenStore
  readonly #observe: (event: MemoryEvent) => void
  readonly #recent = new MemorySeenStore()
  #isFailing = false

  constructor(store: SeenStore, observe: (event: MemoryEvent) => void) {
    this.#store = store
    this.#observe = observe
  }

  /** Takes note of a message; false when it was seen before. */
  add(channel: string, messageId: string, now: number): boolean {
    if (!this.#recent.add(channel, messageId, now)) return false
    try {
      const isNew = this.#store.add(channel, messageId, now)
      this.#isFailing = false
      return isNew
    } catch (error) {
      if (!(error instanceof StorageError)) throw error
      if (!this.#isFailing) this.#observe({ type: 'memory.unsaved', what: 'seen', code: error.code, err: error })
      this.#isFailing = true
      return true
    }
  }
}
