import { LIMITS } from '@ai-comms/shared'
import type { WaitingTask } from './held-task.ts'

/** Bounds of the queue. */
export interface QueueBounds {
  readonly tasksMax: number
  readonly charsMax: number
}

/** As many tasks as the hub lets a session hold, and 32 Mi characters of message (64 MiB at most). */
export const QUEUE_BOUNDS: QueueBounds = { tasksMax: LIMITS.IN_FLIGHT_MAX, charsMax: 33_554_432 }

/** Tasks in the order of their arrival, bounded in number and size. */
export class TaskQueue {
  readonly #tasks = new Map<string, WaitingTask>()
  readonly #bounds: QueueBounds
  #chars = 0

  constructor(bounds: QueueBounds = QUEUE_BOUNDS) {
    this.#bounds = bounds
  }

  /** How many tasks wait. */
  get size(): number {
    return this.#tasks.size
  }

  /** Whether a message of this many characters finds room. */
  hasRoom(chars: number): boolean {
    return this.#tasks.size < this.#bounds.tasksMax && this.#chars + chars <= this.#bounds.charsMax
  }

  /** The task with this id, if it waits. */
  find(requestId: string): WaitingTask | undefined {
    return this.#tasks.get(requestId)
  }

  /** The one whose turn it is. */
  findNext(): WaitingTask | undefined {
    return this.#tasks.values().next().value
  }

  /** Everything that waits. */
  list(): WaitingTask[] {
    return [...this.#tasks.values()]
  }

  /** Puts a task at the end; a newer delivery of one that waits keeps its place. */
  put(task: WaitingTask): void {
    const { requestId, message } = task.frame
    this.#chars += message.length - (this.#tasks.get(requestId)?.frame.message.length ?? 0)
    this.#tasks.set(requestId, task)
  }

  /** Takes a task out. */
  remove(requestId: string): void {
    const task = this.#tasks.get(requestId)
    if (!task) return
    this.#tasks.delete(requestId)
    this.#chars -= task.frame.message.length
  }
}
