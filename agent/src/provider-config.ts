import { type Environment, LIMITS, readEnv, wholeNumber } from '@ai-comms/shared'
import { z } from 'zod'
import {
  CATALOG,
  findRow,
  type ProviderName,
  type ProviderRow,
  type ProviderSettings,
} from './adapters/providers/catalog.ts'

/** Largest bound of an answer that may be set, in tokens. */
const TOKENS_MAX = 1_000_000

const baseUrl = z.string().refine(
  (text) => {
    const url = URL.parse(text)
    return (url?.protocol === 'http:' || url?.protocol === 'https:') && url.username === '' && url.password === ''
  },
  { error: 'must be an http or https URL without user and password' },
)

/** The variables of one provider, each after its prefix. */
const schema = z.object({
  API_KEY: z.string().max(8_192, { error: 'must be at most 8192 characters' }).optional(),
  MODEL: z
    .string()
    .max(LIMITS.ID_CHARS_MAX, { error: `must be at most ${LIMITS.ID_CHARS_MAX} characters` })
    .optional(),
  BASE_URL: baseUrl.optional(),
  MAX_TOKENS: wholeNumber(1, TOKENS_MAX).optional(),
})

const MEMBERS = Object.keys(schema.shape)
const rows: readonly ProviderRow[] = CATALOG.filter((row) => row.dialect !== 'echo')
const nameVariables = ({ prefix, needsKey }: ProviderRow): string[] =>
  MEMBERS.filter((member) => needsKey || member !== 'API_KEY').map((member) => `${prefix}_${member}`)

/** Every variable of every provider. */
export const PROVIDER_VARIABLES: readonly string[] = rows.flatMap(nameVariables)

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

const readRow = (row: ProviderRow, env: Environment) => {
  const own = Object.fromEntries(MEMBERS.map((member) => [member, env[`${row.prefix}_${member}`]]))
  const read = readEnv(schema, own)
  if (!read.ok) return { mistakes: read.mistakes.map((mistake) => `${row.prefix}_${mistake}`), settings: undefined }
  const { API_KEY: apiKey, MODEL: model = row.model, BASE_URL: base = row.baseUrl, MAX_TOKENS: tokensMax } = read.values
  const settings: ProviderSettings = {
    row,
    model,
    baseUrl: base,
    ...(apiKey === undefined ? {} : { apiKey }),
    ...(tokensMax === undefined ? {} : { tokensMax }),
  }
  return { mistakes: [], settings }
}

/**
 * Reads who is to be asked: `AI_PROVIDER`, else whoever has a key, then the fallbacks, nobody twice.
 *
 * @param primary the environment's choice, if it made one
 */
export const readProviders = (
  env: Environment,
  primary: ProviderName | undefined,
  fallbacks: readonly ProviderName[],
): ProvidersResult => {
  const read = new Map(CATALOG.map((row) => [row.name as ProviderName, readRow(row, env)]))
  const keyed = CATALOG.find((row) => row.needsKey && read.get(row.name)?.settings?.apiKey !== undefined)?.name
  const first = primary ?? keyed
  const names = [...new Set([...(first === undefined ? [] : [first]), ...fallbacks])]
  const missing = names.filter((name) => {
    const settings = read.get(name)?.settings
    return settings?.row.needsKey === true && settings.apiKey === undefined
  })
  const mistakes = [
    ...[...read.values()].flatMap((each) => each.mistakes),
    ...missing.map((name) => `${findRow(name).prefix}_API_KEY is missing: ${name} is to be asked and needs a key`),
  ]
  const chain = names.map((name) => read.get(name)?.settings).filter((settings) => settings !== undefined)
  const local = read.get('ollama')?.settings
  if (mistakes.length > 0 || local === undefined) return { ok: false, mistakes }
  return { ok: true, chain: chain.length === 0 ? undefined : chain, local }
}
