import { ENVELOPE_FUTURE_MS_MAX, ENVELOPE_STALE_MS_MAX } from './envelope.ts'

/** How long a nonce is remembered after receipt, in milliseconds: stamped as far ahead as allowed, it may come again until then. */
export const REPLAY_MEMORY_MS = ENVELOPE_STALE_MS_MAX + ENVELOPE_FUTURE_MS_MAX
/** Nonces remembered of one sender: 11 envelopes a second, kept up for six minutes. */
export const REPLAY_PER_SENDER_MAX = 4_096
/** Nonces remembered of all senders together: about 10 MiB. */
export const REPLAY_ENTRIES_MAX = 65_536

/** One envelope that was received; `from` is the sender's agent id, `receivedAt` epoch milliseconds. */
export type ReplayEntry = {
  readonly kid: string
  readonly from: string
  readonly nonce: string
  readonly receivedAt: number
}

/** All that a window knows, for the disk; `refuseBefore` (epoch milliseconds) belongs to it as much as the entries do. */
export type ReplayState = { readonly refuseBefore: number; readonly entries: readonly ReplayEntry[] }

/** The bounds of a window, in entries. */
export type ReplayBounds = { readonly perSenderMax: number; readonly entriesMax: number }

/**
 * What a window says to an envelope: `fresh`, and remembered from now on; `seen` before; `unsure`, for it may have come
 * before this process started; `full`, with no room to remember it. Only the first is to be acted on.
 */
export type Admission = 'fresh' | 'seen' | 'unsure' | 'full'

/** The state of an agent that has never received anything, for the first start in a new data folder. */
export const REPLAY_STATE_EMPTY: ReplayState = { refuseBefore: 0, entries: [] }

/**
 * The state of an agent whose memory is lost: whatever a process before this one may have received is refused, that is
 * all stamped before this start plus the skew allowed. It refuses honest envelopes too during the first minute.
 * @param startedAt epoch milliseconds
 */
export function toReplayStateUnsure(startedAt: number): ReplayState {
  return { refuseBefore: startedAt + ENVELOPE_FUTURE_MS_MAX, entries: [] }
}

/**
 * Remembers which envelopes came, so that none is acted on twice. Ask it only about envelopes whose signature holds.
 * Bounded in all and per sender, and when full it refuses rather than forgets. One entry costs the same however many
 * there are: they expire in the order of receipt.
 * @see https://www.rfc-editor.org/rfc/rfc4303#section-3.4.3
 */
export class ReplayWindow {
  readonly #refuseBefore: number
  readonly #bounds: ReplayBounds
  readonly #noncesBySender = new Map<string, Set<string>>()
  #entries: ReplayEntry[] = []
  #expired = 0

  /** A saved state is taken whole, even when it is over the bounds: to drop an entry would let it in again. */
  constructor(
    state: ReplayState,
    bounds: ReplayBounds = { perSenderMax: REPLAY_PER_SENDER_MAX, entriesMax: REPLAY_ENTRIES_MAX },
  ) {
    this.#refuseBefore = state.refuseBefore
    this.#bounds = bounds
    for (const entry of state.entries.toSorted((one, other) => one.receivedAt - other.receivedAt)) this.#add(entry)
  }

  /** How many envelopes it remembers. */
  get size(): number {
    return this.#entries.length - this.#expired
  }

  /** Of how many senders. */
  get senderCount(): number {
    return this.#noncesBySender.size
  }

  /**
   * Decides about one envelope and, when it is fresh, remembers it.
   * @param stampedAt the envelope's own time, epoch milliseconds
   */
  admit(entry: ReplayEntry, stampedAt: number): Admission {
    this.#expire(entry.receivedAt)
    if (stampedAt < this.#refuseBefore) return 'unsure'
    const nonces = this.#noncesBySender.get(entry.from)
    if (nonces?.has(toNonceKey(entry))) return 'seen'
    if (this.size >= this.#bounds.entriesMax || (nonces?.size ?? 0) >= this.#bounds.perSenderMax) return 'full'
    this.#add(entry)
    return 'fresh'
  }

  /** All that is remembered at `now` (epoch milliseconds), for a later window's constructor. */
  exportState(now: number): ReplayState {
    this.#expire(now)
    return { refuseBefore: this.#refuseBefore, entries: this.#entries.slice(this.#expired) }
  }

  #add(entry: ReplayEntry): void {
    const nonces = this.#noncesBySender.get(entry.from) ?? new Set()
    nonces.add(toNonceKey(entry))
    this.#noncesBySender.set(entry.from, nonces)
    this.#entries.push(entry)
  }

  #expire(now: number): void {
    for (let oldest = this.#entries[this.#expired]; oldest; oldest = this.#entries[this.#expired]) {
      // Turned round, a clock that is not a number would forget everything.
      if (!(now - oldest.receivedAt > REPLAY_MEMORY_MS)) break
      const nonces = this.#noncesBySender.get(oldest.from)
      nonces?.delete(toNonceKey(oldest))
      if (nonces?.size === 0) this.#noncesBySender.delete(oldest.from)
      this.#expired++
    }
    // Half of the array at a time, so that each entry is moved at most once on average.
    if (this.#expired > this.#entries.length / 2) {
      this.#entries = this.#entries.slice(this.#expired)
      this.#expired = 0
    }
  }
}

function toNonceKey(entry: ReplayEntry): string {
  return `${entry.kid} ${entry.nonce}`
}
