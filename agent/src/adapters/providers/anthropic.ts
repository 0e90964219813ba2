import Anthropic, { APIConnectionError, APIConnectionTimeoutError, APIError } from '@anthropic-ai/sdk'
import type { Clock, Completion, CompletionOptions, Prompt, Provider, Tool } from '../../core/ports.ts'
import { renderTurns } from '../../core/render-turns.ts'
import { AnthropicAnswer } from './anthropic-answer.ts'
import { askVendor, SDK_TIMEOUT_MS } from './ask-vendor.ts'
import { toAnthropicBase } from './base-url.ts'
import type { ProviderSettings } from './catalog.ts'
import { makeDelimiter } from './delimiter.ts'
import { toKeyId } from './key-id.ts'
import { ToolOffer } from './offer-tools.ts'
import type { SdkErrors } from './sdk-error.ts'
import { toClaudeThinking } from './thinking.ts'

/** Bound of an answer in tokens where nothing else is set; the vendor insists on one. */
const TOKENS_MAX_DEFAULT = 8_192

const ERRORS: SdkErrors = { timeout: APIConnectionTimeoutError, connection: APIConnectionError, api: APIError }

const toAnthropicTool = ({ name, description, parameters }: Tool): Anthropic.Tool => ({
  name,
  description,
  input_schema: { ...parameters, type: 'object' },
})

/** Anthropic's messages. As with every SDK here, its own retries are off. */
export class AnthropicProvider implements Provider {
  readonly name: string
  readonly model: string
  readonly keyId?: string
  readonly #client: Anthropic
  readonly #settings: ProviderSettings
  readonly #clock: Clock
  readonly #offer: ToolOffer

  constructor(settings: ProviderSettings, clock: Clock) {
    this.name = settings.row.name
    this.model = settings.model
    Object.assign(this, toKeyId(this.name, settings.apiKey))
    this.#settings = settings
    this.#clock = clock
    this.#offer = new ToolOffer(settings.row.takesTools, (prompt, options) => this.#ask(prompt, options))
    this.#client = new Anthropic({
      apiKey: settings.apiKey ?? '',
      baseURL: toAnthropicBase(settings.baseUrl),
      maxRetries: 0,
      timeout: SDK_TIMEOUT_MS,
      webhookKey: null,
      logLevel: 'off',
      openTelemetry: false,
    })
  }

  /** @throws {ProviderError} when there is no whole answer */
  async complete(prompt: Prompt, options: CompletionOptions): Promise<Completion> {
    return this.#offer.complete(prompt, options)
  }

  async #ask(prompt: Prompt, options: CompletionOptions): Promise<Completion> {
    return askVendor({
      settings: this.#settings,
      clock: this.#clock,
      options,
      errors: ERRORS,
      answer: new AnthropicAnswer(options.onText),
      send: (signal) => this.#client.messages.create(this.#toParams(prompt), { signal }).withResponse(),
    })
  }

  #toParams({ system, turns, tools }: Prompt): Anthropic.MessageCreateParamsStreaming {
    const { row, thinking, tokensMax = row.tokensMax ?? TOKENS_MAX_DEFAULT } = this.#settings
    return {
      model: this.model,
      max_tokens: tokensMax,
      system,
      messages: renderTurns(turns, makeDelimiter()),
      stream: true,
      ...(tools === undefined ? {} : { tools: tools.map(toAnthropicTool) }),
      ...(thinking === undefined ? {} : toClaudeThinking(this.model, thinking, tokensMax)),
    }
  }
}
