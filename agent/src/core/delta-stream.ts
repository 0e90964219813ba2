import type { CallOff, Clock, ReplyLink } from './ports.ts'

/** Shortest time between two pieces of one answer, in milliseconds: 20 frames a second read as a flow. */
export const DELTA_EVERY_MS = 50
/** Most characters that wait for a link; beyond it the stream ends, and the asker gets the answer in one piece. */
export const DELTA_PENDING_CHARS_MAX = 65_536

const endsInHalfPair = (text: string): boolean => /[\uD800-\uDBFF]$/.test(text)

/**
 * Sends a growing answer in pieces: the first one at once, then at most one per 50 ms. Text that the link does not take
 * waits for the next one, so that the pieces always join to what was written without a gap; a stream that cannot keep that
 * promise ends instead.
 */
export class DeltaStream {
  readonly #requestId: string
  readonly #link: ReplyLink
  readonly #clock: Clock
  #pending = ''
  #seq = 0
  #quietUntil = 0
  #alarm: CallOff | undefined
  #ended = false

  constructor(requestId: string, link: ReplyLink, clock: Clock) {
    this.#requestId = requestId
    this.#link = link
    this.#clock = clock
  }

  /** Whether nothing more will be sent. */
  get hasEnded(): boolean {
    return this.#ended
  }

  /** Adds a piece; after the end it is let go, since the whole answer follows anyway. */
  write(text: string): void {
    if (this.#ended) return
    this.#pending += text
    if (this.#pending.length > DELTA_PENDING_CHARS_MAX && !this.#send()) this.end()
    else this.#sendSoon()
  }

  /** Sends what waits, if the link takes it, and ends. */
  finish(): void {
    if (!this.#ended) this.#send()
    this.end()
  }

  /** Ends without another frame. */
  end(): void {
    this.#ended = true
    this.#pending = ''
    this.#alarm?.()
    this.#alarm = undefined
  }

  #sendSoon(): void {
    if (this.#alarm || this.#pending === '') return
    const waitMs = this.#quietUntil - this.#clock.now()
    if (waitMs <= 0 && this.#send()) return
    this.#alarm = this.#clock.after(waitMs > 0 ? Math.min(waitMs, DELTA_EVERY_MS) : DELTA_EVERY_MS, () => {
      this.#alarm = undefined
      this.#send()
      this.#sendSoon()
    })
  }

  #send(): boolean {
    // a pair of surrogates that a vendor cut in two would reach the hub as two broken characters
    const split = endsInHalfPair(this.#pending) ? this.#pending.length - 1 : this.#pending.length
    const text = this.#pending.slice(0, split)
    if (text === '') return false
    if (this.#link.send({ type: 'task-delta', requestId: this.#requestId, seq: this.#seq, text }) !== 'sent')
      return false
    this.#seq += 1
    this.#pending = this.#pending.slice(split)
    this.#quietUntil = this.#clock.now() + DELTA_EVERY_MS
    return this.#pending === ''
  }
}
