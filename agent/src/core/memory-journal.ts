import type { Answer, JournalBounds, TaskJournal, TaskRecord } from './ports.ts'

/**
 * Bounds where nothing is on disk: as many answers as a busy hour gives, 16 Mi characters (32 MiB at most), an hour,
 * which is longer than all redeliveries of a task together.
 */
export const MEMORY_BOUNDS: JournalBounds = { tasksMax: 1_000, charsMax: 16_777_216, keepMs: 3_600_000 }

/** How large an answer is, in characters. */
export const countChars = (answer: Answer): number =>
  String(answer.type === 'task-response' ? answer.response : answer.error).length

/** How a task ended, and when. */
export interface Ending {
  readonly answer: Answer
  readonly attempt: number
  readonly at: number
}

interface Acceptance {
  readonly attempt: number
  readonly at: number
}

/** A journal that lives as long as its process. */
export class MemoryJournal implements TaskJournal {
  readonly #accepted = new Map<string, Acceptance>()
  readonly #ended = new Map<string, Ending>()
  readonly #bounds: JournalBounds
  #chars = 0

  constructor(bounds: JournalBounds = MEMORY_BOUNDS) {
    this.#bounds = bounds
  }

  /** Every ending that is kept, the first one first. */
  get endings(): Iterable<Ending> {
    return this.#ended.values()
  }

  /** How many endings are kept. */
  get size(): number {
    return this.#ended.size
  }

  find(requestId: string, now: number): TaskRecord | undefined {
    const accepted = this.#accepted.get(requestId)
    if (accepted && this.#isFresh(accepted, now)) return { state: 'accepted', attempt: accepted.attempt }
    const ended = this.#ended.get(requestId)
    if (!ended || !this.#isFresh(ended, now)) return undefined
    return { state: 'ended', attempt: ended.attempt, answer: ended.answer }
  }

  accept(requestId: string, attempt: number, now: number): void {
    this.drop(requestId)
    this.#accepted.set(requestId, { attempt, at: now })
    for (const oldest of this.#accepted.keys()) {
      if (this.#accepted.size <= this.#bounds.tasksMax) break
      this.#accepted.delete(oldest)
    }
  }

  end(answer: Answer, attempt: number, now: number): void {
    const { requestId } = answer
    this.drop(requestId)
    const chars = countChars(answer)
    if (chars > this.#bounds.charsMax) return
    this.#ended.set(requestId, { answer, attempt, at: now })
    this.#chars += chars
    for (const oldest of this.#ended.keys()) {
      if (this.#ended.size <= this.#bounds.tasksMax && this.#chars <= this.#bounds.charsMax) break
      this.drop(oldest)
    }
  }

  forget(requestIds: readonly string[]): void {
    for (const requestId of requestIds) this.#accepted.delete(requestId)
  }

  purge(now: number): boolean {
    for (const records of [this.#accepted, this.#ended]) {
      for (const [requestId, record] of records) if (!this.#isFresh(record, now)) this.drop(requestId)
    }
    return false
  }

  probe(): void {}

  close(): void {}

  /** Lets go of all that is known of a task, its answer too. */
  drop(requestId: string): void {
    this.#accepted.delete(requestId)
    const ended = this.#ended.get(requestId)
    if (!ended) return
    this.#ended.delete(requestId)
    this.#chars -= countChars(ended.answer)
  }

  #isFresh({ at }: { readonly at: number }, now: number): boolean {
    return at + this.#bounds.keepMs > now
  }
}
