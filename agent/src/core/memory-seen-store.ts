import type { SeenBounds, SeenStore } from './conversation-ports.ts'

/** Bounds where nothing is on disk, and of what is in front of a disk: some MiB at most, a day. */
export const MEMORY_SEEN_BOUNDS: SeenBounds = { idsMax: 10_000, keepMs: 86_400_000 }

/** Knows the messages that its process has seen. */
export class MemorySeenStore implements SeenStore {
  readonly #bounds: SeenBounds
  /** When each was seen, the oldest first. */
  readonly #seenAt = new Map<string, number>()

  constructor(bounds: SeenBounds = MEMORY_SEEN_BOUNDS) {
    this.#bounds = bounds
  }

  add(channel: string, messageId: string, now: number): boolean {
    const key = JSON.stringify([channel, messageId])
    const seenAt = this.#seenAt.get(key)
    if (seenAt !== undefined && seenAt + this.#bounds.keepMs > now) return false
    this.#seenAt.delete(key)
    this.#seenAt.set(key, now)
    for (const [oldest, at] of this.#seenAt) {
      if (this.#seenAt.size <= this.#bounds.idsMax && at + this.#bounds.keepMs > now) break
      this.#seenAt.delete(oldest)
    }
    return true
  }
}
