import { randomUUID } from 'node:crypto'
import { isTerminal, toMatchKey } from '@ai-comms/shared'
import type { DurableTask, LiveDurableTask, WaitingDurableTask } from '../../core/durable/durable-task.ts'
import {
  type Addition,
  type IdempotencyKey,
  type OpenedStore,
  StorageError,
  type StoreSize,
  type TaskPage,
  type TaskQuery,
  type TaskStore,
} from '../../core/durable/task-store.ts'

/** So many open tasks are handed over at once. */
const OPEN_PAGE_TASKS = 256

/** A task and its place in the order of submission. */
interface Entry {
  readonly seq: number
  task: DurableTask
  /** The caller's promise under which it was submitted, by its name in the index. */
  readonly keyName: string | undefined
}

/** A caller's promise and the task that it stands for. */
interface Remembered {
  readonly digest: string
  readonly expiresAt: number
  readonly entry: Entry
}

const toAgentKey = (task: DurableTask): string | undefined => {
  if (task.agent !== undefined) return toMatchKey(task.agent)
  return task.target.kind === 'agent' ? task.target.key : undefined
}

const isOpen = (task: DurableTask): task is LiveDurableTask => !isTerminal(task.state)
// JSON keeps the two apart whatever characters they are made of
const toKeyName = ({ credential, key }: IdempotencyKey) => JSON.stringify([credential, key])

/** A store for `HUB_DATA_DIR=:memory:` and for tests: all of the port, and all of it gone at the end. */
export class MemoryTaskStore implements TaskStore {
  readonly #id = randomUUID()
  /** In the order of submission. */
  #entries: Entry[] = []
  readonly #byId = new Map<string, Entry>()
  readonly #keys = new Map<string, Remembered>()
  #lastSeq = 0
  #phase: 'new' | 'open' | 'closed' = 'new'

  async open(): Promise<OpenedStore> {
    if (this.#phase === 'closed') throw new StorageError('closed', 'The store is closed.')
    this.#phase = 'open'
    return { boot: 0, notes: [] }
  }

  async *readOpen(): AsyncIterable<readonly LiveDurableTask[]> {
    this.#refuseUnlessOpen()
    const open = this.#entries.map(({ task }) => task).filter(isOpen)
    for (let at = 0; at < open.length; at += OPEN_PAGE_TASKS) yield open.slice(at, at + OPEN_PAGE_TASKS)
  }

  async add(task: WaitingDurableTask, key?: IdempotencyKey): Promise<Addition> {
    this.#refuseUnlessOpen()
    const keyName = key && toKeyName(key)
    const known = keyName === undefined ? undefined : this.#keys.get(keyName)
    if (known !== undefined && known.expiresAt > task.createdAt) {
      return known.digest === key?.digest ? { kind: 'replayed', task: known.entry.task } : { kind: 'conflict' }
    }
    if (this.#byId.has(task.id)) throw new StorageError('failed', `Task ${task.id} is stored already.`)
    const entry: Entry = { seq: ++this.#lastSeq, task, keyName }
    this.#entries.push(entry)
    this.#byId.set(task.id, entry)
    if (key !== undefined && keyName !== undefined) {
      this.#keys.set(keyName, { digest: key.digest, expiresAt: key.expiresAt, entry })
    }
    return { kind: 'added' }
  }

  async update(task: DurableTask): Promise<void> {
    this.#refuseUnlessOpen()
    const entry = this.#byId.get(task.id)
    if (entry === undefined) throw new StorageError('failed', `Task ${task.id} is not stored.`)
    entry.task = task
  }

  async find(taskId: string): Promise<DurableTask | undefined> {
    this.#refuseUnlessOpen()
    return this.#byId.get(taskId)?.task
  }

  async list({ state, agentKey, limit, cursor }: TaskQuery): Promise<TaskPage | undefined> {
    this.#refuseUnlessOpen()
    const before = cursor === undefined ? Number.POSITIVE_INFINITY : this.#readCursor(cursor)
    if (before === undefined) return undefined
    const found: Entry[] = []
    for (let at = this.#findEnd(before) - 1; at >= 0 && found.length <= limit; at--) {
      const entry = this.#entries[at]
      if (entry === undefined) break
      if (state !== undefined && entry.task.state !== state) continue
      if (agentKey !== undefined && toAgentKey(entry.task) !== agentKey) continue
      found.push(entry)
    }
    const page = found.slice(0, limit)
    const last = page.at(-1)
    return {
      tasks: page.map(({ task }) => task),
      nextCursor: found.length > limit && last !== undefined ? this.#toCursor(last) : undefined,
    }
  }

  async purge(endedBefore: number, now: number, limit: number): Promise<number> {
    this.#refuseUnlessOpen()
    for (const [name, { expiresAt }] of this.#keys) if (expiresAt <= now) this.#keys.delete(name)
    let forgotten = 0
    this.#entries = this.#entries.filter((entry) => {
      const { task } = entry
      if (forgotten === limit || isOpen(task) || task.updatedAt > endedBefore || this.#isPromised(entry)) return true
      this.#byId.delete(task.id)
      forgotten++
      return false
    })
    return forgotten
  }

  /** Nothing of it is on a disk. */
  async size(): Promise<StoreSize> {
    this.#refuseUnlessOpen()
    return { tasks: this.#entries.length, bytes: 0 }
  }

  async probe(): Promise<void> {
    this.#refuseUnlessOpen()
  }

  async close(): Promise<void> {
    this.#phase = 'closed'
    this.#entries = []
    this.#byId.clear()
    this.#keys.clear()
  }

  #isPromised(entry: Entry): boolean {
    return entry.keyName !== undefined && this.#keys.get(entry.keyName)?.entry === entry
  }

  #refuseUnlessOpen(): void {
    if (this.#phase !== 'open') throw new StorageError('closed', 'The store is not open.')
  }

  /** How many entries come before this place. */
  #findEnd(seq: number): number {
    let low = 0
    let high = this.#entries.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#entries[middle]?.seq ?? seq) < seq) low = middle + 1
      else high = middle
    }
    return low
  }

  #toCursor({ seq }: Entry): string {
    return Buffer.from(`${this.#id} ${seq}`).toString('base64url')
  }

  #readCursor(cursor: string): number | undefined {
    const [id, seq = ''] = Buffer.from(cursor, 'base64url').toString().split(' ')
    // What is read must be written the same, or garbage around a cursor would pass
    const entry = /^\d{1,15}$/.test(seq) && id === this.#id ? Number(seq) : undefined
    return entry !== undefined && Buffer.from(`${id} ${entry}`).toString('base64url') === cursor ? entry : undefined
  }
}
