import type { PresenceFrame } from '@ai-comms/shared'
import type { Presence, Transport } from '../../core/ports.ts'
import { encodeTextFrame } from './frame-encoder.ts'

/** Events are gathered for this long after a flush, in milliseconds; the first after a quiet time goes out at once. */
const GATHER_MS = 100
/** Gathered bytes above which a flush does not wait any longer. */
const GATHERED_BYTES_MAX = 1_048_576
/** A member that has this many bytes waiting misses presence rather than fall further behind. */
const SKIP_ABOVE_BYTES = 1_048_576

/**
 * Presence for many members: each event is encoded once, gathered with its
 * neighbours, and written to each member as one buffer. Without this a join
 * costs a write per member, and n joins cost n².
 *
 * A member's place in the gathered bytes is where it joined, so it sees just
 * what came after; its own arrival was announced before.
 */
export class PresenceBatch implements Presence {
  readonly #members = new Map<Transport, number>()
  #gathered: Buffer[] = []
  #gatheredBytes = 0
  /** Those of this gathering who joined after its first byte. */
  #late: Transport[] = []
  #flushedAt = Number.NEGATIVE_INFINITY
  #timer: NodeJS.Timeout | undefined
  readonly #now: () => number

  constructor(now: () => number) {
    this.#now = now
  }

  join(member: Transport): void {
    this.#members.set(member, this.#gatheredBytes)
    if (this.#gatheredBytes > 0) this.#late.push(member)
  }

  leave(member: Transport): void {
    this.#members.delete(member)
  }

  announce(frame: PresenceFrame): void {
    const bytes = encodeTextFrame(JSON.stringify(frame))
    this.#gathered.push(bytes)
    this.#gatheredBytes += bytes.length
    if (this.#gatheredBytes > GATHERED_BYTES_MAX) {
      this.flush()
      return
    }
    this.#timer ??= setTimeout(() => this.flush(), Math.max(0, GATHER_MS - (this.#now() - this.#flushedAt)))
  }

  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#flushedAt = this.#now()
    if (this.#gatheredBytes === 0) return
    const bytes = Buffer.concat(this.#gathered)
    const late = this.#late
    this.#gathered = []
    this.#gatheredBytes = 0
    this.#late = []
    for (const [member, from] of this.#members) {
      if (from < bytes.length && member.bufferedBytes <= SKIP_ABOVE_BYTES)
        member.write(from === 0 ? bytes : bytes.subarray(from))
    }
    for (const member of late) if (this.#members.has(member)) this.#members.set(member, 0)
  }

  /** Forgets what is gathered and its timer. */
  stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }
}
