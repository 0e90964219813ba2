import { type FileHandle, mkdir, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { AuditEntry, AuditLog, AuditRecord } from '../../core/audit.ts'
import type { AuditEvent } from '../../core/events.ts'
import { codeOf } from '../../core/failures.ts'
import type { CallOff, Clock } from '../../core/ports.ts'
import { type ChainEnd, chainEntry, findLine } from './chain.ts'
import { findEnd, LOGS_FOLDER, listFiles, readLines, toFileName } from './trail-files.ts'

/** Bounds of a trail. */
export interface TrailBounds {
  /** Size at which the next file is begun, in bytes. */
  readonly fileBytesMax: number
  /** Most files; the oldest makes room. */
  readonly filesMax: number
  /** Most entries that wait for a disk that does not serve; those beyond are counted and let go. */
  readonly waitingMax: number
}

/** Sixteen files of 2 MiB, some hundred thousand lines. */
export const TRAIL_BOUNDS: TrailBounds = { fileBytesMax: 2_097_152, filesMax: 16, waitingMax: 10_000 }

/** How long a disk that does not serve is left alone, in milliseconds. */
const RETRY_MS = 5_000
/** Most entries of one write. */
const BATCH_MAX = 500

/** What a trail is made of. */
export interface TrailParts {
  readonly dataDir: string
  readonly clock: Clock
  readonly observe: (event: AuditEvent) => void
  readonly bounds?: TrailBounds
}

/** The file that is written to, and the chain up to its end. */
interface OpenFile {
  readonly handle: FileHandle
  readonly size: number
  readonly end: ChainEnd
}

const writeAll = async (handle: FileHandle, bytes: Buffer, position: number): Promise<void> => {
  for (let done = 0; done < bytes.length; ) {
    done += (await handle.write(bytes, done, bytes.length - done, position + done)).bytesWritten
  }
}

/**
 * The audit trail in `logs/` of the data folder: lines of JSON, each with the SHA-256 of the line before it and of
 * itself, over all files and restarts. Entries are written one batch after the other, at the place where the chain
 * ends, so that one which failed half-way is written over and not added to.
 */
export class AuditTrail implements AuditLog {
  readonly #parts: TrailParts
  readonly #bounds: TrailBounds
  readonly #folder: string
  readonly #waiting: AuditEntry[] = []
  #file: OpenFile | undefined
  #writing: Promise<void> | undefined
  #isFailing = false
  #isClosed = false
  #lost = 0
  #callOff: CallOff = () => {}

  constructor(parts: TrailParts) {
    this.#parts = parts
    this.#bounds = parts.bounds ?? TRAIL_BOUNDS
    this.#folder = join(parts.dataDir, LOGS_FOLDER)
  }

  append(entry: AuditEntry): void {
    // the end of the agent is the end of its trail
    if (this.#isClosed) return
    if (this.#waiting.length >= this.#bounds.waitingMax) this.#lost += 1
    else this.#waiting.push(entry)
    if (!this.#isFailing) this.#begin()
  }

  async readTail(count: number): Promise<readonly AuditRecord[]> {
    await this.#writing
    const records: AuditRecord[] = []
    try {
      for (const name of (await listFiles(this.#folder)).toReversed()) {
        if (records.length >= count) break
        const { lines } = await readLines(join(this.#folder, name))
        const newest = lines.slice(records.length - count)
        records.unshift(...newest.flatMap((line) => findLine(line)?.record ?? []))
      }
    } catch (error) {
      this.#parts.observe({ type: 'audit.failed', code: codeOf(error), err: error })
    }
    return records
  }

  /** Writes what waits, if the disk serves, and lets go of the file. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#callOff()
    await this.#writing
    await this.#writeWaiting()
    await this.#letGo()
  }

  #begin(): void {
    this.#writing ??= this.#writeWaiting().finally(() => {
      this.#writing = undefined
    })
  }

  async #writeWaiting(): Promise<void> {
    try {
      while (this.#waiting.length > 0) {
        const count = await this.#writeBatch()
        this.#waiting.splice(0, count)
        this.#tellRecovery()
      }
    } catch (error) {
      if (!this.#isFailing) this.#parts.observe({ type: 'audit.failed', code: codeOf(error), err: error })
      this.#isFailing = true
      await this.#takeBack()
      this.#callOff()
      if (!this.#isClosed) this.#callOff = this.#parts.clock.after(RETRY_MS, () => this.#begin())
    }
  }

  /** Writes some of what waits into one file; tells how many entries that were. */
  async #writeBatch(): Promise<number> {
    const { handle, size: position, end: before } = await this.#findRoom(this.#file ?? (await this.#open()))
    let [size, end] = [position, before]
    const lines: string[] = []
    for (const entry of this.#waiting.slice(0, BATCH_MAX)) {
      const { line, ...next } = chainEntry(entry, end)
      if (!this.#fits(size, line)) break
      lines.push(line)
      size += Buffer.byteLength(line)
      end = next
    }
    await writeAll(handle, Buffer.from(lines.join('')), position)
    this.#file = { handle, size, end }
    return lines.length
  }

  /** Whether a line has room in a file of this size; the first one always has. */
  #fits(size: number, line: string): boolean {
    return size === 0 || size + Buffer.byteLength(line) <= this.#bounds.fileBytesMax
  }

  /** Takes up the trail where it ends; a line that was cut off is taken away, and that is recorded. */
  async #open(): Promise<OpenFile> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 })
    const { end, last, unreadable } = await findEnd(this.#folder)
    if (unreadable !== undefined) this.#parts.observe({ type: 'audit.unreadable', file: unreadable })
    if (last === undefined) return this.#beginFile(end)
    const handle = await open(join(this.#folder, last.name), 'r+')
    await handle.chmod(0o600)
    this.#file = { handle, size: last.size, end }
    if (last.tornBytes > 0) {
      await handle.truncate(last.size)
      this.#parts.observe({ type: 'audit.torn', file: last.name, bytes: last.tornBytes })
      this.#waiting.unshift({ at: this.#parts.clock.now(), type: 'torn-line', facts: { bytes: last.tornBytes } })
    }
    return this.#file
  }

  /** The file, or the next one when it is full, or when somebody has taken it away. */
  async #findRoom(file: OpenFile): Promise<OpenFile> {
    const { nlink } = await file.handle.stat()
    const [first] = this.#waiting
    if (nlink > 0 && first !== undefined && this.#fits(file.size, chainEntry(first, file.end).line)) return file
    await this.#letGo()
    await mkdir(this.#folder, { recursive: true, mode: 0o700 })
    const next = await this.#beginFile(file.end)
    const names = await listFiles(this.#folder)
    for (const name of names.slice(0, -this.#bounds.filesMax)) await rm(join(this.#folder, name), { force: true })
    return next
  }

  async #beginFile(end: ChainEnd): Promise<OpenFile> {
    const handle = await open(join(this.#folder, toFileName(end.seq + 1)), 'wx', 0o600)
    this.#file = { handle, size: 0, end }
    return this.#file
  }

  /** Takes away what a write that failed has left, so that no line of it is there twice after the next try. */
  async #takeBack(): Promise<void> {
    try {
      await this.#file?.handle.truncate(this.#file.size)
    } catch (error) {
      // the handle itself is of no use any more; the next try begins with a new one
      this.#parts.observe({ type: 'audit.failed', code: codeOf(error), err: error })
      await this.#letGo()
    }
  }

  async #letGo(): Promise<void> {
    const handle = this.#file?.handle
    this.#file = undefined
    try {
      await handle?.close()
    } catch (error) {
      this.#parts.observe({ type: 'audit.failed', code: codeOf(error), err: error })
    }
  }

  #tellRecovery(): void {
    if (!this.#isFailing) return
    this.#isFailing = false
    this.#parts.observe({ type: 'audit.recovered', lost: this.#lost })
    if (this.#lost > 0) {
      this.#waiting.push({ at: this.#parts.clock.now(), type: 'lines-lost', facts: { count: this.#lost } })
    }
    this.#lost = 0
  }
}
