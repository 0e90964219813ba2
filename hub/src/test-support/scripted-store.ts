import { MemoryTaskStore } from '../adapters/memory/task-store.ts'
import type { DurableTask, LiveDurableTask, WaitingDurableTask } from '../core/durable/durable-task.ts'
import {
  type Addition,
  type IdempotencyKey,
  type OpenedStore,
  StorageError,
  type StorageTrouble,
  type StoreSize,
  type TaskPage,
  type TaskQuery,
  type TaskStore,
} from '../core/durable/task-store.ts'

/** A store whose disk does what the test says: it may be in trouble, or stand still. */
export class ScriptedStore implements TaskStore {
  readonly #store = new MemoryTaskStore()
  /** What every write and opening fails with. */
  trouble: StorageTrouble | undefined
  /** Writes so far, by what they were. */
  readonly writes: string[] = []
  #boots = 0
  #gate: Promise<void> = Promise.resolve()
  #openGate: (() => void) | undefined

  /** Writes asked for from now on wait until {@link flow}. */
  stop(): void {
    this.#gate = new Promise((resolve) => {
      this.#openGate = resolve
    })
  }

  /** Lets the writes that wait go on. */
  flow(): void {
    this.#openGate?.()
  }

  open(): Promise<OpenedStore> {
    return this.#write('open', async () => ({ ...(await this.#store.open()), boot: this.#boots++ }))
  }

  readOpen(): AsyncIterable<readonly LiveDurableTask[]> {
    return this.#store.readOpen()
  }

  add(task: WaitingDurableTask, key?: IdempotencyKey): Promise<Addition> {
    return this.#write(`add ${task.id}`, () => this.#store.add(task, key))
  }

  update(task: DurableTask): Promise<void> {
    return this.#write(`${task.state} ${task.id}`, () => this.#store.update(task))
  }

  find(taskId: string): Promise<DurableTask | undefined> {
    return this.#store.find(taskId)
  }

  list(query: TaskQuery): Promise<TaskPage | undefined> {
    return this.#store.list(query)
  }

  purge(endedBefore: number, now: number, limit: number): Promise<number> {
    return this.#write('purge', () => this.#store.purge(endedBefore, now, limit))
  }

  size(): Promise<StoreSize> {
    return this.#store.size()
  }

  probe(): Promise<void> {
    return this.#write('probe', () => this.#store.probe())
  }

  close(): Promise<void> {
    return this.#store.close()
  }

  async #write<Result>(what: string, write: () => Promise<Result>): Promise<Result> {
    await this.#gate
    if (this.trouble !== undefined) throw new StorageError(this.trouble, `The disk is in trouble: ${this.trouble}.`)
    this.writes.push(what)
    return write()
  }
}
