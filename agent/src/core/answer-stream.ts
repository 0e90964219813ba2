import type { TaskTools } from './ports.ts'

/**
 * What those who watch an answer grow see of several attempts: a failure before the first visible piece is none of their
 * business; after it, the partial answer is ended by a mark, and the next provider's answer begins below it. So the
 * pieces never read as one answer made of two.
 */
export class AnswerStream {
  readonly #tools: TaskTools
  /** Whose attempt it is, and whether a piece of it has been seen. */
  #current = { provider: '', isSeen: false }
  /** Whose answer broke off after pieces of it were seen, until the mark is set. */
  #broken: string | undefined
  #isSeen = false

  constructor(tools: TaskTools) {
    this.#tools = tools
  }

  /** Whether a piece of any answer has been seen. */
  get isSeen(): boolean {
    return this.#isSeen
  }

  /** Where the next attempt writes its pieces. Blank ones are kept until something visible comes. */
  begin(provider: string): (text: string) => void {
    if (this.#current.isSeen) this.#broken = this.#current.provider
    if (this.#broken !== undefined) this.#tools.progress({ message: `The answer broke off; ${provider} begins anew.` })
    const current = { provider, isSeen: false }
    this.#current = current
    let held = ''
    return (text) => {
      held += text
      if (!current.isSeen && held.trim() === '') return
      this.#mark()
      current.isSeen = true
      this.#isSeen = true
      this.#tools.delta(held)
      held = ''
    }
  }

  /** The answer is whole. One that came without pieces leaves what was seen of another marked as broken off. */
  end(): void {
    this.#mark()
  }

  #mark(): void {
    if (this.#broken === undefined) return
    const { provider } = this.#current
    this.#tools.delta(`\n\n[The answer of ${this.#broken} broke off here; ${provider} begins anew.]\n\n`)
    this.#broken = undefined
  }
}
