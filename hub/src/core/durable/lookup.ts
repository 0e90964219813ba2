import { ProtocolError } from '@ai-comms/shared'
import type { DurableTask } from './durable-task.ts'
import { type Feeds, LAST_EVENT_ID } from './feeds.ts'
import { toStorageRefusal } from './journal.ts'
import type { LiveTasks } from './live-tasks.ts'
import type { FeedReader } from './task-feed.ts'
import type { TaskPage, TaskQuery, TaskStore } from './task-store.ts'
import { toTaskView } from './task-view.ts'

/** What looking up needs. */
export interface LookupParts {
  readonly store: TaskStore
  readonly tasks: LiveTasks
  readonly feeds: Feeds
}

/** Shows durable tasks: those that are not over from memory, all others from the store. */
export class Lookup {
  readonly #parts: LookupParts

  constructor(parts: LookupParts) {
    this.#parts = parts
  }

  /** A task in any state. @throws {ProtocolError} `unknown_task`, `storage_unavailable` */
  async find(taskId: string): Promise<DurableTask> {
    const task = this.findLive(taskId) ?? (await this.#read(this.#parts.store.find(taskId)))
    if (task === undefined) throw new ProtocolError('unknown_task', 'There is no task of this id.')
    return task
  }

  /** Some of the tasks, newest first. @throws {ProtocolError} `bad_request` for a cursor that is none, `storage_unavailable` */
  async list(query: TaskQuery): Promise<TaskPage> {
    const page = await this.#read(this.#parts.store.list(query))
    if (page === undefined) throw new ProtocolError('bad_request', 'cursor is none of this hub; begin without one.')
    return page
  }

  /**
   * Lets a reader follow a task: a snapshot, or just what it missed, then
   * everything that happens.
   *
   * @param lastHeardId number of the last event that the reader has heard, if any
   * @returns how to leave, or undefined when the reader has heard all there will ever be
   * @throws {ProtocolError} `unknown_task`, `storage_unavailable`
   */
  async follow(taskId: string, reader: FeedReader, lastHeardId?: number): Promise<(() => void) | undefined> {
    const task = await this.find(taskId)
    const live = this.#parts.tasks.find(taskId)
    const leave = () => this.#parts.feeds.leave(taskId, reader)
    if (live !== undefined || this.#parts.feeds.has(taskId)) {
      const eventId = live?.eventId ?? this.#parts.feeds.firstId
      const view = toTaskView(this.findLive(taskId) ?? task)
      return this.#parts.feeds.follow(taskId, eventId, reader, lastHeardId, view) ? leave : undefined
    }
    if (lastHeardId !== undefined && lastHeardId >= LAST_EVENT_ID) return undefined
    reader.tell({ id: LAST_EVENT_ID, event: 'snapshot', data: toTaskView(task) })
    reader.end()
    return leave
  }

  /** A task that is not over, as it is shown. */
  findLive(taskId: string): DurableTask | undefined {
    const phase = this.#parts.tasks.find(taskId)?.phase
    return phase === undefined || phase.name === 'settled' ? undefined : phase.task
  }

  async #read<Result>(reading: Promise<Result>): Promise<Result> {
    try {
      return await reading
    } catch (error) {
      throw toStorageRefusal(error)
    }
  }
}
