import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { DurableTask, LiveDurableTask, WaitingDurableTask } from '../../core/durable/durable-task.ts'
import type {
  Addition,
  IdempotencyKey,
  OpenedStore,
  StoreSize,
  TaskPage,
  TaskQuery,
  TaskStore,
} from '../../core/durable/task-store.ts'
import { readCursor, toCursor } from './cursor.ts'
import { type StoreFiles, toFiles } from './folder.ts'
import { GroupCommit } from './group-commit.ts'
import type { KeyRow, Lines, Opened, Outcome, ReaderLines, RowPage, Write, WriterLines } from './lines.ts'
import type { ReaderData } from './reader.ts'
import { toStorageError, troubleWith } from './storage-trouble.ts'
import { isLive, toChangeRow, toTask, toTaskRow } from './task-row.ts'
import { LineKeeper, WorkerLine } from './worker-line.ts'
import { WriteQueue } from './write-queue.ts'
import type { WriterData } from './writer.ts'

/** Where the tasks are kept, and how much may be under way. */
export interface SqliteTaskStoreOptions {
  /** Made where it is missing. */
  readonly folder: string
  /** Additions are refused while so many writes wait. */
  readonly waitingWritesMax?: number
  /** Additions are refused while writes of so many characters wait. */
  readonly waitingCharactersMax?: number
  /** One commit takes so many writes. */
  readonly batchWritesMax?: number
  /** One commit takes writes of so many characters, or one that is larger. */
  readonly batchCharactersMax?: number
  /** Makes each commit so much slower, in milliseconds: for tests. */
  readonly commitPauseMs?: number
}

/** A second or two of a fast disk; on a slow one further tasks are better refused than kept waiting. */
const WAITING_WRITES_MAX = 10_000
/** Two bytes each at most: 128 MiB of memory. */
const WAITING_CHARACTERS_MAX = 64 * 1_048_576
/** A commit of so many takes some milliseconds, of which the disk's part is small; more would only make the first one wait. */
const BATCH_WRITES_MAX = 512
const BATCH_CHARACTERS_MAX = 4 * 1_048_576

type Phase =
  | { readonly name: 'new' }
  | { readonly name: 'opening'; readonly opened: Promise<Opened> }
  | { readonly name: 'open'; readonly opened: Opened }
  | { readonly name: 'closed'; readonly closed: Promise<void> }

/** Waits for a thread's first answer; without one the thread ends. */
const openLine = async <Known extends Lines, Answer>(line: WorkerLine<Known>, first: Promise<Answer>) => {
  try {
    return await first
  } catch (error) {
    await line.close()
    throw error
  }
}

const sizeOf = async (path: string): Promise<number> => {
  try {
    return (await stat(path)).size
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 0
    throw toStorageError(error, path)
  }
}

const toKeyRow = ({ credential, key, digest, expiresAt }: IdempotencyKey): KeyRow => [
  credential,
  key,
  digest,
  expiresAt,
]

/**
 * Keeps durable tasks in one SQLite file. A thread of its own writes, many
 * writes with one commit; another reads, so that neither the relay nor a
 * reader waits for the disk. Of an update only what changes over a task's life
 * is written.
 *
 * @see https://www.sqlite.org/wal.html
 */
export class SqliteTaskStore implements TaskStore {
  readonly #files: StoreFiles
  readonly #queue: WriteQueue
  readonly #writes: GroupCommit
  readonly #writer: LineKeeper<WriterLines>
  readonly #reader: LineKeeper<ReaderLines>
  #phase: Phase = { name: 'new' }
  #opened: Opened | undefined

  constructor(options: SqliteTaskStoreOptions) {
    const folder = resolve(options.folder)
    const { commitPauseMs = 0 } = options
    this.#files = toFiles(folder)
    this.#queue = new WriteQueue({
      writesMax: options.waitingWritesMax ?? WAITING_WRITES_MAX,
      charactersMax: options.waitingCharactersMax ?? WAITING_CHARACTERS_MAX,
      batchWritesMax: options.batchWritesMax ?? BATCH_WRITES_MAX,
      batchCharactersMax: options.batchCharactersMax ?? BATCH_CHARACTERS_MAX,
    })
    this.#writer = new LineKeeper((isReturn) => this.#startWriter({ folder, commitPauseMs }, isReturn))
    this.#reader = new LineKeeper(() => this.#startReader({ folder }))
    this.#writes = new GroupCommit({
      queue: this.#queue,
      keeper: this.#writer,
      file: this.#files.database,
    })
  }

  /** How many commits were made: fewer than writes, when many came at once. */
  get commits(): number {
    return this.#writes.commits
  }

  async open(): Promise<OpenedStore> {
    const phase = this.#phase
    if (phase.name === 'closed') throw troubleWith('closed', this.#files.database)
    const opened = phase.name === 'new' ? this.#openLines() : phase.opened
    if (opened instanceof Promise && phase.name === 'new') this.#phase = { name: 'opening', opened }
    const { boot, notes } = await opened
    return { boot, notes }
  }

  async *readOpen(): AsyncIterable<readonly LiveDurableTask[]> {
    let after: number | undefined = 0
    while (after !== undefined) {
      this.#refuseUnlessOpen()
      const line = await this.#reader.get()
      const { rows, next }: RowPage = await line.ask('readOpen', after)
      if (rows.length > 0) yield rows.map(toTask).filter(isLive)
      after = next
    }
  }

  async add(task: WaitingDurableTask, key?: IdempotencyKey): Promise<Addition> {
    this.#refuseUnlessOpen()
    if (this.#queue.isFull) throw troubleWith('overloaded', this.#files.database)
    const outcome = await this.#write(['add', toTaskRow(task), key && toKeyRow(key)])
    switch (outcome?.kind) {
      case 'replayed':
        return { kind: 'replayed', task: toTask(outcome.row) }
      case 'conflict':
        return outcome
      default:
        return { kind: 'added' }
    }
  }

  async update(task: DurableTask): Promise<void> {
    this.#refuseUnlessOpen()
    await this.#write(['update', toChangeRow(task)])
  }

  async find(taskId: string): Promise<DurableTask | undefined> {
    this.#refuseUnlessOpen()
    const line = await this.#reader.get()
    const row = await line.ask('find', taskId)
    return row && toTask(row)
  }

  async list({ state, agentKey, limit, cursor }: TaskQuery): Promise<TaskPage | undefined> {
    const { storeId } = this.#refuseUnlessOpen()
    const before = cursor === undefined ? Number.MAX_SAFE_INTEGER : readCursor(storeId, cursor)
    if (before === undefined) return undefined
    const line = await this.#reader.get()
    const { rows, next } = await line.ask('list', { state, agentKey, limit, before })
    return { tasks: rows.map(toTask), nextCursor: next === undefined ? undefined : toCursor(storeId, next) }
  }

  async purge(endedBefore: number, now: number, limit: number): Promise<number> {
    this.#refuseUnlessOpen()
    const outcome = await this.#write(['purge', endedBefore, now, limit])
    return outcome?.kind === 'purged' ? outcome.tasks : 0
  }

  /** The file and its log; what the log holds may be in the file as well. */
  async size(): Promise<StoreSize> {
    this.#refuseUnlessOpen()
    const [database, log] = await Promise.all([sizeOf(this.#files.database), sizeOf(this.#files.log)])
    return { tasks: this.#writes.tasks, bytes: database + log }
  }

  async probe(): Promise<void> {
    this.#refuseUnlessOpen()
    await this.#write(['probe'])
  }

  async close(): Promise<void> {
    if (this.#phase.name !== 'closed') {
      const opening = this.#phase.name === 'opening' ? this.#phase.opened : undefined
      this.#phase = { name: 'closed', closed: this.#closeLines(opening) }
    }
    await this.#phase.closed
  }

  #refuseUnlessOpen(): Opened {
    if (this.#phase.name !== 'open') throw troubleWith('closed', this.#files.database)
    return this.#phase.opened
  }

  async #write(write: Write): Promise<Outcome | undefined> {
    const outcome = await this.#writes.write(write)
    if (outcome?.kind !== 'refused') return outcome
    throw troubleWith('failed', this.#files.database, outcome.reason)
  }

  async #openLines(): Promise<Opened> {
    try {
      await this.#reader.get()
      const opened = this.#opened
      if (opened === undefined) throw troubleWith('failed', this.#files.database, 'nothing was told of it')
      if (this.#phase.name === 'opening') this.#phase = { name: 'open', opened }
      return opened
    } catch (error) {
      if (this.#phase.name === 'opening') this.#phase = { name: 'new' }
      await this.#writer.close()
      throw error
    }
  }

  async #closeLines(opening: Promise<Opened> | undefined): Promise<void> {
    await Promise.allSettled([opening])
    await this.#writes.finish()
    // The last one to close the database empties its log, and may write
    await this.#reader.close()
    await this.#writer.close()
  }

  async #startWriter(workerData: WriterData, isReturn: boolean): Promise<WorkerLine<WriterLines>> {
    const program = new URL('./writer.ts', import.meta.url)
    const line = new WorkerLine<WriterLines>(program, this.#files.database, workerData)
    const opened = await openLine(line, line.ask('open', { isReturn }))
    if (this.#opened === undefined) this.#writes.note(opened)
    this.#opened ??= opened
    return line
  }

  async #startReader(workerData: ReaderData): Promise<WorkerLine<ReaderLines>> {
    const program = new URL('./reader.ts', import.meta.url)
    const line = new WorkerLine<ReaderLines>(program, this.#files.database, workerData)
    // The threads start side by side, but there is nothing to read before the writer has opened it
    const first = this.#writer.get().then(() => line.ask('open', undefined))
    await openLine(line, first)
    return line
  }
}
