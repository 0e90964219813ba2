import OpenAI, { APIConnectionError, APIConnectionTimeoutError, APIError } from 'openai'
import type { Clock, Completion, CompletionOptions, Prompt, Provider, Tool } from '../../core/ports.ts'
import { renderTurns } from '../../core/render-turns.ts'
import { askVendor, SDK_TIMEOUT_MS } from './ask-vendor.ts'
import { toOpenAiBase } from './base-url.ts'
import type { ProviderSettings } from './catalog.ts'
import { makeDelimiter } from './delimiter.ts'
import { toKeyId } from './key-id.ts'
import { ToolOffer } from './offer-tools.ts'
import { OpenAiAnswer } from './openai-answer.ts'
import type { SdkErrors } from './sdk-error.ts'
import { toEffort } from './thinking.ts'

/** What servers that ask for no key get in place of one: the SDK insists on something. */
const NO_KEY = 'none'

const ERRORS: SdkErrors = { timeout: APIConnectionTimeoutError, connection: APIConnectionError, api: APIError }

type Params = OpenAI.Chat.ChatCompletionCreateParamsStreaming

const toFunction = ({ name, description, parameters }: Tool): OpenAI.Chat.ChatCompletionFunctionTool => ({
  type: 'function',
  function: { name, description, parameters },
})

/**
 * Any server that speaks OpenAI's chat completions. The SDK's own retries are off, since the failover has its own, and
 * so is all that it would read from the environment.
 */
export class OpenAiCompatible implements Provider {
  readonly name: string
  readonly model: string
  readonly keyId?: string
  readonly #client: OpenAI
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
    this.#client = new OpenAI({
      apiKey: settings.apiKey ?? NO_KEY,
      baseURL: toOpenAiBase(settings.baseUrl),
      maxRetries: 0,
      timeout: SDK_TIMEOUT_MS,
      adminAPIKey: null,
      organization: null,
      project: null,
      webhookSecret: null,
      logLevel: 'off',
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
      answer: new OpenAiAnswer(options.onText),
      send: (signal) => this.#client.chat.completions.create(this.#toParams(prompt), { signal }).withResponse(),
    })
  }

  #toParams({ system, turns, tools }: Prompt): Params {
    const { row, thinking, tokensMax = row.tokensMax } = this.#settings
    return {
      model: this.model,
      messages: [{ role: 'system', content: system }, ...renderTurns(turns, makeDelimiter())],
      stream: true,
      ...(tools === undefined ? {} : { tools: tools.map(toFunction) }),
      ...(row.takesStreamOptions ? { stream_options: { include_usage: true } } : {}),
      ...(tokensMax === undefined ? {} : { [row.tokenLimitName]: tokensMax }),
      ...(thinking === undefined ? {} : { reasoning_effort: toEffort(thinking) }),
    }
  }
}
