import { ProtocolError, parseAgentFrame } from '@ai-comms/shared'
import type Database from 'better-sqlite3'
import { StorageError } from '../../core/failures.ts'
import { countChars } from '../../core/memory-journal.ts'
import type { Answer, JournalBounds, TaskJournal, TaskRecord } from '../../core/ports.ts'
import { ask, commit } from '../../sqlite/ask-database.ts'
import { tryToWrite } from './database.ts'
import type { LockedFolder } from './folder-lock.ts'
import { type Freed, prepareStatements, type Statements } from './journal-statements.ts'

/**
 * Bounds on disk: 10 000 tasks; 64 Mi characters, some 200 MB where none is ASCII; seven days, so that a hub which was
 * away over a long weekend still gets the answers from before.
 */
export const JOURNAL_BOUNDS: JournalBounds = { tasksMax: 10_000, charsMax: 67_108_864, keepMs: 604_800_000 }
/** Rows of each kind that one purge deletes at most, so that no task waits long for it. */
export const PURGE_ROWS_MAX = 100

/** How much there is, so that it need not be counted for each task. */
interface Totals {
  accepted: number
  answers: number
  chars: number
}

type Act = (totals: Totals) => void

const countFreed = (totals: Totals, freed: readonly Freed[]): void => {
  for (const { chars } of freed) {
    totals.answers -= 1
    totals.chars -= chars
  }
}

const readFrame = (text: string) => {
  try {
    return parseAgentFrame(text)
  } catch (error) {
    throw error instanceof ProtocolError ? new StorageError(error.code, error) : error
  }
}

const readAnswer = (text: string): Answer => {
  const frame = readFrame(text)
  if (frame.type === 'task-response' || frame.type === 'task-error') return frame
  throw new StorageError('no answer')
}

/** A journal in the agent's database. Each call is one transaction, and on disk when it returns. */
export class SqliteJournal implements TaskJournal {
  readonly #database: Database.Database
  readonly #bounds: JournalBounds
  readonly #folder: LockedFolder | undefined
  readonly #statements: Statements
  #totals: Totals

  constructor(database: Database.Database, bounds: JournalBounds = JOURNAL_BOUNDS, folder?: LockedFolder) {
    this.#database = database
    this.#bounds = bounds
    this.#folder = folder
    this.#statements = prepareStatements(database)
    this.#totals = this.#statements.count.get() ?? { accepted: 0, answers: 0, chars: 0 }
  }

  find(requestId: string, now: number): TaskRecord | undefined {
    return ask(this.#database, () => {
      const since = now - this.#bounds.keepMs
      const accepted = this.#statements.findAccepted.get(requestId, since)
      if (accepted) return { state: 'accepted', attempt: accepted.attempt }
      const ended = this.#statements.findAnswer.get(requestId, since)
      return ended && { state: 'ended', attempt: ended.attempt, answer: readAnswer(ended.frame) }
    })
  }

  accept(requestId: string, attempt: number, now: number): void {
    this.#commit((totals) => {
      this.#drop(requestId, totals)
      this.#statements.insertAccepted.run(requestId, attempt, now)
      totals.accepted += 1
      this.#makeRoom(totals)
    })
  }

  end(answer: Answer, attempt: number, now: number): void {
    const chars = countChars(answer)
    this.#commit((totals) => {
      this.#drop(answer.requestId, totals)
      if (chars > this.#bounds.charsMax) return
      this.#statements.insertAnswer.run(answer.requestId, attempt, now, chars, JSON.stringify(answer))
      totals.answers += 1
      totals.chars += chars
      this.#makeRoom(totals)
    })
  }

  forget(requestIds: readonly string[]): void {
    this.#commit((totals) => {
      for (const requestId of requestIds) totals.accepted -= this.#statements.deleteAccepted.run(requestId).changes
    })
  }

  purge(now: number): boolean {
    const until = now - this.#bounds.keepMs
    let hasMore = false
    this.#commit((totals) => {
      const { changes } = this.#statements.deleteOldAccepted.run(until, PURGE_ROWS_MAX)
      const freed = this.#statements.deleteOldAnswers.all(until, PURGE_ROWS_MAX)
      totals.accepted -= changes
      countFreed(totals, freed)
      hasMore = changes === PURGE_ROWS_MAX || freed.length === PURGE_ROWS_MAX
    })
    return hasMore
  }

  probe(): void {
    this.#commit(() => tryToWrite(this.#database))
  }

  close(): void {
    try {
      this.#database.close()
    } finally {
      this.#folder?.release()
    }
  }

  #drop(requestId: string, totals: Totals): void {
    totals.accepted -= this.#statements.deleteAccepted.run(requestId).changes
    countFreed(totals, this.#statements.deleteAnswer.all(requestId))
  }

  #makeRoom(totals: Totals): void {
    const { tasksMax, charsMax } = this.#bounds
    if (totals.accepted > tasksMax) totals.accepted -= this.#statements.deleteFirstAccepted.run().changes
    while (totals.answers > tasksMax || totals.chars > charsMax) {
      const freed = this.#statements.deleteFirstAnswer.all()
      // somebody else has deleted rows; the next start counts anew
      if (freed.length === 0) break
      countFreed(totals, freed)
    }
  }

  /** The totals change with the transaction, or not at all. */
  #commit(act: Act): void {
    const totals = { ...this.#totals }
    commit(this.#database, () => act(totals))
    this.#totals = totals
  }
}
