import { checkOutput, type OutputVerdict } from './check-output.ts'

/** What is kept back of a stream, in UTF-16 units: longer than a secret or a key in any of the forms that are known. */
const HELD_CHARS = 512
/** How much comes before the stream is looked at again, in UTF-16 units. */
const STEP_CHARS = 128
/** Longest link or tag that is waited for, in UTF-16 units: what the check of answers reads of one. */
const OPEN_CHARS = 8_192

/** The beginning of a link or a tag that has no end yet. */
const OPEN = /(?:!?\[[^\][\n]{0,200}(?:\](?:\([^)\n]*)?)?|<[a-z][^>]*)$/i

/** What no answer may hold. */
export interface Forbidden {
  readonly canary: string
  readonly secrets: readonly string[]
}

/**
 * The pieces of an answer, looked at before they are passed on. So much is kept back that nothing which must stay here
 * is ever passed on in part; after a finding nothing is.
 */
export class CheckedStream {
  readonly #forbidden: Forbidden
  readonly #pass: (text: string) => void
  #text = ''
  #passed = 0
  #looked = 0
  #isStopped = false

  /** @param pass takes what is clean */
  constructor(forbidden: Forbidden, pass: (text: string) => void) {
    this.#forbidden = forbidden
    this.#pass = pass
  }

  /** Takes a piece. */
  write(piece: string): void {
    this.#text += piece
    if (this.#isStopped || this.#text.length - this.#looked < STEP_CHARS) return
    this.#looked = this.#text.length
    const end = this.#findEnd()
    if (end > this.#passed && this.#isClean()) this.#passOn(end)
  }

  /** The answer has ended well: what was kept back follows, if it is clean. */
  end(): void {
    if (!this.#isStopped && this.#isClean()) this.#passOn(this.#text.length)
    this.#isStopped = true
  }

  /** Nothing more is passed on. */
  stop(): void {
    this.#isStopped = true
  }

  /** Up to where the text may be passed on: not into what is kept back, nor into a link that is not complete. */
  #findEnd(): number {
    const from = Math.max(this.#passed, this.#text.length - OPEN_CHARS)
    const open = OPEN.exec(this.#text.slice(from))
    const end = this.#text.length - HELD_CHARS
    return open ? Math.min(end, from + open.index) : end
  }

  #isClean(): boolean {
    const text = this.#text.slice(Math.max(0, this.#passed - HELD_CHARS))
    const isClean = checkOutput({ text, ...this.#forbidden }).action === 'pass'
    if (!isClean) this.#isStopped = true
    return isClean
  }

  #passOn(end: number): void {
    const text = this.#text.slice(this.#passed, end)
    this.#passed = end
    if (text !== '') this.#pass(text)
  }
}

/** The last look at a whole answer. */
export const checkWhole = (text: string, forbidden: Forbidden): OutputVerdict => checkOutput({ text, ...forbidden })
