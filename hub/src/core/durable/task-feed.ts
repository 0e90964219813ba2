import type { TaskEvent } from '@ai-comms/shared'

/** One event of a task, with its number. */
export type FeedEvent = TaskEvent & { readonly id: number }

/** Somebody who follows a task. Nothing here throws and nothing waits. */
export interface FeedReader {
  tell(event: FeedEvent): void
  /** Nothing more will come: the task is over, or the hub goes away. */
  end(): void
}

/** Most events of one task that are kept for readers that come back. */
const EVENTS_MAX = 512
/** Most text of them, in UTF-16 units. */
const CHARS_MAX = 262_144

const countChars = (event: FeedEvent): number => {
  switch (event.event) {
    case 'snapshot':
    case 'state':
      return event.data.message.length + (event.data.response?.length ?? 0)
    case 'progress':
      return event.data.message?.length ?? 0
    case 'delta':
      return event.data.text.length
    default:
      return event satisfies never
  }
}

/** The last events of one task, and whoever follows it. */
export class TaskFeed {
  readonly #readers = new Set<FeedReader>()
  readonly #events: FeedEvent[] = []
  #lastId: number
  #chars = 0
  #isOver = false

  /** @param lastId number of the last event so far */
  constructor(lastId: number) {
    this.#lastId = lastId
  }

  get lastId(): number {
    return this.#lastId
  }

  get readerCount(): number {
    return this.#readers.size
  }

  get isOver(): boolean {
    return this.#isOver
  }

  /** Text that is kept, in UTF-16 units. */
  get chars(): number {
    return this.#chars
  }

  /** Tells everybody and keeps it for those that come back; the oldest events make room. */
  tell(event: FeedEvent): void {
    this.#lastId = event.id
    this.#events.push(event)
    this.#chars += countChars(event)
    while (this.#events.length > EVENTS_MAX || (this.#chars > CHARS_MAX && this.#events.length > 1)) this.#dropOldest()
    for (const reader of [...this.#readers]) reader.tell(event)
  }

  /**
   * What a reader missed that has heard everything up to `lastHeardId`;
   * undefined when some of it is no longer kept, or it heard it from somebody
   * else's numbers.
   */
  findMissed(lastHeardId: number): readonly FeedEvent[] | undefined {
    const firstKept = this.#events[0]?.id ?? this.#lastId + 1
    if (lastHeardId > this.#lastId || lastHeardId < firstKept - 1) return undefined
    return this.#events.filter(({ id }) => id > lastHeardId)
  }

  /** Takes a reader in, unless the task is over. */
  join(reader: FeedReader): void {
    if (this.#isOver) reader.end()
    else this.#readers.add(reader)
  }

  leave(reader: FeedReader): void {
    this.#readers.delete(reader)
  }

  /** The last event was told: every reader is let go. */
  finish(): void {
    this.#isOver = true
    this.#letGo()
  }

  /** Lets every reader go, though the task is not over. */
  interrupt(): void {
    this.#letGo()
  }

  /** Forgets what was kept; readers that come back get a snapshot. */
  forget(): void {
    this.#events.length = 0
    this.#chars = 0
  }

  #letGo(): void {
    const readers = [...this.#readers]
    this.#readers.clear()
    for (const reader of readers) reader.end()
  }

  #dropOldest(): void {
    const oldest = this.#events.shift()
    if (oldest !== undefined) this.#chars -= countChars(oldest)
  }
}
