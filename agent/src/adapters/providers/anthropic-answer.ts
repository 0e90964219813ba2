import type Anthropic from '@anthropic-ai/sdk'
import type { ProviderErrorKind, Usage } from '../../core/events.ts'
import { ProviderError } from '../../core/failures.ts'
import type { Completion } from '../../core/ports.ts'
import { toFields, toText } from './answer-fields.ts'
import type { VendorAnswer } from './ask-vendor.ts'
import { CallPieces } from './call-pieces.ts'

/** Ends that are no answer. */
const FAILED_ENDS: Readonly<Record<string, ProviderErrorKind>> = {
  refusal: 'policy',
  model_context_window_exceeded: 'context',
}

const toCount = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined)

/** Puts an answer together from the events of a stream, or from one whole message. */
export class AnthropicAnswer implements VendorAnswer<Anthropic.RawMessageStreamEvent> {
  readonly #onText: (text: string) => void
  readonly #call = new CallPieces()
  /** Index of the block that is the first call. */
  #callAt: number | undefined
  #text = ''
  #reason: string | null = null
  #usage: Usage | undefined

  constructor(onText: (text: string) => void) {
    this.#onText = onText
  }

  /** What the attempt has cost, as far as it is known. */
  get usage(): Usage | undefined {
    return this.#usage
  }

  /**
   * Takes an event of a stream. Tells whether it held a token, of the answer, of a call or of thoughts.
   * @throws {ProviderError} `truncated` when it calls without an end
   */
  take(event: Anthropic.RawMessageStreamEvent): boolean {
    switch (event.type) {
      case 'message_start':
        this.#count(event.message.usage)
        return false
      case 'message_delta':
        this.#reason = event.delta.stop_reason ?? this.#reason
        this.#count(event.usage)
        return false
      case 'content_block_start':
        return this.#begin(event.index, event.content_block)
      case 'content_block_delta':
        if (event.delta.type === 'text_delta') this.#add(event.delta.text)
        if (event.delta.type === 'input_json_delta') this.#grow(event.index, event.delta.partial_json)
        return true
      default:
        return false
    }
  }

  /** Takes the message of a server that does not stream. */
  takeWhole(message: unknown): void {
    const { usage, stop_reason: reason, content } = toFields(message)
    this.#count(usage)
    this.#reason = typeof reason === 'string' ? reason : null
    this.#add(toText(content))
    if (Array.isArray(content)) content.forEach((block: unknown, index) => void this.#begin(index, block))
  }

  /** @throws {ProviderError} when it is no whole answer; without a stop reason the stream broke off */
  complete(): Completion {
    const reason = this.#reason
    const cutShort = reason === 'max_tokens'
    const call = this.#call.toCall(cutShort)
    const kind = FAILED_ENDS[reason ?? '']
    if (kind !== undefined) throw this.#fail(kind)
    const isEmpty = call === undefined && this.#text.trim() === ''
    if (reason === null || isEmpty || call === 'broken') throw this.#fail('truncated')
    return { text: this.#text, ...(call ? { call } : {}), cutShort, ...(this.#usage ? { usage: this.#usage } : {}) }
  }

  #fail(kind: ProviderErrorKind): ProviderError {
    return new ProviderError(kind, { vendorCode: this.#reason ?? undefined, usage: this.#usage })
  }

  /** A block begins; of several calls the first counts. */
  #begin(index: number, block: unknown): boolean {
    const { type, name, input } = toFields(block)
    if (type !== 'tool_use') return false
    this.#callAt ??= index
    if (index === this.#callAt) this.#call.add(name, input)
    this.#onText('')
    return true
  }

  #grow(index: number, input: string): void {
    if (index === this.#callAt) this.#call.add(undefined, input)
    if (this.#call.isTooLong) throw this.#fail('truncated')
    this.#onText('')
  }

  #add(text: string): void {
    if (text === '') return
    this.#text += text
    this.#onText(text)
  }

  #count(usage: unknown): void {
    const { input_tokens: input, output_tokens: output } = toFields(usage)
    const inputTokens = toCount(input) ?? this.#usage?.inputTokens
    const outputTokens = toCount(output) ?? this.#usage?.outputTokens
    if (inputTokens !== undefined && outputTokens !== undefined) this.#usage = { inputTokens, outputTokens }
  }
}
