import type { ToolCall } from '../../core/ports.ts'
import { isToolInput, readToolInput, TOOL_INPUT_CHARS_MAX } from '../../core/tool-input.ts'

/** Puts one call of a tool together, from its pieces or from one whole. */
export class CallPieces {
  #name = ''
  #text = ''
  #whole: object | undefined

  /** Whether anything of its input has come. */
  get hasInput(): boolean {
    return this.#text !== '' || this.#whole !== undefined
  }

  /** Whether its input is longer than any that is taken, so that the rest need not be waited for. */
  get isTooLong(): boolean {
    return this.#text.length > TOOL_INPUT_CHARS_MAX
  }

  /** Takes a name, the first of which counts, and a piece of the input, or all of it as an object. */
  add(name: unknown, input: unknown): void {
    if (this.#name === '' && typeof name === 'string') this.#name = name
    if (typeof input === 'string') this.#text += input
    else if (typeof input === 'object' && input !== null) this.#whole = input
  }

  /**
   * The call, if there is one. Its input is the text as it was written where that is no object, for whoever checks it to
   * refuse; an input that was cut short, or that is out of bounds, is none.
   */
  toCall(isCut: boolean): ToolCall | 'broken' | undefined {
    if (this.#name === '') return undefined
    const input = this.#readInput(isCut)
    return input === undefined ? 'broken' : { tool: this.#name, input }
  }

  #readInput(isCut: boolean): unknown {
    if (this.#text.trim() !== '') return readToolInput(this.#text) ?? (isCut || this.isTooLong ? undefined : this.#text)
    const whole = this.#whole ?? {}
    return isCut || !isToolInput(whole) ? undefined : whole
  }
}
