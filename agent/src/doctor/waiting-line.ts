import type { CallOff, Clock } from '../core/ports.ts'

/** Time between two pictures, in milliseconds. */
const FRAME_MS = 120
const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'] as const
/** Goes to the beginning of the line and empties it. */
const CLEAR = '\r\x1b[K'
/** Fits on one line of a narrow terminal, since only one can be taken back. */
const TEXT_CHARS_MAX = 70

/** A line at the end of a terminal that says what is waited for, and is gone when that has come. */
export class WaitingLine {
  readonly #write: (text: string) => void
  readonly #clock: Clock
  #text = ''
  #frame = 0
  #callOff: CallOff | undefined

  constructor(write: (text: string) => void, clock: Clock) {
    this.#write = write
    this.#clock = clock
  }

  /** Shows it, once something takes longer than a moment. */
  show(names: readonly string[]): void {
    this.rename(names)
    this.#callOff ??= this.#clock.after(FRAME_MS, () => this.#draw())
  }

  /** Changes what it names, from its next picture on. */
  rename(names: readonly string[]): void {
    this.#text = `Waiting for ${names.join(', ')}`.slice(0, TEXT_CHARS_MAX)
  }

  /** Takes it away. */
  hide(): void {
    this.#callOff?.()
    this.#callOff = undefined
    if (this.#frame > 0) this.#write(CLEAR)
    this.#frame = 0
  }

  #draw(): void {
    this.#write(`${CLEAR}${FRAMES[this.#frame % FRAMES.length]} ${this.#text}`)
    this.#frame += 1
    this.#callOff = this.#clock.after(FRAME_MS, () => this.#draw())
  }
}
