import { type Environment, findUnreadFiles, LIMITS, readEnv, wholeNumber } from '@ai-comms/shared'
import { z } from 'zod'
import {
  CATALOG,
  EFFORTS,
  type Effort,
  findRow,
  type ProviderName,
  type ProviderRow,
  type ProviderSettings,
  THINKING_TOKENS_MIN,
} from './adapters/providers/catalog.ts'
import { COMMAND_VARIABLES, readCommand } from './command-config.ts'

/** Largest bound of an answer, and of the thoughts before it, that may be set, in tokens. */
const TOKENS_MAX = 1_000_000

const baseUrl = z.string().refine(
  (text) => {
    const url = URL.parse(text)
    return (url?.protocol === 'http:' || url?.protocol === 'https:') && url.username === '' && url.password === ''
  },
  { error: 'must be an http or https URL without user and password' },
)

const THINKING_ERROR = `must be a whole number of tokens from ${THINKING_TOKENS_MIN} to ${TOKENS_MAX}, or one of ${EFFORTS.join(', ')}`

const isEffort = (text: string): text is Effort => EFFORTS.some((effort) => effort === text)

const thinking = z
  .string()
  .toLowerCase()
  .transform((text): number | Effort => (isEffort(text) ? text : /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN))
  .refine((value) => typeof value === 'string' || (value >= THINKING_TOKENS_MIN && value <= TOKENS_MAX), {
    error: THINKING_ERROR,
  })

/** The variables of one provider, each after its prefix; the key has names of its own. */
const schema = z.object({
  KEY: z.string().max(8_192, { error: 'must be at most 8192 characters' }).optional(),
  MODEL: z
    .string()
    .max(LIMITS.ID_CHARS_MAX, { error: `must be at most ${LIMITS.ID_CHARS_MAX} characters` })
    .optional(),
  BASE_URL: baseUrl.optional(),
  MAX_TOKENS: wholeNumber(1, TOKENS_MAX).optional(),
  THINKING_BUDGET: thinking.optional(),
})

const COMMON = ['MODEL', 'BASE_URL', 'MAX_TOKENS'] as const
const rows: readonly ProviderRow[] = CATALOG.filter((row) => row.dialect === 'openai' || row.dialect === 'anthropic')

const nameVariables = ({ prefix, keys, takesThinking }: ProviderRow): string[] => [
  ...keys.slice(0, 1),
  ...COMMON.map((member) => `${prefix}_${member}`),
  ...(takesThinking === true ? [`${prefix}_THINKING_BUDGET`] : []),
]

/** Every variable of every provider, without the second names that some are understood by. */
export const PROVIDER_VARIABLES: readonly string[] = [...rows.flatMap(nameVariables), ...COMMAND_VARIABLES]

/** The keys of all providers, by every name that they are understood by. */
export const PROVIDER_KEY_VARIABLES: readonly string[] = rows.flatMap(({ keys }) => keys)

/** What came of reading the providers' variables. */
export type ProvidersResult =
  | {
      readonly ok: true
      /** Whom to ask, in order; undefined when nothing is chosen and no key is there. */
      readonly chain: readonly ProviderSettings[] | undefined
      /** The model server that may run on this machine. */
      readonly local: ProviderSettings
    }
  | { readonly ok: false; readonly mistakes: readonly string[] }

interface RowResult {
  readonly row: ProviderRow
  readonly mistakes: readonly string[]
  readonly settings?: ProviderSettings
  /** It has a key that is not another provider's. */
  readonly hasOwnKey: boolean
}

/** The first of some variables that is not blank; its name, too, for what is wrong with it. */
const findSet = (env: Environment, names: readonly string[]): { readonly name: string; readonly value?: string } => {
  const name = names.find((each) => env[each]?.trim())
  const value = name === undefined ? undefined : env[name]?.trim()
  return { name: name ?? names[0] ?? '', ...(value === undefined ? {} : { value }) }
}

const findVariables = (row: ProviderRow, env: Environment) => {
  const prefixes = [row.prefix, ...(row.alsoPrefix === undefined ? [] : [row.alsoPrefix])]
  const find = (member: string) =>
    findSet(
      env,
      prefixes.map((prefix) => `${prefix}_${member}`),
    )
  const own = findSet(env, row.keys)
  const inherited =
    own.value === undefined && row.inherits !== undefined ? findSet(env, [`${row.inherits}_API_KEY`]) : undefined
  const ownUrl = find('BASE_URL')
  // a key goes where its owner's keys go: a gateway's key is not to be shown to the vendor
  const url =
    ownUrl.value === undefined && inherited?.value !== undefined ? findSet(env, [`${row.inherits}_BASE_URL`]) : ownUrl
  return {
    hasOwnKey: own.value !== undefined,
    found: {
      KEY: own.value === undefined ? (inherited ?? own) : own,
      MODEL: find('MODEL'),
      BASE_URL: url,
      MAX_TOKENS: find('MAX_TOKENS'),
      THINKING_BUDGET: row.takesThinking === true ? find('THINKING_BUDGET') : { name: '' },
    },
  }
}

const readRow = (row: ProviderRow, env: Environment): RowResult => {
  const { hasOwnKey, found } = findVariables(row, env)
  const read = readEnv(schema, Object.fromEntries(Object.entries(found).map(([key, { value }]) => [key, value])))
  if (!read.ok) {
    const names = new Map<string, string>(Object.entries(found).map(([key, { name }]) => [key, name]))
    const mistakes = read.mistakes.map((mistake) => mistake.replace(/^\w+/, (key) => names.get(key) ?? key))
    return { row, hasOwnKey, mistakes }
  }
  const { KEY: apiKey, MODEL: model = row.model, BASE_URL: base = row.baseUrl, MAX_TOKENS: tokensMax } = read.values
  const { THINKING_BUDGET: budget } = read.values
  const bound = tokensMax ?? row.tokensMax
  const settings: ProviderSettings = {
    row,
    model: row.modelAliases?.[model] ?? model,
    baseUrl: base,
    ...(apiKey === undefined ? {} : { apiKey }),
    ...(tokensMax === undefined ? {} : { tokensMax }),
    ...(budget === undefined ? {} : { thinking: budget }),
  }
  const mistakes =
    typeof budget === 'number' && bound !== undefined && budget >= bound
      ? [`${row.prefix}_THINKING_BUDGET must be below ${row.prefix}_MAX_TOKENS, which is ${bound}: it is a part of it`]
      : []
  return { row, hasOwnKey, mistakes, settings }
}

const readCommandRow = (row: ProviderRow, env: Environment): RowResult => {
  const { command, mistakes } = readCommand(env)
  const settings = { row, model: row.model, baseUrl: row.baseUrl, ...(command === undefined ? {} : { command }) }
  // what is wrong is not missing, too
  return { row, hasOwnKey: false, mistakes, ...(mistakes.length > 0 ? {} : { settings }) }
}

/** What a provider that is to be asked cannot be asked without. */
const findMissing = (name: ProviderName, settings: ProviderSettings | undefined): string[] => {
  const row = findRow(name)
  if (row.dialect === 'command' && settings !== undefined && settings.command === undefined) {
    return ['COMMAND_ARGV is missing: command is to be asked and needs a program, such as ["my-agent", "--print"]']
  }
  if (!row.needsKey || settings === undefined || settings.apiKey !== undefined) return []
  const names = [...row.keys.slice(0, 1), ...(row.inherits === undefined ? [] : [`${row.inherits}_API_KEY`])]
  return [`${names.join(' or ')} is missing: ${name} is to be asked and needs a key`]
}

/**
 * Reads who is to be asked: `AI_PROVIDER`, else whoever has a key of its own, then the fallbacks, nobody twice.
 *
 * @param primary the environment's choice, if it made one
 */
export const readProviders = (
  env: Environment,
  primary: ProviderName | undefined,
  fallbacks: readonly ProviderName[],
): ProvidersResult => {
  const read = new Map<ProviderName, RowResult>(
    CATALOG.map(({ name }) => {
      const row = findRow(name)
      return [name, row.dialect === 'command' ? readCommandRow(row, env) : readRow(row, env)]
    }),
  )
  const keyed = PREFERRED.find((name) => read.get(name)?.hasOwnKey)
  const first = primary ?? keyed
  const names = [...new Set([...(first === undefined ? [] : [first]), ...fallbacks])]
  const mistakes = new Set([
    ...findUnreadFiles(env, PROVIDER_KEY_VARIABLES),
    ...[...read.values()].flatMap((each) => each.mistakes),
    ...names.flatMap((name) => findMissing(name, read.get(name)?.settings)),
  ])
  const chain = names.map((name) => read.get(name)?.settings).filter((settings) => settings !== undefined)
  const local = read.get('ollama')?.settings
  if (mistakes.size > 0 || local === undefined) return { ok: false, mistakes: [...mistakes] }
  return { ok: true, chain: chain.length === 0 ? undefined : chain, local }
}

/** Whom a key alone chooses, in the order of the catalog; a gateway on this machine is chosen by its name only. */
const PREFERRED: readonly ProviderName[] = CATALOG.filter((row) => row.needsKey).map((row) => row.name)
