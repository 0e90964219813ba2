const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']
/** How long each sign stands, in milliseconds. */
const FRAME_MS = 100

/** Shows that somebody works, until it is told that nobody does. */
export class Spinner {
  readonly #show: (sign: string | undefined) => void
  #timer: NodeJS.Timeout | undefined
  #at = 0

  /** @param show takes the sign of the moment; undefined when there is none any more */
  constructor(show: (sign: string | undefined) => void) {
    this.#show = show
  }

  get isTurning(): boolean {
    return this.#timer !== undefined
  }

  start(): void {
    if (this.#timer !== undefined) return
    this.#timer = setInterval(() => this.#turn(), FRAME_MS)
    this.#turn()
  }

  stop(): void {
    if (this.#timer === undefined) return
    clearInterval(this.#timer)
    this.#timer = undefined
    this.#show(undefined)
  }

  #turn(): void {
    this.#at = (this.#at + 1) % FRAMES.length
    this.#show(FRAMES[this.#at])
  }
}
