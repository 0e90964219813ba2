import { ProtocolError } from '@ai-comms/shared'
import type { Observe } from '../events.ts'
import type { EndedDurableTask } from './durable-task.ts'
import type { LiveTask } from './live-task.ts'
import { StorageError, type TaskStore } from './task-store.ts'

/** How often a write that failed is tried again, in milliseconds. */
const RETRY_MS = 1_000

/** What the journal needs. */
export interface JournalParts {
  readonly store: TaskStore
  readonly observe: Observe
  /** The end of a task is on disk. */
  readonly settled: (live: LiveTask, ended: EndedDurableTask) => void
  /** A write has failed; it will be tried again. */
  readonly failed: (refusal: ProtocolError) => void
  /** Nothing waits to be written any more. */
  readonly idle: () => void
}

/** Whether durable work can be taken. */
export type StorageStatus = 'opening' | 'ok' | 'degraded'

const sayTrouble = (error: unknown): string => {
  const trouble = error instanceof StorageError ? error.trouble : undefined
  if (trouble === 'overloaded') return 'More waits to be written than the hub may hold; send more slowly.'
  if (trouble === 'full') return "The hub's disk is full; durable tasks are taken again once there is room."
  if (trouble === 'read-only') return "The hub's disk cannot be written; durable tasks are taken again once it can."
  return 'The hub cannot use its task store at the moment; try again soon.'
}

/** What went wrong with the store, as a caller may know it: what it can do, and no file of the hub. */
export const toStorageRefusal = (error: unknown): ProtocolError =>
  new ProtocolError('storage_unavailable', sayTrouble(error), { retryAfterMs: RETRY_MS, cause: error })

/**
 * Writes what becomes of durable tasks, behind the acts that caused it. What
 * could not be written is tried again until it is; meanwhile the hub says that
 * it is degraded.
 */
export class Journal {
  readonly #parts: JournalParts
  readonly #unwritten = new Set<LiveTask>()
  #status: StorageStatus = 'opening'
  #writing = 0
  #retryAt = 0

  constructor(parts: JournalParts) {
    this.#parts = parts
  }

  get status(): StorageStatus {
    return this.#status
  }

  /** Whether everything is written. */
  get isIdle(): boolean {
    return this.#writing === 0 && this.#unwritten.size === 0
  }

  /** The store could be opened, or something could be written. */
  noteSuccess(): void {
    if (this.#status === 'degraded') this.#parts.observe({ type: 'storage.recovered' })
    this.#status = 'ok'
  }

  /** Something could not be written. Too many writes at once are no trouble of the disk. */
  noteFailure(error: unknown): void {
    const trouble = error instanceof StorageError ? error.trouble : 'failed'
    if (trouble === 'overloaded' || trouble === 'closed') return
    if (this.#status !== 'degraded') this.#parts.observe({ type: 'storage.failed', trouble, error })
    this.#status = 'degraded'
  }

  /** Writes a task as it is now. */
  write(live: LiveTask): void {
    const { phase } = live
    if (phase.name === 'settled') return
    this.#unwritten.delete(live)
    const task = phase.name === 'settling' ? phase.ended : phase.task
    this.#follow(
      this.#parts.store.update(task),
      () => {
        if (live.phase.name === 'settling' && live.phase.ended === task) this.#parts.settled(live, live.phase.ended)
      },
      () => {
        if (live.phase.name !== 'settled') this.#unwritten.add(live)
      },
    )
  }

  /** Tries again what could not be written; without anything to write, whether something could be. */
  sweep(now: number): void {
    if (now < this.#retryAt || this.#writing > 0) return
    this.#retryAt = now + RETRY_MS
    for (const live of [...this.#unwritten]) this.write(live)
    if (this.#status === 'degraded' && this.#writing === 0) this.#follow(this.#parts.store.probe(), () => {})
  }

  #follow(write: Promise<void>, written: () => void, failed: () => void = () => {}): void {
    this.#writing += 1
    write
      .then(
        () => {
          this.noteSuccess()
          written()
        },
        (error: unknown) => {
          failed()
          this.noteFailure(error)
          this.#parts.failed(toStorageRefusal(error))
        },
      )
      .catch((error: unknown) => this.#parts.observe({ type: 'internal.error', where: 'journal', error }))
      .finally(() => {
        this.#writing -= 1
        if (this.isIdle) this.#parts.idle()
      })
  }
}
