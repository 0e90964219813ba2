import { setImmediate } from 'node:timers/promises'
import { StorageError } from '../../core/durable/task-store.ts'
import type { Contents, Outcome, Write, WriterLines, Written } from './lines.ts'
import { troubleWith } from './storage-trouble.ts'
import type { LineKeeper, WorkerLine } from './worker-line.ts'
import type { WaitingWrite, WriteQueue } from './write-queue.ts'

/** What to call of the world. */
export interface GroupCommitParts {
  readonly queue: WriteQueue
  readonly keeper: LineKeeper<WriterLines>
  /** What troubles are about. */
  readonly file: string
}

const rejectAll = (batch: readonly WaitingWrite[], error: StorageError): void => {
  for (const { waiters } of batch) for (const { reject } of waiters) reject(error)
}

const toAddedIds = (batch: readonly WaitingWrite[]): string[] =>
  batch.flatMap(({ write }) => (write[0] === 'add' ? [write[1][0]] : []))

/** What became of a batch. */
type Answered =
  | { readonly kind: 'written'; readonly batch: readonly WaitingWrite[]; readonly outcomes: Written['outcomes'] }
  | {
      readonly kind: 'refused'
      readonly batch: readonly WaitingWrite[]
      readonly trouble: StorageError
      /** Whether the thread is gone, so that nobody knows what it has done. */
      readonly isLost: boolean
    }

/**
 * Gathers writes while the thread is busy and hands them over together: one
 * commit for all of them, which is what makes many callers fast on a slow
 * disk. One batch is under way at a time, so the order is that of asking.
 */
export class GroupCommit {
  readonly #parts: GroupCommitParts
  #running: Promise<void> | undefined
  #contents: Contents = { tasks: 0, lastSeq: 0 }
  #commits = 0
  /** After a thread was lost: tasks whose addition was never confirmed, and was refused to their callers. */
  #disowned: readonly string[] | undefined

  constructor(parts: GroupCommitParts) {
    this.#parts = parts
  }

  /** Takes note of what the database holds. */
  note({ tasks, lastSeq }: Contents): void {
    this.#contents = { tasks, lastSeq }
  }

  /** How many tasks there are by what was confirmed. */
  get tasks(): number {
    return this.#contents.tasks
  }

  get commits(): number {
    return this.#commits
  }

  /** @throws {StorageError} when it is not written, now or later */
  write(write: Write): Promise<Outcome | undefined> {
    return new Promise((resolve, reject) => {
      this.#parts.queue.offer(write, { resolve, reject })
      this.#running ??= this.#run()
    })
  }

  /** Waits until nothing is left to write. */
  async finish(): Promise<void> {
    while (this.#running !== undefined) await this.#running
    if (this.#disowned !== undefined) await this.#tryDisown()
  }

  async #run(): Promise<void> {
    const { queue } = this.#parts
    let underWay: Promise<Answered> | undefined
    while (underWay !== undefined || !queue.isEmpty) {
      // Whoever asks in this turn of the event loop comes along
      if (underWay === undefined) await setImmediate()
      const answered = await (underWay ?? this.#write(queue.take()))
      // The thread goes on with what came meanwhile before anybody hears of this batch: answering callers takes time
      underWay = answered.kind === 'written' && !queue.isEmpty ? this.#write(queue.take()) : undefined
      await this.#settle(answered)
    }
    this.#running = undefined
  }

  /** Hands a batch to the thread; never rejects. */
  async #write(batch: readonly WaitingWrite[]): Promise<Answered> {
    let line: WorkerLine<WriterLines> | undefined
    try {
      line = await this.#parts.keeper.get()
      await this.#disown(line)
      const { outcomes } = await this.#ask(
        line,
        batch.map(({ write }) => write),
      )
      return { kind: 'written', batch, outcomes }
    } catch (error) {
      const trouble = error instanceof StorageError ? error : troubleWith('failed', this.#parts.file, String(error))
      return { kind: 'refused', batch, trouble, isLost: line?.hasEnded ?? false }
    }
  }

  async #settle(answered: Answered): Promise<void> {
    if (answered.kind === 'written') {
      for (const [at, { waiters }] of answered.batch.entries()) {
        for (const { resolve } of waiters) resolve(answered.outcomes.get(at))
      }
    } else if (answered.isLost) await this.#abandon(answered.batch, answered.trouble)
    else rejectAll(answered.batch, answered.trouble)
  }

  /**
   * The thread was lost, maybe between a commit and its answer. What is
   * refused may not happen, so a new thread first takes back what was added.
   */
  async #abandon(batch: readonly WaitingWrite[], trouble: StorageError): Promise<void> {
    this.#disowned = [...(this.#disowned ?? []), ...toAddedIds(batch)]
    await this.#tryDisown()
    rejectAll([...batch, ...this.#parts.queue.takeAll()], trouble)
  }

  /** When that fails as well, it is tried again before the next write and at the end. */
  async #tryDisown(): Promise<void> {
    await Promise.allSettled([this.#parts.keeper.get().then((line) => this.#disown(line))])
  }

  async #disown(line: WorkerLine<WriterLines>): Promise<void> {
    if (this.#disowned === undefined) return
    await this.#ask(line, [['disown', this.#disowned, this.#contents.lastSeq]])
    this.#disowned = undefined
  }

  async #ask(line: WorkerLine<WriterLines>, writes: readonly Write[]): Promise<Written> {
    const written = await line.ask('write', writes)
    this.note(written)
    this.#commits++
    return written
  }
}
