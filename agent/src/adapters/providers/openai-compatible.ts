import OpenAI, { APIConnectionError, APIConnectionTimeoutError, APIError } from 'openai'
import { ProviderError } from '../../core/failures.ts'
import type { Clock, Completion, CompletionOptions, Prompt, Provider } from '../../core/ports.ts'
import { renderTurn } from '../../core/prompt.ts'
import { toOpenAiBase } from './base-url.ts'
import type { ProviderSettings } from './catalog.ts'
import { PATIENCE_BOUNDS, Patience, type PatienceBounds } from './patience.ts'
import { toProviderError } from './vendor-error.ts'

/** What servers that ask for no key get in place of one: the SDK insists on something. */
const NO_KEY = 'none'

type Params = OpenAI.Chat.ChatCompletionCreateParamsStreaming

/**
 * Any server that speaks OpenAI's chat completions. The SDK's own retries are off, since the failover has its own, and
 * so is all that it would read from the environment.
 */
export class OpenAiCompatible implements Provider {
  readonly name: string
  readonly model: string
  readonly #client: OpenAI
  readonly #settings: ProviderSettings
  readonly #clock: Clock
  readonly #patience: PatienceBounds

  constructor(settings: ProviderSettings, clock: Clock, patience: PatienceBounds = PATIENCE_BOUNDS) {
    this.name = settings.row.name
    this.model = settings.model
    this.#settings = settings
    this.#clock = clock
    this.#patience = patience
    this.#client = new OpenAI({
      apiKey: settings.apiKey ?? NO_KEY,
      baseURL: toOpenAiBase(settings.baseUrl),
      maxRetries: 0,
      adminAPIKey: null,
      organization: null,
      project: null,
      webhookSecret: null,
      logLevel: 'off',
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
    const stream = await this.#client.chat.completions.create(this.#toParams(prompt), { signal: patience.signal })
    let text = ''
    let finish: string | undefined
    let usage: Completion['usage']
    for await (const chunk of stream) {
      patience.heard()
      const choice = chunk.choices?.[0]
      if (choice?.delta?.refusal) throw new ProviderError('policy')
      const piece = choice?.delta?.content ?? ''
      if (piece !== '') {
        text += piece
        options.onText(piece)
      }
      finish = choice?.finish_reason ?? finish
      if (chunk.usage) {
        usage = { inputTokens: chunk.usage.prompt_tokens, outputTokens: chunk.usage.completion_tokens }
      }
    }
    // the SDK ends the loop quietly when the request was aborted
    const ended = patience.findError()
    if (ended) throw ended
    if (finish === 'content_filter') throw new ProviderError('policy')
    if (finish === undefined || text.trim() === '') throw new ProviderError('truncated', { vendorCode: finish })
    return { text, cutShort: finish === 'length', ...(usage ? { usage } : {}) }
  }

  #toParams(prompt: Prompt): Params {
    const { tokensMax, row } = this.#settings
    return {
      model: this.model,
      messages: [
        { role: 'system', content: prompt.system },
        ...prompt.turns.map((turn) => ({ role: turn.role, content: renderTurn(turn) })),
      ],
      stream: true,
      stream_options: { include_usage: true },
      ...(tokensMax === undefined ? {} : { [row.tokenLimitName]: tokensMax }),
    }
  }

  #toError(error: unknown): ProviderError {
    if (error instanceof ProviderError) return error
    if (error instanceof APIConnectionTimeoutError) return new ProviderError('timeout', { cause: error })
    if (error instanceof APIConnectionError) return new ProviderError('network', { cause: error })
    if (error instanceof APIError) {
      const { status, code, type, message, headers } = error
      return toProviderError({ status, code, type, message, headers, cause: error }, this.#clock.now())
    }
    // a socket that breaks inside a stream, or a piece of it that is no JSON
    return new ProviderError(error instanceof SyntaxError ? 'truncated' : 'network', { cause: error })
  }
}
