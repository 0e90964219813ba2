import Anthropic, { APIConnectionError, APIConnectionTimeoutError, APIError } from '@anthropic-ai/sdk'
import type { Clock, Completion, CompletionOptions, Prompt, Provider } from '../../core/ports.ts'
import { renderTurn } from '../../core/prompt.ts'
import { AnthropicAnswer } from './anthropic-answer.ts'
import { toAnthropicBase } from './base-url.ts'
import type { ProviderSettings } from './catalog.ts'
import { toKeyId } from './key-id.ts'
import { PATIENCE_BOUNDS, Patience } from './patience.ts'
import { readSdkError, type SdkErrors } from './sdk-error.ts'
import { toClaudeThinking } from './thinking.ts'
import { toProviderError } from './vendor-error.ts'
import { isErrorBody, readWhole } from './whole-answer.ts'

/** Bound of an answer in tokens where nothing else is set; the vendor insists on one. */
const TOKENS_MAX_DEFAULT = 8_192

/** Longest time that the SDK takes, in milliseconds: ours are the bounds that count. */
const SDK_TIMEOUT_MS = 2_147_483_647

const ERRORS: SdkErrors = { timeout: APIConnectionTimeoutError, connection: APIConnectionError, api: APIError }

/** Anthropic's messages. As with every SDK here, its own retries are off. */
export class AnthropicProvider implements Provider {
  readonly name: string
  readonly model: string
  readonly keyId?: string
  readonly #client: Anthropic
  readonly #settings: ProviderSettings
  readonly #clock: Clock

  constructor(settings: ProviderSettings, clock: Clock) {
    this.name = settings.row.name
    this.model = settings.model
    Object.assign(this, toKeyId(this.name, settings.apiKey))
    this.#settings = settings
    this.#clock = clock
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
    const { row, patience: bounds = PATIENCE_BOUNDS } = this.#settings
    const patience = new Patience(options, this.#clock, bounds, row.headersComeLate !== true)
    const answer = new AnthropicAnswer(options.onText)
    try {
      await this.#read(prompt, answer, patience)
      // the SDK ends the stream quietly when the request was aborted
      const ended = patience.findError()
      if (ended) throw ended
      return answer.complete()
    } catch (error) {
      throw patience.findError() ?? readSdkError(error, ERRORS, this.#clock.now(), answer.usage)
    } finally {
      patience.end()
    }
  }

  async #read(prompt: Prompt, answer: AnthropicAnswer, patience: Patience): Promise<void> {
    const asked = this.#client.messages.create(this.#toParams(prompt), { signal: patience.signal })
    const { data: stream, response } = await asked.withResponse()
    patience.connected()
    const whole = await readWhole(response)
    if (whole !== undefined) {
      const { status, headers } = response
      if (isErrorBody(whole)) throw toProviderError({ status, headers, body: whole }, this.#clock.now())
      answer.takeWhole(whole)
      return
    }
    for await (const event of stream) {
      if (answer.take(event)) patience.heard()
    }
  }

  #toParams(prompt: Prompt): Anthropic.MessageCreateParamsStreaming {
    const { row, thinking, tokensMax = row.tokensMax ?? TOKENS_MAX_DEFAULT } = this.#settings
    return {
      model: this.model,
      max_tokens: tokensMax,
      system: prompt.system,
      messages: prompt.turns.map((turn) => ({ role: turn.role, content: renderTurn(turn) })),
      stream: true,
      ...(thinking === undefined ? {} : toClaudeThinking(this.model, thinking, tokensMax)),
    }
  }
}
