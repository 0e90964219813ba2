import type { StorageError } from '../../core/durable/task-store.ts'
import type { Outcome, Write } from './lines.ts'

/** Who waits for a write: the outcome is undefined when it is simply done. */
export interface Waiter {
  resolve(outcome: Outcome | undefined): void
  reject(error: StorageError): void
}

/** A write and all who wait for it. */
export interface WaitingWrite {
  write: Write
  characters: number
  readonly waiters: Waiter[]
}

/** How much may wait, and how much is written at once. */
export interface QueueBounds {
  readonly writesMax: number
  readonly charactersMax: number
  readonly batchWritesMax: number
  readonly batchCharactersMax: number
}

// Numbers and short words count as well: a thousand tiny writes are not nothing
const WRITE_CHARACTERS = 256

const countText = (values: readonly unknown[] | undefined): number =>
  values?.reduce((sum: number, value) => sum + (typeof value === 'string' ? value.length : 0), 0) ?? 0

const countCharacters = (write: Write): number => {
  if (write[0] === 'add') return WRITE_CHARACTERS + countText(write[1]) + countText(write[2])
  return write[0] === 'update' ? WRITE_CHARACTERS + countText(write[1]) : WRITE_CHARACTERS
}

/** What waits to be written, in the order in which it was asked for. */
export class WriteQueue {
  readonly #bounds: QueueBounds
  #writes: WaitingWrite[] = []
  #characters = 0
  /** The update of each task that waits, so that the next one takes its place. */
  readonly #updates = new Map<string, WaitingWrite>()

  constructor(bounds: QueueBounds) {
    this.#bounds = bounds
  }

  get isEmpty(): boolean {
    return this.#writes.length === 0
  }

  /** Whether no further task should be added. */
  get isFull(): boolean {
    return this.#writes.length >= this.#bounds.writesMax || this.#characters >= this.#bounds.charactersMax
  }

  /** Takes a write; an update takes the place of one that waits for the same task. */
  offer(write: Write, waiter: Waiter): void {
    const characters = countCharacters(write)
    const taskId = write[0] === 'update' ? write[1][10] : undefined
    const waiting = taskId === undefined ? undefined : this.#updates.get(taskId)
    if (waiting !== undefined) {
      this.#characters += characters - waiting.characters
      waiting.write = write
      waiting.characters = characters
      waiting.waiters.push(waiter)
      return
    }
    const added: WaitingWrite = { write, characters, waiters: [waiter] }
    this.#writes.push(added)
    this.#characters += characters
    if (taskId !== undefined) this.#updates.set(taskId, added)
    // A purge must see each task as it was by then
    if (write[0] === 'purge') this.#updates.clear()
  }

  /** Takes the first ones out, as many as are written at once. */
  take(): readonly WaitingWrite[] {
    const { batchWritesMax, batchCharactersMax } = this.#bounds
    let count = 0
    let characters = 0
    for (const waiting of this.#writes) {
      if (count === batchWritesMax || (count > 0 && characters + waiting.characters > batchCharactersMax)) break
      characters += waiting.characters
      count++
    }
    return this.#takeFirst(count, characters)
  }

  /** Takes everything out. */
  takeAll(): readonly WaitingWrite[] {
    return this.#takeFirst(this.#writes.length, this.#characters)
  }

  #takeFirst(count: number, characters: number): readonly WaitingWrite[] {
    const taken = this.#writes
    this.#writes = taken.splice(count)
    this.#characters -= characters
    if (this.#writes.length === 0) {
      this.#updates.clear()
      return taken
    }
    for (const waiting of taken) {
      const { write } = waiting
      if (write[0] === 'update' && this.#updates.get(write[1][10]) === waiting) this.#updates.delete(write[1][10])
    }
    return taken
  }
}
