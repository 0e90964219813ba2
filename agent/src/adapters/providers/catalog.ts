/** One provider: what it is called, how it is spoken to, and what holds unless the environment says otherwise. */
export interface ProviderRow {
  readonly name: string
  /** First part of its variables: `<PREFIX>_API_KEY`, `_MODEL`, `_BASE_URL`, `_MAX_TOKENS`. */
  readonly prefix: string
  readonly dialect: 'openai' | 'anthropic' | 'echo'
  readonly needsKey: boolean
  readonly model: string
  readonly baseUrl: string
  /** How an OpenAI-compatible server calls the bound of an answer; the vendor's own name is newer than most servers. */
  readonly tokenLimitName: 'max_completion_tokens' | 'max_tokens'
}

/** Every provider, one row each: an OpenAI-compatible one is a row and nothing else. */
export const CATALOG = [
  {
    name: 'openai',
    prefix: 'OPENAI',
    dialect: 'openai',
    needsKey: true,
    model: 'gpt-5.4-mini',
    baseUrl: 'https://api.openai.com/v1',
    tokenLimitName: 'max_completion_tokens',
  },
  {
    name: 'anthropic',
    prefix: 'ANTHROPIC',
    dialect: 'anthropic',
    needsKey: true,
    model: 'claude-sonnet-5-5',
    baseUrl: 'https://api.anthropic.com',
    tokenLimitName: 'max_tokens',
  },
  {
    name: 'ollama',
    prefix: 'OLLAMA',
    dialect: 'openai',
    needsKey: false,
    model: 'llama3.2',
    baseUrl: 'http://localhost:11434/v1',
    tokenLimitName: 'max_tokens',
  },
  {
    name: 'echo',
    prefix: 'ECHO',
    dialect: 'echo',
    needsKey: false,
    model: 'echo',
    baseUrl: '',
    tokenLimitName: 'max_tokens',
  },
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

/** A provider as it is to be asked: its row, with the environment's word over it. */
export interface ProviderSettings {
  readonly row: ProviderRow
  readonly model: string
  readonly baseUrl: string
  readonly apiKey?: string
  /** Bound of an answer in tokens; the vendor's own where it is absent. */
  readonly tokensMax?: number
}
