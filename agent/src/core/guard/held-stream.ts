import type { OutputVerdict } from './check-output.ts'

/** How pieces are looked at. */
export interface HeldStreamParts {
  /** The check of a text. */
  readonly check: (text: string) => OutputVerdict
  /** From where on the end of a text may be the beginning of something that is taken out. */
  readonly openAt: (text: string) => number
  /** Shows a text to whoever watches, unless something is found in what has been shown and this together. */
  readonly show: (text: string) => OutputVerdict | undefined
  /** Told once, of what ended the stream. */
  readonly found: (verdict: OutputVerdict) => void
}

/** Characters that come before the next look: a look costs as much as what is held. */
const LOOK_CHARS = 32
/** Characters that are held; a stream that never shows what it becomes is not shown any further. */
const HELD_CHARS_MAX = 262_144

/**
 * The pieces of a growing answer, shown as soon as it is known that they are no part of anything that must stay here. What
 * may still become such a thing is held. After a finding nothing more is shown.
 */
export class HeldStream {
  readonly #parts: HeldStreamParts
  #held = ''
  #unread = 0
  #isOver = false

  constructor(parts: HeldStreamParts) {
    this.#parts = parts
  }

  /** Takes a piece. */
  write(piece: string): void {
    if (this.#isOver) return
    this.#held += piece
    this.#unread += piece.length
    // what is held for long is looked at less often, so that the whole stays linear
    if (this.#unread >= Math.max(LOOK_CHARS, this.#held.length / 3)) this.#look(this.#parts.openAt)
    if (this.#held.length > HELD_CHARS_MAX) this.#end()
  }

  /** The answer is whole, and clean: what was held is shown, too. */
  finish(): void {
    if (!this.#isOver) this.#look((text) => text.length)
    this.#end()
  }

  #look(openAt: (text: string) => number): void {
    this.#unread = 0
    const verdict = this.#parts.check(this.#held)
    const to = openAt(this.#held)
    const shown = this.#held.slice(0, to)
    const finding = verdict.action !== 'pass' ? verdict : shown === '' ? undefined : this.#parts.show(shown)
    this.#held = this.#held.slice(to)
    if (finding === undefined) return
    this.#end()
    this.#parts.found(finding)
  }

  #end(): void {
    this.#isOver = true
    this.#held = ''
  }
}
