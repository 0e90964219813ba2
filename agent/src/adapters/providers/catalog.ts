import type { PatienceBounds } from './patience.ts'

/** One provider: what it is called, how it is spoken to, and what holds unless the environment says otherwise. */
export interface ProviderRow {
  readonly name: string
  /** First part of its variables: `<PREFIX>_MODEL`, `_BASE_URL`, `_MAX_TOKENS`. */
  readonly prefix: string
  /** Another first part that is understood as well. */
  readonly alsoPrefix?: string
  readonly dialect: 'openai' | 'anthropic' | 'command' | 'echo'
  /** Variables of its key; the first that is set counts. */
  readonly keys: readonly string[]
  readonly needsKey: boolean
  /** The provider whose key, and with it whose base URL, serves when it has none of its own. */
  readonly inherits?: string
  readonly model: string
  readonly baseUrl: string
  /** Bound of an answer in tokens where none is set; the vendor's own where this is absent, too. */
  readonly tokensMax?: number
  /** How an OpenAI-compatible server calls that bound; the vendor's newer name is refused by some. */
  readonly tokenLimitName: 'max_completion_tokens' | 'max_tokens'
  /** Whether it may be asked to tell its usage at the end of a stream; the others refuse the question or tell it unasked. */
  readonly takesStreamOptions: boolean
  /** Whether tools are told to it in its dialect's own way; where its models or servers differ in that, in writing. */
  readonly takesTools: boolean
  /** Its interface lies at the base URL itself and not below `/v1`. */
  readonly isVersionless?: boolean
  /** It sends no headers before its first token, so that waiting for them is waiting for the model. */
  readonly headersComeLate?: boolean
  /** Whether `<PREFIX>_THINKING_BUDGET` is its. */
  readonly takesThinking?: boolean
  /** Names of models that were written for other clients of it, and what they mean here. */
  readonly modelAliases?: Readonly<Record<string, string>>
}

type Quirks = Partial<Omit<ProviderRow, 'name' | 'dialect' | 'model' | 'baseUrl'>>

const toPrefix = (name: string): string => name.toUpperCase().replaceAll('-', '_')

const openAi = <const Name extends string>(name: Name, model: string, baseUrl: string, quirks: Quirks = {}) => ({
  name,
  prefix: toPrefix(name),
  dialect: 'openai' as const,
  keys: [`${toPrefix(name)}_API_KEY`],
  needsKey: true,
  model,
  baseUrl,
  tokenLimitName: 'max_tokens' as const,
  takesStreamOptions: true,
  takesTools: true,
  ...quirks,
})

const anthropic = <const Name extends string>(name: Name, tokensMax: number, quirks: Quirks = {}) => ({
  ...openAi(name, 'claude-sonnet-5-5', 'https://api.anthropic.com', quirks),
  dialect: 'anthropic' as const,
  tokensMax,
})

const local = <const Name extends string>(name: Name, dialect: 'command' | 'echo') => ({
  ...openAi(name, name, '', { keys: [], needsKey: false, takesTools: false }),
  dialect,
})

const NEWER = { tokenLimitName: 'max_completion_tokens' } as const

/**
 * Every provider, one row each: an OpenAI-compatible one is a row and nothing else. The first with a key of its own is
 * asked when nobody is chosen. Models age; each is overridden by `<PREFIX>_MODEL`.
 *
 * Mistral answers unknown parameters with 422, `stream_options` and `max_completion_tokens` among them
 * (https://github.com/dnakov/anon-kode/issues/53, https://github.com/editor-code-assistant/eca/issues/231), and Cohere
 * refuses `stream_options` (https://strandsagents.com/docs/user-guide/concepts/model-providers/cohere/); Perplexity and
 * both of them tell their usage unasked.
 */
export const CATALOG = [
  openAi('openai', 'gpt-5.4-mini', 'https://api.openai.com/v1', NEWER),
  anthropic('anthropic', 8_192),
  openAi('google', 'gemini-3.8-flash', 'https://generativelanguage.googleapis.com/v1beta/openai', {
    keys: ['GOOGLE_API_KEY', 'GEMINI_API_KEY'],
    isVersionless: true,
  }),
  openAi('mistral', 'mistral-large-latest', 'https://api.mistral.ai/v1', { takesStreamOptions: false }),
  openAi('cohere', 'command-a-03-2025', 'https://api.cohere.ai/compatibility/v1', { takesStreamOptions: false }),
  openAi('groq', 'openai/gpt-oss-120b', 'https://api.groq.com/openai/v1', NEWER),
  openAi('ollama', 'llama3.2', 'http://localhost:11434/v1', {
    keys: [],
    needsKey: false,
    takesTools: false,
    headersComeLate: true,
  }),
  openAi('deepseek', 'deepseek-flash', 'https://api.deepseek.com'),
  openAi('xai', 'grok-4.3', 'https://api.x.ai/v1', NEWER),
  openAi('perplexity', 'sonar-pro', 'https://api.perplexity.ai', {
    takesStreamOptions: false,
    takesTools: false,
    isVersionless: true,
  }),
  openAi('together', 'openai/gpt-oss-120b', 'https://api.together.xyz/v1'),
  openAi('fireworks', 'accounts/fireworks/models/gpt-oss-120b', 'https://api.fireworks.ai/inference/v1'),
  openAi('codex', 'gpt-5.4', 'https://api.openai.com/v1', { ...NEWER, inherits: 'OPENAI', takesThinking: true }),
  openAi('copilot', 'openai/gpt-4.1', 'https://models.github.ai/inference', {
    keys: ['COPILOT_TOKEN'],
    isVersionless: true,
  }),
  anthropic('claude-code', 16_384, { inherits: 'ANTHROPIC', takesThinking: true }),
  anthropic('claude-cowork', 16_384, { inherits: 'ANTHROPIC', takesThinking: true }),
  openAi('nvidia-nim', 'nvidia/nemotron-3-super-120b-a12b', 'https://integrate.api.nvidia.com/v1', {
    alsoPrefix: 'NVIDIA',
    keys: ['NVIDIA_API_KEY', 'NVIDIA_NIM_API_KEY'],
    takesTools: false,
    headersComeLate: true,
  }),
  openAi('openclaw', 'openclaw', 'http://localhost:18789', {
    keys: ['OPENCLAW_AUTH_TOKEN', 'OPENCLAW_GATEWAY_TOKEN'],
    needsKey: false,
    takesTools: false,
    modelAliases: { default: 'openclaw' },
  }),
  local('command', 'command'),
  local('echo', 'echo'),
] as const satisfies readonly ProviderRow[]

/** Name of a provider. */
export type ProviderName = (typeof CATALOG)[number]['name']

/** Every name, in the order of the catalog. */
export const PROVIDER_NAMES = CATALOG.map((row) => row.name)

/** The row of a provider, with its optional members visible. */
export const findRow = (name: ProviderName): ProviderRow => {
  const row = CATALOG.find((each) => each.name === name)
  if (!row) throw new Error(`${name} has no row in the catalog`)
  return row
}

/** How hard a model may think before it answers: words that both dialects know. */
export const EFFORTS = ['low', 'medium', 'high', 'xhigh', 'max'] as const
/** One of these words. */
export type Effort = (typeof EFFORTS)[number]
/** Least budget of thoughts that a Claude takes, and the least that may be set, in tokens. */
export const THINKING_TOKENS_MIN = 1_024

/** A program that answers in place of a vendor. */
export interface Command {
  /** The program and its arguments, never read by a shell. */
  readonly argv: readonly [string, ...string[]]
  /** All that it sees of the environment. */
  readonly environment: Readonly<Record<string, string>>
}

/** A provider as it is to be asked: its row, with the environment's word over it. */
export interface ProviderSettings {
  readonly row: ProviderRow
  readonly model: string
  readonly baseUrl: string
  readonly apiKey?: string
  /** Bound of an answer in tokens; the row's or the vendor's own where it is absent. */
  readonly tokensMax?: number
  /** Thinking before the answer: tokens, or a word. The vendor's own habit where it is absent. */
  readonly thinking?: number | Effort
  readonly command?: Command
  /** How long it may keep us waiting; the usual bounds where it is absent. */
  readonly patience?: PatienceBounds
}
