const FENCE = '```'
const THOUGHTS = /^<(think|thinking|reasoning)>/i
const OPENINGS = ['<think>', '<thinking>', '<reasoning>']
/** One less than the characters of the longest end of thoughts: so much of one may be in the piece before. */
const CLOSING_CHARS = '</reasoning>'.length - 1

/**
 * Keeps the pieces of an answer back while it may be a written call, which nobody should see: after blanks and thoughts it
 * begins with a brace or a fence. Words flow on as soon as they are known to be words.
 */
export class HeldAnswer {
  readonly #onText: (text: string) => void
  readonly #pieces: string[] = []
  #state: 'unclear' | 'held' | 'words' = 'unclear'
  /** What is not judged yet; never longer than a piece and a mark, so that each piece is looked at once. */
  #head = ''
  /** The end of the thoughts that it is in, and false once they are over. */
  #closing: RegExp | false | undefined

  constructor(onText: (text: string) => void) {
    this.#onText = onText
  }

  /** Takes a piece. One that is kept back is told as one that is not to be seen. */
  write(piece: string): void {
    if (this.#state === 'unclear') this.#judge(piece)
    this.#pieces.push(piece)
    if (this.#state === 'words') this.#tell()
    else this.#onText('')
  }

  /** The answer is whole, and no call. */
  release(): void {
    this.#state = 'words'
    this.#tell()
  }

  #tell(): void {
    for (const piece of this.#pieces.splice(0)) this.#onText(piece)
  }

  #judge(piece: string): void {
    this.#head += piece
    if (this.#closing && !this.#leaveThoughts(this.#closing)) return
    this.#head = this.#head.trimStart()
    if (this.#closing === undefined && this.#enterThoughts()) this.#judge('')
    else if (this.#head.startsWith('{') || this.#head.startsWith(FENCE)) this.#state = 'held'
    else if (!this.#mayGrow()) this.#state = 'words'
  }

  #enterThoughts(): boolean {
    const [tag, name] = THOUGHTS.exec(this.#head) ?? []
    if (tag === undefined) return false
    this.#head = this.#head.slice(tag.length)
    this.#closing = new RegExp(`</${name}>`, 'i')
    return true
  }

  #leaveThoughts(closing: RegExp): boolean {
    const end = closing.exec(this.#head)
    this.#head = end ? this.#head.slice(end.index + end[0].length) : this.#head.slice(-CLOSING_CHARS)
    if (end) this.#closing = false
    return end !== null
  }

  /** Whether what there is may yet become the beginning of a call or of thoughts. */
  #mayGrow(): boolean {
    const openings = this.#closing === false ? [FENCE] : [FENCE, ...OPENINGS]
    return openings.some((opening) => opening.startsWith(this.#head.toLowerCase()))
  }
}
