import { StorageError } from '../core/failures.ts'
import { MemoryJournal } from '../core/memory-journal.ts'
import type { Answer, TaskRecord } from '../core/ports.ts'

/** A journal on a disk that the test fills: nothing can be written while `isFull`, nor read while `isGone`. */
export class FailingJournal extends MemoryJournal {
  isFull = false
  isGone = false
  isClosed = false
  /** What was written, in order. */
  readonly written: string[] = []

  override find(requestId: string, now: number): TaskRecord | undefined {
    if (this.isGone) throw new StorageError('SQLITE_IOERR')
    return super.find(requestId, now)
  }

  override accept(requestId: string, attempt: number, now: number): void {
    this.#write(`accept ${requestId}`)
    super.accept(requestId, attempt, now)
  }

  override end(answer: Answer, attempt: number, now: number): void {
    this.#write(`end ${answer.requestId}`)
    super.end(answer, attempt, now)
  }

  override forget(requestIds: readonly string[]): void {
    this.#write(`forget ${requestIds.join(' ')}`)
    super.forget(requestIds)
  }

  override purge(now: number): boolean {
    this.#write('purge')
    return super.purge(now)
  }

  override probe(): void {
    this.#write('probe')
  }

  override close(): void {
    this.isClosed = true
  }

  #write(what: string): void {
    if (this.isFull || this.isGone) throw new StorageError('SQLITE_FULL')
    this.written.push(what)
  }
}
