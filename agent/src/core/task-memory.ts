import type { Observe } from './events.ts'
import { StorageError } from './failures.ts'
import { MemoryJournal } from './memory-journal.ts'
import type { Answer, CallOff, Clock, TaskJournal, TaskRecord } from './ports.ts'

/** How often a storage that failed is tried again, in milliseconds. */
export const RETRY_EVERY_MS = 5_000
/** How often what is too old is let go, in milliseconds. */
export const PURGE_EVERY_MS = 600_000
/** Wait between two steps of a work that would hold up the tasks if it were done at once, in milliseconds. */
export const STEP_MS = 100
/** Answers that are stored after a trouble in one step. */
export const SAVED_PER_STEP_MAX = 32

/** What a task memory is made of. */
export interface TaskMemoryParts {
  readonly journal: TaskJournal
  readonly clock: Clock
  readonly observe: Observe
}

/** What is remembered of a delivery's task; `unreadable` when the storage cannot be asked. */
export type Remembered = TaskRecord | { readonly state: 'unknown' } | { readonly state: 'unreadable' }

/** A failure that may be tried again answers deliveries up to the attempt that failed: a higher one is the wish to try again. */
const answers = ({ answer, attempt: answered }: TaskRecord & { state: 'ended' }, attempt: number): boolean =>
  attempt <= answered || answer.type === 'task-response' || answer.retryable !== true

/**
 * What the agent remembers of its tasks: in the journal, and, while the journal cannot be written, the answers in memory.
 * A storage that fails is told once, tried again until it serves, and then given what was kept for it.
 */
export class TaskMemory {
  readonly #parts: TaskMemoryParts
  readonly #unsaved = new MemoryJournal()
  #failedAt: number | undefined
  #retry: CallOff | undefined
  #sweep: CallOff | undefined
  #resting = false

  constructor(parts: TaskMemoryParts) {
    this.#parts = parts
  }

  /** Whether the journal could be used when it was last tried. */
  get isServing(): boolean {
    return this.#failedAt === undefined
  }

  /** What is known of a task, as far as it concerns this attempt. */
  find(requestId: string, attempt: number): Remembered {
    const now = this.#parts.clock.now()
    const unsaved = this.#unsaved.find(requestId, now)
    const read = unsaved ? { value: unsaved } : this.#try(() => this.#parts.journal.find(requestId, now))
    if (!read) return { state: 'unreadable' }
    const record = read.value
    return !record || (record.state === 'ended' && !answers(record, attempt)) ? { state: 'unknown' } : record
  }

  /** Writes down that a delivery is accepted; false when that cannot be done, and the task must not be taken. */
  accept(requestId: string, attempt: number): boolean {
    if (!this.#try(() => this.#parts.journal.accept(requestId, attempt, this.#parts.clock.now()))) return false
    this.#unsaved.drop(requestId)
    return true
  }

  /** Keeps how a task ended: in the journal if that can be, else in memory until it can. */
  end(answer: Answer, attempt: number): void {
    const now = this.#parts.clock.now()
    this.#unsaved.drop(answer.requestId)
    if (!this.#try(() => this.#parts.journal.end(answer, attempt, now))) this.#unsaved.end(answer, attempt, now)
  }

  /** Strikes out tasks that nobody waits for. Should that fail, they are merely known for longer than need be. */
  forget(requestIds: readonly string[]): void {
    if (requestIds.length > 0) this.#try(() => this.#parts.journal.forget(requestIds))
  }

  /** Begins to let go of what is too old, now and from time to time, in small steps; not any more once it rests. */
  start(): void {
    if (this.#resting) return
    const { journal, clock } = this.#parts
    const hasMore = this.#try(() => journal.purge(clock.now()))?.value ?? false
    this.#sweep?.()
    this.#sweep = clock.after(hasMore ? STEP_MS : PURGE_EVERY_MS, () => this.start())
  }

  /** Sets no more alarms, so that nothing keeps a process alive whose link is at its end. */
  rest(): void {
    this.#resting = true
    this.#sweep?.()
    this.#retry?.()
  }

  /** Stores what can be stored, and closes the journal. */
  close(): void {
    this.rest()
    while (this.#unsaved.size > 0 && this.#save());
    if (this.#unsaved.size > 0) this.#parts.observe({ type: 'storage.lost', answers: this.#unsaved.size })
    this.#parts.journal.close()
  }

  #try<Value>(act: () => Value): { readonly value: Value } | undefined {
    try {
      return { value: act() }
    } catch (error) {
      if (!(error instanceof StorageError)) throw error
      this.#fail(error)
      return undefined
    }
  }

  #fail(error: StorageError): void {
    if (this.#failedAt !== undefined) return
    this.#failedAt = this.#parts.clock.now()
    this.#parts.observe({ type: 'storage.failed', code: error.code, err: error })
    this.#retryAfter(RETRY_EVERY_MS)
  }

  #retryAfter(delayMs: number): void {
    if (this.#resting) return
    this.#retry = this.#parts.clock.after(delayMs, () => {
      const serves = this.#try(() => this.#parts.journal.probe()) !== undefined && this.#save()
      if (!serves) this.#retryAfter(RETRY_EVERY_MS)
      else if (this.#unsaved.size > 0) this.#retryAfter(STEP_MS)
      else this.#recover()
    })
  }

  #recover(): void {
    const now = this.#parts.clock.now()
    const failedMs = now - (this.#failedAt ?? now)
    this.#failedAt = undefined
    this.#parts.observe({ type: 'storage.recovered', failedMs })
  }

  /** Stores the first of what could not be stored; false when the storage still fails. */
  #save(): boolean {
    const step = [...this.#unsaved.endings].slice(0, SAVED_PER_STEP_MAX)
    return step.every(({ answer, attempt, at }) => {
      if (!this.#try(() => this.#parts.journal.end(answer, attempt, at))) return false
      this.#unsaved.drop(answer.requestId)
      return true
    })
  }
}
