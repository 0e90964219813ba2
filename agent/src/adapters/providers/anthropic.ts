import Anthropic, { APIConnectionError, APIConnectionTimeoutError, APIError } from '@anthropic-ai/sdk'
import { ProviderError } from '../../core/failures.ts'
import type { Clock, Completion, CompletionOptions, Prompt, Provider } from '../../core/ports.ts'
import { renderTurn } from '../../core/prompt.ts'
import { toAnthropicBase } from './base-url.ts'
import type { ProviderSettings } from './catalog.ts'
import { PATIENCE_BOUNDS, Patience, type PatienceBounds } from './patience.ts'
import { toProviderError } from './vendor-error.ts'

/** Bound of an answer in tokens where nothing else is set; the vendor insists on one. */
const TOKENS_MAX_DEFAULT = 8_192

/** Anthropic's messages. As with every SDK here, its own retries are off. */
export class AnthropicProvider implements Provider {
  readonly name: string
  readonly model: string
  readonly #client: Anthropic
  readonly #settings: ProviderSettings
  readonly #clock: Clock
  readonly #patience: PatienceBounds

  constructor(settings: ProviderSettings, clock: Clock, patience: PatienceBounds = PATIENCE_BOUNDS) {
    this.name = settings.row.name
    this.model = settings.model
    this.#settings = settings
    this.#clock = clock
    this.#patience = patience
    this.#client = new Anthropic({
      apiKey: settings.apiKey ?? '',
      baseURL: toAnthropicBase(settings.baseUrl),
      maxRetries: 0,
      webhookKey: null,
      logLevel: 'off',
      openTelemetry: false,
    })
  }

  /** @throws {ProviderError} when there is no whole answer */
  async complete(prompt: Prompt, options: CompletionOptions): Promise<Completion> {
    const patience = new Patience(options, this.#clock, this.#patience)
    try {
      return await this.#read(prompt, options, patience)
    } catch (error) {
      throw patience.findError(error) ?? this.#toError(error)
    } finally {
      patience.end()
    }
  }

  async #read(prompt: Prompt, options: CompletionOptions, patience: Patience): Promise<Completion> {
    const stream = this.#client.messages.stream(
      {
        model: this.model,
        max_tokens: this.#settings.tokensMax ?? TOKENS_MAX_DEFAULT,
        system: prompt.system,
        messages: prompt.turns.map((turn) => ({ role: turn.role, content: renderTurn(turn) })),
      },
      { signal: patience.signal },
    )
    stream.on('streamEvent', () => patience.heard())
    stream.on('text', (piece) => options.onText(piece))
    const message = await stream.finalMessage()
    const text = message.content.map((block) => (block.type === 'text' ? block.text : '')).join('')
    const reason = message.stop_reason
    if (reason === 'refusal') throw new ProviderError('policy', { vendorCode: reason })
    if (reason === 'model_context_window_exceeded') throw new ProviderError('context', { vendorCode: reason })
    // without a stop reason the stream broke off, though the SDK takes what there is for a message
    if (reason === null || text.trim() === '') throw new ProviderError('truncated', { vendorCode: reason ?? undefined })
    const usage = { inputTokens: message.usage.input_tokens, outputTokens: message.usage.output_tokens }
    return { text, cutShort: reason === 'max_tokens', usage }
  }

  #toError(error: unknown): ProviderError {
    if (error instanceof ProviderError) return error
    if (error instanceof APIConnectionTimeoutError) return new ProviderError('timeout', { cause: error })
    if (error instanceof APIConnectionError) return new ProviderError('network', { cause: error })
    if (error instanceof APIError) {
      const { status, errorCode: code, type, apiMessage, headers } = error
      return toProviderError(
        { status, code, type, message: apiMessage ?? undefined, headers, cause: error },
        this.#clock.now(),
      )
    }
    // the stream ended before its message did, or its socket broke
    return new ProviderError('truncated', { cause: error })
  }
}
