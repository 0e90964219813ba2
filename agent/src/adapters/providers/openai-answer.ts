import type { Usage } from '../../core/events.ts'
import { ProviderError } from '../../core/failures.ts'
import type { Completion } from '../../core/ports.ts'
import { type Fields, toFields, toText } from './answer-fields.ts'
import type { VendorAnswer } from './ask-vendor.ts'
import { OpenAiCall } from './openai-call.ts'

/** Where vendors put what a model thinks before it answers. */
const THOUGHTS = ['reasoning_content', 'reasoning', 'reasoning_details'] as const

const hasThoughts = (delta: Fields): boolean =>
  THOUGHTS.some((key) => toText(delta[key]) !== '' || (Array.isArray(delta[key]) && delta[key].length > 0)) ||
  (Array.isArray(delta['content']) && delta['content'].length > 0)

const toUsage = (value: unknown): Usage | undefined => {
  const { prompt_tokens: input, completion_tokens: output } = toFields(value)
  return typeof input === 'number' && typeof output === 'number'
    ? { inputTokens: input, outputTokens: output }
    : undefined
}

/** Thoughts that open models write into their answer; an answer of nothing else is none. */
const THOUGHT_BLOCK = /<think>[\s\S]*?(?:<\/think>|$)/g

/** Ends that are failures of the server, though it says 200: OpenRouter's and DeepSeek's. */
const FAILED_ENDS: ReadonlySet<string> = new Set(['error', 'insufficient_system_resource'])

/** Puts an answer together from the pieces of a stream, or from one whole. */
export class OpenAiAnswer implements VendorAnswer<unknown> {
  readonly #onText: (text: string) => void
  readonly #call = new OpenAiCall()
  #text = ''
  #finish: string | undefined
  #usage: Usage | undefined

  constructor(onText: (text: string) => void) {
    this.#onText = onText
  }

  /** What the attempt has cost, as far as it is known. */
  get usage(): Usage | undefined {
    return this.#usage
  }

  /**
   * Takes a chunk of a stream. Tells whether it held a token, of the answer, of a call or of thoughts.
   * @throws {ProviderError} `policy` when the model refuses, `truncated` when it calls without an end
   */
  take(chunk: unknown): boolean {
    const { choices, usage, x_groq: groq } = toFields(chunk)
    this.#usage = toUsage(usage) ?? toUsage(toFields(groq)['usage']) ?? this.#usage
    const choice = toFields(Array.isArray(choices) ? choices[0] : undefined)
    const delta = toFields(choice['delta'] ?? choice['message'])
    const { finish_reason: finish } = choice
    if (typeof finish === 'string' && finish !== '') this.#finish = finish
    if (typeof delta['refusal'] === 'string' && delta['refusal'] !== '') throw this.#fail('policy')
    const piece = toText(delta['content'])
    const isCalling = this.#call.take(delta['tool_calls'])
    if (this.#call.isTooLong) throw this.#fail('truncated')
    this.#text += piece
    if (piece !== '' || isCalling) this.#onText(piece)
    return piece !== '' || isCalling || hasThoughts(delta)
  }

  /**
   * Takes the completion of a server that does not stream: it has the shape of a chunk.
   * @throws {ProviderError} `policy` when the model refuses, `truncated` when it calls without an end
   */
  takeWhole(completion: unknown): void {
    this.take(completion)
  }

  /** @throws {ProviderError} when it is no whole answer */
  complete(): Completion {
    const finish = this.#finish
    if (finish === 'content_filter') throw this.#fail('policy')
    if (finish !== undefined && FAILED_ENDS.has(finish)) throw this.#fail('overload')
    const cutShort = finish === 'length' || finish === 'model_length'
    const call = this.#call.toCall(cutShort)
    const isEmpty = call === undefined && this.#text.replace(THOUGHT_BLOCK, '').trim() === ''
    if (finish === undefined || isEmpty || call === 'broken') throw this.#fail('truncated')
    return {
      text: this.#text,
      ...(call ? { call } : {}),
      cutShort,
      ...(this.#usage ? { usage: this.#usage } : {}),
    }
  }

  #fail(kind: 'policy' | 'overload' | 'truncated'): ProviderError {
    return new ProviderError(kind, { vendorCode: this.#finish, usage: this.#usage })
  }
}
