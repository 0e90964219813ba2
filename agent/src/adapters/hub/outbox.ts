import { countChars } from '../../core/memory-journal.ts'
import type { Answer } from '../../core/ports.ts'

/** Bounds of the outbox. */
export interface OutboxBounds {
  readonly framesMax: number
  readonly charsMax: number
}

/** Twice what the hub lets a session owe, and 16 Mi characters (32 MiB at most). */
export const OUTBOX_BOUNDS: OutboxBounds = { framesMax: 512, charsMax: 16_777_216 }

/** Answers that wait for a link, one per task, oldest first. */
export class Outbox {
  readonly #answers = new Map<string, Answer>()
  readonly #bounds: OutboxBounds
  #chars = 0

  constructor(bounds: OutboxBounds = OUTBOX_BOUNDS) {
    this.#bounds = bounds
  }

  /** How many answers wait. */
  get size(): number {
    return this.#answers.size
  }

  /** Adds an answer in place of an older one of the same task; tells how many others had to make room. */
  add(answer: Answer): number {
    this.#remove(answer.requestId)
    this.#answers.set(answer.requestId, answer)
    this.#chars += countChars(answer)
    let dropped = 0
    for (const requestId of this.#answers.keys()) {
      const fits = this.#answers.size <= this.#bounds.framesMax && this.#chars <= this.#bounds.charsMax
      if (fits || this.#answers.size === 1) break
      this.#remove(requestId)
      dropped += 1
    }
    return dropped
  }

  /** Takes the oldest answer out. */
  take(): Answer | undefined {
    const answer = this.#answers.values().next().value
    if (answer) this.#remove(answer.requestId)
    return answer
  }

  #remove(requestId: string): void {
    const answer = this.#answers.get(requestId)
    if (!answer) return
    this.#answers.delete(requestId)
    this.#chars -= countChars(answer)
  }
}
