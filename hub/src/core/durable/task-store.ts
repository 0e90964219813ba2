import type { TaskState } from '@ai-comms/shared'
import type { DurableTask, LiveDurableTask, WaitingDurableTask } from './durable-task.ts'

/**
 * Why the store cannot do it. `full` (no space), `read-only`, `failed` (an
 * error of the disk or of the database) and `overloaded` (more is waiting to be
 * written than may wait) pass; `damaged`, `future` (a schema of a later
 * release), `locked` (another hub uses it) and `unusable` (a folder that cannot
 * be one) need a person.
 */
export type StorageTrouble =
  | 'full'
  | 'read-only'
  | 'failed'
  | 'overloaded'
  | 'closed'
  | 'damaged'
  | 'future'
  | 'locked'
  | 'unusable'

const FATAL: ReadonlySet<StorageTrouble> = new Set(['damaged', 'future', 'locked', 'unusable'])

/** A failure of the store; the message is one sentence for the operator, and may name files. */
export class StorageError extends Error {
  override readonly name = 'StorageError'
  readonly trouble: StorageTrouble

  constructor(trouble: StorageTrouble, message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options)
    this.trouble = trouble
  }

  /** Whether waiting cannot help. */
  get isFatal(): boolean {
    return FATAL.has(this.trouble)
  }
}

/** A caller's promise that a repeat of the same request is the same task. */
export interface IdempotencyKey {
  /** Who sent it, as an id of the credential. */
  readonly credential: string
  readonly key: string
  /** Of the request's canonical form. */
  readonly digest: string
  /** Until when it is remembered, in epoch milliseconds. */
  readonly expiresAt: number
}

/** What became of a new task: on disk, or known already by its key, with the same or another request. */
export type Addition =
  | { readonly kind: 'added' }
  | { readonly kind: 'replayed'; readonly task: DurableTask }
  | { readonly kind: 'conflict' }

/** Which tasks to list. */
export interface TaskQuery {
  readonly state: TaskState | undefined
  /** Match key of the agent that holds or held the task, or that it is for. */
  readonly agentKey: string | undefined
  readonly limit: number
  /** From an earlier page. */
  readonly cursor: string | undefined
}

/** Some of the tasks, newest first. */
export interface TaskPage {
  readonly tasks: readonly DurableTask[]
  readonly nextCursor: string | undefined
}

/** What an opened store tells of itself. */
export interface OpenedStore {
  /** How often the store was opened before: 0 for a new one. */
  readonly boot: number
  /** What the operator should know, such as a torn end that was left out: sentences. */
  readonly notes: readonly string[]
}

/** How much the store holds. */
export interface StoreSize {
  readonly tasks: number
  readonly bytes: number
}

/**
 * Keeps durable tasks. Writes are done in the order in which they were asked
 * for, and each promise resolves once its write would survive a loss of power;
 * what is read is what was promised so far. Nothing here blocks the caller.
 * All promises reject with {@link StorageError} and nothing else; a rejected
 * write has not happened and will not happen later.
 */
export interface TaskStore {
  /** May be tried again after a failure that is not fatal. */
  open(): Promise<OpenedStore>
  /** Every task that is not over, in the order of submission, page by page. */
  readOpen(): AsyncIterable<readonly LiveDurableTask[]>
  /** Adds a new task, unless its key says that it is none. A key that has expired (by `task.createdAt`) is none. */
  add(task: WaitingDurableTask, key?: IdempotencyKey): Promise<Addition>
  /** Replaces a task by its next state. Of several that wait for the same task only the last need be written. */
  update(task: DurableTask): Promise<void>
  find(taskId: string): Promise<DurableTask | undefined>
  /** Undefined when the cursor is none of this store's. */
  list(query: TaskQuery): Promise<TaskPage | undefined>
  /**
   * Forgets at most `limit` tasks that ended at or before `endedBefore`, and
   * keys that expired by `now` (both epoch milliseconds); a task whose key is
   * remembered stays. @returns how many tasks were forgotten
   */
  purge(endedBefore: number, now: number, limit: number): Promise<number>
  size(): Promise<StoreSize>
  /** Writes something that changes nothing, to learn whether the store can be written. */
  probe(): Promise<void>
  /** Finishes what was asked for and lets go of every file. */
  close(): Promise<void>
}
