import type { Observe } from '../events.ts'
import type { Clock } from '../ports.ts'
import type { Journal } from './journal.ts'
import { StorageError, type StoreSize, type TaskStore } from './task-store.ts'

/** How often opening is tried again, in milliseconds. */
const REOPEN_MS = 1_000
/** How often old tasks are looked for, in milliseconds; without a pause while there are more. */
const PURGE_MS = 60_000
/** Most tasks that are forgotten in one go, so that others are not kept waiting. */
const PURGE_TASKS_MAX = 200
/** How often the store's size is asked for, in milliseconds. */
const SIZE_MS = 5_000

/** What the upkeep needs. */
export interface UpkeepParts {
  readonly store: TaskStore
  readonly journal: Journal
  readonly clock: Clock
  readonly observe: Observe
  readonly settings: { readonly taskRetentionMs: number }
  /** The store is open: takes up what is in it. */
  readonly opened: (boot: number) => Promise<void>
}

/** Opens the store, forgets what is old, and knows how large it is. */
export class Upkeep {
  readonly #parts: UpkeepParts
  #isBusy = false
  #isOpen = false
  #reopenAt = 0
  #purgeAt = 0
  #sizeAt = 0
  #size: StoreSize | undefined

  constructor(parts: UpkeepParts) {
    this.#parts = parts
  }

  get size(): StoreSize | undefined {
    return this.#size
  }

  /** @throws {StorageError} that needs a person; other trouble is tried again by {@link sweep} */
  async open(): Promise<void> {
    const { store, journal, observe, opened } = this.#parts
    this.#isBusy = true
    try {
      const { boot, notes } = await store.open()
      for (const note of notes) observe({ type: 'storage.note', note })
      await opened(boot)
      this.#isOpen = true
      journal.noteSuccess()
    } catch (error) {
      if (!(error instanceof StorageError) || error.isFatal) throw error
      journal.noteFailure(error)
    } finally {
      this.#isBusy = false
    }
  }

  sweep(now: number): void {
    if (this.#isBusy) return
    if (!this.#isOpen) {
      if (now >= this.#reopenAt) this.#run('reopen', now, () => this.open())
      return
    }
    if (now >= this.#purgeAt) this.#run('purge', now, () => this.#purge(now))
    else if (now >= this.#sizeAt) this.#run('size', now, () => this.#measure(now))
  }

  #run(what: string, now: number, act: () => Promise<void>): void {
    this.#isBusy = true
    this.#reopenAt = now + REOPEN_MS
    act()
      .catch((error: unknown) => {
        if (error instanceof StorageError) this.#parts.journal.noteFailure(error)
        else this.#parts.observe({ type: 'internal.error', where: `store ${what}`, error })
      })
      .finally(() => {
        this.#isBusy = false
      })
  }

  async #purge(now: number): Promise<void> {
    this.#purgeAt = now + PURGE_MS
    const { store, clock, observe, settings } = this.#parts
    const epochMs = Math.round(clock.toEpochMs(now))
    const tasks = await store.purge(epochMs - settings.taskRetentionMs, epochMs, PURGE_TASKS_MAX)
    if (tasks > 0) observe({ type: 'tasks.purged', tasks })
    if (tasks === PURGE_TASKS_MAX) this.#purgeAt = now
  }

  async #measure(now: number): Promise<void> {
    this.#sizeAt = now + SIZE_MS
    this.#size = await this.#parts.store.size()
  }
}
