import { HeldAnswer } from '../../core/held-answer.ts'
import type { Completion, CompletionOptions, Prompt, Tool } from '../../core/ports.ts'
import { readWrittenCall, writeTools } from '../../core/written-tools.ts'
import { ToolRefusal } from './tool-refusal.ts'

/** Asks once; tools of the prompt are told in the vendor's own way. */
export type Ask = (prompt: Prompt, options: CompletionOptions) => Promise<Completion>

/**
 * The way in which one vendor's model is offered tools: in the vendor's own, or written into the system prompt. A vendor
 * that refuses a question for its tools is asked in writing at once, and from then on if that helped.
 */
export class ToolOffer {
  readonly #ask: Ask
  #isNative: boolean

  constructor(isNative: boolean, ask: Ask) {
    this.#isNative = isNative
    this.#ask = ask
  }

  /** @throws {ProviderError} when there is no whole answer */
  async complete(prompt: Prompt, options: CompletionOptions): Promise<Completion> {
    const { tools = [], ...plain } = prompt
    if (tools.length === 0) return this.#ask(plain, options)
    if (!this.#isNative) return this.#askInWriting(plain, tools, options)
    const answer = await this.#askNatively(prompt, options)
    if (!(answer instanceof ToolRefusal)) return answer
    const written = await this.#askInWriting(plain, tools, options)
    if (answer.isLasting) this.#isNative = false
    return written
  }

  async #askNatively(prompt: Prompt, options: CompletionOptions): Promise<Completion | ToolRefusal> {
    let isSeen = false
    const onText = (text: string) => {
      isSeen ||= text !== ''
      options.onText(text)
    }
    try {
      return await this.#ask(prompt, { ...options, onText })
    } catch (error) {
      // what was seen of an answer cannot be taken back, so it must not be begun twice
      if (error instanceof ToolRefusal && !isSeen) return error
      throw error
    }
  }

  async #askInWriting(prompt: Prompt, tools: readonly Tool[], options: CompletionOptions): Promise<Completion> {
    const held = new HeldAnswer(options.onText)
    const written: Prompt = { ...prompt, system: writeTools(prompt.system, tools) }
    const completion = await this.#ask(written, { ...options, onText: (text) => held.write(text) })
    const call = readWrittenCall(completion.text, tools)
    if (call) return { ...completion, call }
    held.release()
    return completion
  }
}
