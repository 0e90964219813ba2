import {
  commaList,
  type Environment,
  HUB_VARIABLES,
  isAgentName,
  LIMITS,
  oneOf,
  readEnv,
  wholeNumber,
} from '@ai-comms/shared'
import { z } from 'zod'
import { type AccessValues, accessVariables, toAdmissionRules, warnAboutAccess } from './access-config.ts'
import { isInTheClear, readHubUrl } from './adapters/hub/hub-url.ts'
import { PROVIDER_NAMES, type ProviderName, type ProviderSettings } from './adapters/providers/catalog.ts'
import { type ChannelSettings, channelVariables, findChannelMistakes, toChannelSettings } from './channel-config.ts'
import { listCloudSecrets } from './cloud-config.ts'
import type { AdmissionRules } from './core/admission.ts'
import type { Identity } from './core/prompt.ts'
import type { Prices } from './core/usage.ts'
import { findPeerMistakes, type PeerSettings, peerVariables, toPeerSettings, warnAboutPeers } from './peer-config.ts'
import { prices } from './price-config.ts'
import { PROVIDER_VARIABLES, type ProvidersResult, readProviders } from './provider-config.ts'

import { findWhatsAppMistakes, warnAboutWhatsApp } from './whatsapp-config.ts'

export { readEnvironment } from './read-environment.ts'

/** Levels of the log. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const
/** Level of the log. */
export type LogLevel = (typeof LOG_LEVELS)[number]

/** All that the environment says, read once. */
export interface Config {
  readonly identity: Identity
  readonly agentId?: string
  readonly maxConcurrency: number
  /** Undefined for an agent whose channel is enough to reach it. */
  readonly hubUrl: URL | undefined
  readonly hubSecret?: string
  readonly logLevel: LogLevel
  readonly drainMs: number
  /** The providers to ask, in order; undefined when the environment names none and gives no key. */
  readonly chain: readonly ProviderSettings[] | undefined
  /** A model server on this machine, for when there is no chain. */
  readonly local: ProviderSettings
  readonly totalTimeoutMs: number
  /** Tokens that all providers together may cost in a day; without end where it is absent. */
  readonly budgetTokensPerDay?: number
  readonly prices: Prices
  /** Which people may write to it, and how much. */
  readonly admission: AdmissionRules
  readonly peers: PeerSettings
  readonly channel: ChannelSettings
  readonly healthPort: number
  readonly healthHost: string
  readonly dataDir: string
  /** Everything of the environment that no answer and no log may hold. */
  readonly secrets: readonly string[]
}

/** What came of reading the environment. */
export type ConfigResult =
  | { readonly ok: true; readonly config: Config; readonly warnings: readonly string[] }
  | { readonly ok: false; readonly mistakes: readonly string[]; readonly warnings: readonly string[] }

/** Largest budget of a day that may be set, in tokens: more than any account is allowed. */
const BUDGET_TOKENS_MAX = 1_000_000_000_000

const chars = (max: number) => z.string().max(max, { error: `must be at most ${max} characters` })

const agentName = z
  .string()
  .transform((text) => text.normalize('NFKC'))
  .refine(isAgentName, {
    error:
      'must be 1 to 64 characters: a letter or digit first, then letters, digits, marks, ".", "_", "-" or inner spaces',
  })

const skills = commaList().pipe(
  z
    .array(chars(LIMITS.SKILL_CHARS_MAX))
    .max(LIMITS.SKILLS_MAX, { error: `must be at most ${LIMITS.SKILLS_MAX} skills, separated by commas` }),
)

const hubUrl = z.string().transform((text, context) => {
  const read = readHubUrl(text)
  if (read.ok) return read.url
  context.addIssue({ code: 'custom', message: read.mistake })
  return z.NEVER
})

const providerList = commaList().pipe(z.array(oneOf(PROVIDER_NAMES as [ProviderName, ...ProviderName[]])))

/** Where an agent keeps what it keeps, unless `DATA_DIR` says otherwise. */
const DATA_DIR_DEFAULT = 'data/'

const schema = z.object({
  AGENT_NAME: agentName.default('agent'),
  AGENT_ID: chars(LIMITS.ID_CHARS_MAX).optional(),
  AGENT_WORKSPACE: chars(LIMITS.WORKSPACE_CHARS_MAX).default(''),
  AGENT_SKILLS: skills.default([]),
  AGENT_DESCRIPTION: chars(LIMITS.DESCRIPTION_CHARS_MAX).optional(),
  AGENT_MAX_CONCURRENCY: wholeNumber(1, LIMITS.IN_FLIGHT_MAX).default(4),
  AGENT_HUB_URL: hubUrl.optional(),
  AGENT_HUB_SECRET: chars(8_192).optional(),
  AGENT_LOG_LEVEL: oneOf(LOG_LEVELS).default('info'),
  AGENT_DRAIN_MS: wholeNumber(0, 600_000).default(10_000),
  AI_PROVIDER: oneOf(PROVIDER_NAMES as [ProviderName, ...ProviderName[]]).optional(),
  AI_FALLBACK_PROVIDERS: providerList.default([]),
  AI_CONNECT_TIMEOUT_MS: wholeNumber(100, LIMITS.TIMEOUT_MS_MAX).default(30_000),
  AI_FIRST_TOKEN_TIMEOUT_MS: wholeNumber(100, LIMITS.TIMEOUT_MS_MAX).default(120_000),
  AI_IDLE_TIMEOUT_MS: wholeNumber(100, LIMITS.TIMEOUT_MS_MAX).default(60_000),
  AI_TOTAL_TIMEOUT_MS: wholeNumber(1_000, LIMITS.TIMEOUT_MS_MAX).default(170_000),
  AI_BUDGET_TOKENS_PER_DAY: wholeNumber(1, BUDGET_TOKENS_MAX).optional(),
  AI_PRICES: prices(PROVIDER_NAMES).default({}),
  HEALTH_PORT: wholeNumber(0, 65_535).default(9_090),
  HEALTH_HOST: chars(255).default('127.0.0.1'),
  DATA_DIR: chars(4_096).default(DATA_DIR_DEFAULT),
  ...accessVariables,
  ...peerVariables,
  ...channelVariables,
  NODE_ENV: z.string().optional(),
})

/** Every variable that the agent knows. */
export const AGENT_VARIABLES: readonly string[] = [...Object.keys(schema.shape), ...PROVIDER_VARIABLES]

const warnAbout = (env: Environment, values: AccessValues, config: Config): string[] => [
  ...warnAboutLink(env, config),
  ...warnAboutAccess(values),
  ...warnAboutPeers(config.peers),
  ...(config.channel.kind === 'linked' ? warnAboutWhatsApp(config.channel.settings, config.admission) : []),
]

const warnAboutLink = (env: Environment, { hubUrl: url, hubSecret }: Config): string[] => [
  ...(env['AGENT_NAME']?.trim()
    ? []
    : ['AGENT_NAME is not set: this agent is called "agent" and shares its tasks with every other of that name']),
  ...(hubSecret !== undefined && url && isInTheClear(url)
    ? ['AGENT_HUB_URL has no TLS: everybody on the way to the hub can read AGENT_HUB_SECRET; use https:// or wss://']
    : []),
]

type Providers = Extract<ProvidersResult, { ok: true }>

/** How long each provider may keep a task waiting. */
const toPatience = (values: z.output<typeof schema>) => ({
  connectMs: values.AI_CONNECT_TIMEOUT_MS,
  firstTokenMs: values.AI_FIRST_TOKEN_TIMEOUT_MS,
  idleMs: values.AI_IDLE_TIMEOUT_MS,
})

/** Whatever of the environment opens something. */
const toSecrets = (values: z.output<typeof schema>, { chain = [], local }: Providers): string[] =>
  [
    values.AGENT_HUB_SECRET,
    values.SECURITY_AGENT_SECRET,
    values.SECURITY_AGENT_SECRET_PREVIOUS,
    values.SECURITY_ENCRYPTION_KEY,
    values.SECURITY_ENCRYPTION_KEY_PREVIOUS,
    ...listCloudSecrets(values),
    ...[...chain, local].map(({ apiKey }) => apiKey),
  ].filter((secret) => secret !== undefined)

const toConfig = (values: z.output<typeof schema>, providers: Providers, channel: ChannelSettings): Config => ({
  identity: {
    name: values.AGENT_NAME,
    workspace: values.AGENT_WORKSPACE,
    skills: values.AGENT_SKILLS,
    ...(values.AGENT_DESCRIPTION === undefined ? {} : { description: values.AGENT_DESCRIPTION }),
  },
  ...(values.AGENT_ID === undefined ? {} : { agentId: values.AGENT_ID }),
  maxConcurrency: values.AGENT_MAX_CONCURRENCY,
  hubUrl: values.AGENT_HUB_URL,
  ...(values.AGENT_HUB_SECRET === undefined ? {} : { hubSecret: values.AGENT_HUB_SECRET }),
  logLevel: values.AGENT_LOG_LEVEL,
  drainMs: values.AGENT_DRAIN_MS,
  chain: providers.chain?.map((settings) => ({ ...settings, patience: toPatience(values) })),
  local: { ...providers.local, patience: toPatience(values) },
  totalTimeoutMs: values.AI_TOTAL_TIMEOUT_MS,
  ...(values.AI_BUDGET_TOKENS_PER_DAY === undefined ? {} : { budgetTokensPerDay: values.AI_BUDGET_TOKENS_PER_DAY }),
  prices: values.AI_PRICES,
  admission: toAdmissionRules(values),
  peers: toPeerSettings(values),
  channel,
  healthPort: values.HEALTH_PORT,
  healthHost: values.HEALTH_HOST,
  dataDir: values.DATA_DIR,
  secrets: toSecrets(values, providers),
})

/** Where an agent of this environment keeps what it keeps, for those who only look at it. */
export const readDataDir = (env: Environment): string => env['DATA_DIR']?.trim() || DATA_DIR_DEFAULT

/** Reads the environment; every mistake is told at once, each naming its variable. */
export const readConfig = (env: Environment): ConfigResult => {
  const read = readEnv(schema, env, [...HUB_VARIABLES, ...PROVIDER_VARIABLES])
  const { warnings } = read
  const providers = readProviders(
    env,
    read.ok ? read.values.AI_PROVIDER : undefined,
    read.ok ? read.values.AI_FALLBACK_PROVIDERS : [],
  )
  const together = [...findChannelMistakes(env), ...findPeerMistakes(env), ...findWhatsAppMistakes(env)]
  const channel = read.ok ? toChannelSettings(read.values) : undefined
  if (!read.ok || !providers.ok || !channel || together.length > 0) {
    const mistakes = [...(read.ok ? [] : read.mistakes), ...together, ...(providers.ok ? [] : providers.mistakes)]
    return { ok: false, mistakes, warnings }
  }
  const config = toConfig(read.values, providers, channel)
  return { ok: true, config, warnings: [...warnings, ...warnAbout(env, read.values, config)] }
}
