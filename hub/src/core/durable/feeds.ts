import type { TaskEvent, TaskView } from '@ai-comms/shared'
import { type FeedReader, TaskFeed } from './task-feed.ts'

/** Most text that all feeds keep for readers that come back, in UTF-16 units; the longest untouched feed is emptied first. */
const CHARS_MAX = 33_554_432
/** Most tasks that are over and whose last events are kept. */
const OVER_MAX = 1_000
/** How long they are kept, in milliseconds. */
const OVER_MS = 60_000
/** Numbers of one start of the hub: a task has fewer events, and the numbers of the next start are larger. */
const IDS_PER_BOOT = 1_000_000_000

/** Number of the snapshot of a task whose events are no longer kept because it is over: above that of any event, and the last. */
export const LAST_EVENT_ID = 999_999_999_999_999

/**
 * Who follows which task. A feed begins with the first reader: until then
 * events are only numbered.
 */
export class Feeds {
  readonly #feeds = new Map<string, TaskFeed>()
  readonly #over = new Map<string, number>()
  #chars = 0
  #boot = 0

  /** @param boot how often the store was opened before, so that numbers go on counting up over restarts */
  startAt(boot: number): void {
    this.#boot = boot
  }

  /** The number before the first event of a task that this start of the hub has told. */
  get firstId(): number {
    return this.#boot * IDS_PER_BOOT
  }

  /** Whether anybody would hear an event, now or when he comes back. */
  has(taskId: string): boolean {
    return this.#feeds.has(taskId)
  }

  tell(taskId: string, event: TaskEvent, id: number): void {
    const feed = this.#feeds.get(taskId)
    if (feed === undefined) return
    const before = feed.chars
    feed.tell({ ...event, id })
    this.#chars += feed.chars - before
    this.#touch(taskId, feed)
    this.#makeRoom()
  }

  /** The task is over and its last event was told. */
  finish(taskId: string, now: number): void {
    const feed = this.#feeds.get(taskId)
    if (feed === undefined) return
    feed.finish()
    this.#over.set(taskId, now + OVER_MS)
    const [oldest] = this.#over.keys()
    if (this.#over.size > OVER_MAX && oldest !== undefined) this.#drop(oldest)
  }

  /**
   * Adds a reader. It first hears a snapshot, or just what it missed where that is still kept.
   *
   * @param eventId number of the task's last event
   * @param lastHeardId number of the last event that the reader has heard, if any
   * @param snapshot the task as it is now
   * @returns false when the reader has heard everything there will ever be; then it is told nothing, not even the end
   */
  follow(
    taskId: string,
    eventId: number,
    reader: FeedReader,
    lastHeardId: number | undefined,
    snapshot: TaskView,
  ): boolean {
    const feed = this.#feeds.get(taskId) ?? this.#begin(taskId, eventId)
    const missed = lastHeardId === undefined ? undefined : feed.findMissed(lastHeardId)
    if (missed === undefined) reader.tell({ id: feed.lastId, event: 'snapshot', data: snapshot })
    else if (feed.isOver && missed.length === 0) return false
    else for (const event of missed) reader.tell(event)
    feed.join(reader)
    return true
  }

  leave(taskId: string, reader: FeedReader): void {
    this.#feeds.get(taskId)?.leave(reader)
  }

  /** Forgets what nobody has come back for. */
  sweep(now: number): void {
    for (const [taskId, until] of this.#over) {
      if (until > now) break
      this.#drop(taskId)
    }
  }

  /** Lets every reader go. */
  interrupt(): void {
    for (const feed of this.#feeds.values()) feed.interrupt()
  }

  #begin(taskId: string, eventId: number): TaskFeed {
    const feed = new TaskFeed(eventId)
    this.#feeds.set(taskId, feed)
    return feed
  }

  #touch(taskId: string, feed: TaskFeed): void {
    this.#feeds.delete(taskId)
    this.#feeds.set(taskId, feed)
  }

  #makeRoom(): void {
    for (const feed of this.#feeds.values()) {
      if (this.#chars <= CHARS_MAX) return
      this.#chars -= feed.chars
      feed.forget()
    }
  }

  #drop(taskId: string): void {
    this.#chars -= this.#feeds.get(taskId)?.chars ?? 0
    this.#feeds.delete(taskId)
    this.#over.delete(taskId)
  }
}
