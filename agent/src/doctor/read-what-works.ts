import type { Environment } from '@ai-comms/shared'
import { PROVIDER_NAMES, type ProviderName, type ProviderSettings } from '../adapters/providers/catalog.ts'
import { type Config, type ConfigResult, readConfig } from '../config.ts'
import { readProviders } from '../provider-config.ts'

/** What can be looked at, whatever mistakes there are. */
export interface Readable {
  readonly read: ConfigResult
  /** Those that the agent tells at its start, and those that it would tell once these are gone. */
  readonly mistakes: readonly string[]
  readonly warnings: readonly string[]
  /** With defaults in the place of what is wrong; undefined when even that cannot be. */
  readonly config: Config | undefined
  /** Variables that are wrong or missing, whose defaults say nothing. */
  readonly broken: ReadonlySet<string>
  /** Providers that can be asked; undefined when nobody is chosen. */
  readonly chain: readonly ProviderSettings[] | undefined
}

/** Stands for a hub URL that is missing, so that the rest can be read; it is never dialed. */
const NO_HUB = 'http://localhost'

const CHOOSERS = ['AI_PROVIDER', 'AI_FALLBACK_PROVIDERS']

/** The variables that a sentence about them begins with, such as `A is missing` or `A or B is missing`. */
export const readLeadingNames = (sentence: string): string[] =>
  /^[A-Z][A-Z0-9_]+(?: or [A-Z][A-Z0-9_]+)*/.exec(sentence)?.[0].split(' or ') ?? []

const isProviderName = (word: string): word is ProviderName => PROVIDER_NAMES.some((name) => name === word)

const readChosen = (env: Environment): ProviderName[] =>
  CHOOSERS.flatMap((name) => (env[name] ?? '').split(','))
    .map((word) => word.trim().toLowerCase())
    .filter(isProviderName)

/** Who of a chain can be asked: each is read by itself, so that one without a key does not hide the others. */
const readEach = (env: Environment, rest: Environment) => {
  const read = (primary: ProviderName | undefined) => readProviders(rest, primary, [])
  const chosen = [...new Set(readChosen(env))].map((name) => read(name))
  // without a choice it is the keys that choose; a choice that is misspelt is one all the same
  const all = env['AI_PROVIDER']?.trim() ? chosen : [read(undefined), ...chosen]
  const chain = all.flatMap((each) => (each.ok ? (each.chain ?? []) : []))
  const isChosen = CHOOSERS.some((name) => env[name]?.trim())
  return {
    chain: chain.length === 0 && !isChosen ? undefined : chain,
    mistakes: all.flatMap((each) => (each.ok ? [] : each.mistakes)),
  }
}

const readRest = (env: Environment, read: Extract<ConfigResult, { ok: false }>): Readable => {
  const broken = new Set(read.mistakes.flatMap(readLeadingNames))
  const left = Object.entries(env).filter(([name]) => !broken.has(name) && !CHOOSERS.includes(name))
  const rest: Environment = Object.fromEntries(left)
  // a channel whose account is missing is none
  const isWithoutAccount = [...broken].some((name) => name.startsWith('WHATSAPP_CLOUD_'))
  const again = readConfig({
    ...rest,
    AGENT_HUB_URL: rest['AGENT_HUB_URL'] ?? NO_HUB,
    ...(isWithoutAccount ? { PLATFORM: 'none' } : {}),
  })
  const { chain, mistakes } = readEach(env, rest)
  // what was taken out counts as missing now, which is not its mistake
  const isNew = (text: string) => !readLeadingNames(text).some((name) => broken.has(name))
  return {
    read,
    mistakes: [...new Set([...read.mistakes, ...mistakes.filter(isNew)])],
    warnings: [...new Set([...read.warnings, ...again.warnings.filter(isNew)])],
    config: again.ok ? again.config : undefined,
    broken,
    chain,
  }
}

/** Reads the configuration; where there are mistakes, what is left of it without them. */
export const readWhatWorks = (env: Environment): Readable => {
  const read = readConfig(env)
  if (!read.ok) return readRest(env, read)
  const { config, warnings } = read
  return { read, mistakes: [], warnings, config, broken: new Set(), chain: config.chain }
}
