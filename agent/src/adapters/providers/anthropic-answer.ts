import type Anthropic from '@anthropic-ai/sdk'
import type { ProviderErrorKind, Usage } from '../../core/events.ts'
import { ProviderError } from '../../core/failures.ts'
import type { Completion } from '../../core/ports.ts'
import { toFields, toText } from './answer-fields.ts'
import type { VendorAnswer } from './ask-vendor.ts'

/** Ends that are no answer. */
const FAILED_ENDS: Readonly<Record<string, ProviderErrorKind>> = {
  refusal: 'policy',
  model_context_window_exceeded: 'context',
}

const toCount = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined)

/** Puts an answer together from the events of a stream, or from one whole message. */
export class AnthropicAnswer implements VendorAnswer<Anthropic.RawMessageStreamEvent> {
  readonly #onText: (text: string) => void
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

  /** Takes an event of a stream. Tells whether it held a token, of the answer or of thoughts. */
  take(event: Anthropic.RawMessageStreamEvent): boolean {
    switch (event.type) {
      case 'message_start':
        this.#count(event.message.usage)
        return false
      case 'message_delta':
        this.#reason = event.delta.stop_reason ?? this.#reason
        this.#count(event.usage)
        return false
      case 'content_block_delta':
        if (event.delta.type === 'text_delta') this.#add(event.delta.text)
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
  }

  /** @throws {ProviderError} when it is no whole answer; without a stop reason the stream broke off */
  complete(): Completion {
    const reason = this.#reason
    const kind = FAILED_ENDS[reason ?? ''] ?? (reason === null || this.#text.trim() === '' ? 'truncated' : undefined)
    if (kind !== undefined) throw new ProviderError(kind, { vendorCode: reason ?? undefined, usage: this.#usage })
    return { text: this.#text, cutShort: reason === 'max_tokens', ...(this.#usage ? { usage: this.#usage } : {}) }
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
