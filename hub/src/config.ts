import { isIP } from 'node:net'
import {
  AGENT_FAMILY_VARIABLES,
  commaList,
  duration,
  type Environment,
  type EnvResult,
  HUB_SECRET_VARIABLES,
  type HubVariable,
  LIMITS,
  oneOf,
  readEnv,
  readSecretFiles,
  type SecretFiles,
  type SecretsRead,
  wholeNumber,
} from '@ai-comms/shared'
import { z } from 'zod'

/** Shortest secret that production accepts, in characters. */
const SECRET_CHARS_MIN = 32
const PLACEHOLDER = /^(?:changeme|your-secret|your-shared-secret)|^(.)\1*$/i
const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost'])

const RETENTION_MS_MIN = 1_000
const RETENTION_MS_DEFAULT = 7 * 86_400_000
const RETENTION_MS_MAX = 10 * 365 * 86_400_000

const isCidr = (text: string): boolean => {
  const [address = '', prefix, ...rest] = text.split('/')
  const version = isIP(address)
  if (version === 0 || rest.length > 0) return false
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (version === 4 ? 32 : 128))
}

const isOrigin = (text: string): boolean => {
  const url = URL.parse(text)
  return text === '*' || (url !== null && url.host !== '' && /^https?:$/.test(url.protocol) && url.pathname === '/')
}

const secret = z.string().max(4_096, { error: 'must be at most 4096 characters' }).optional()

const variables = {
  PORT: wholeNumber(0, 65_535).default(8_090),
  HUB_HOST: z.string().optional(),
  HUB_SECRET: secret,
  HUB_SECRET_PREVIOUS: secret,
  HUB_MAX_AGENTS: wholeNumber(1, 1_000_000).default(50),
  HUB_LOG_LEVEL: oneOf(['debug', 'info', 'warn', 'error']).default('info'),
  HUB_DRAIN_MS: wholeNumber(0, 600_000).default(10_000),
  HUB_MAX_FRAMES_PER_S: wholeNumber(0, 1_000_000).default(2_000),
  HUB_BROADCAST_COOLDOWN_MS: wholeNumber(0, 86_400_000).default(0),
  HUB_MAX_PER_IP: wholeNumber(1, 1_000_000).default(64),
  HUB_MAX_PAYLOAD: wholeNumber(LIMITS.REGISTER_BYTES_MAX, 67_108_864).default(LIMITS.PAYLOAD_BYTES_MAX),
  HUB_MAX_BUFFERED: wholeNumber(LIMITS.REGISTER_BYTES_MAX, 1_073_741_824).default(8_388_608),
  HUB_TASK_TIMEOUT_MS: wholeNumber(LIMITS.TIMEOUT_MS_MIN, LIMITS.TIMEOUT_MS_MAX).default(LIMITS.TIMEOUT_MS_DEFAULT),
  HUB_ALLOWED_ORIGINS: commaList()
    .refine((origins) => origins.every(isOrigin), { error: 'must be origins such as https://example.com, or *' })
    .default([]),
  HUB_TRUST_PROXY: commaList()
    .refine((ranges) => ranges.every(isCidr), { error: 'must be addresses or CIDR ranges such as 10.0.0.0/8' })
    .default([]),
  HUB_DATA_DIR: z.string().default('data/'),
  HUB_TASK_RETENTION: duration(RETENTION_MS_MIN, RETENTION_MS_MAX).default(RETENTION_MS_DEFAULT),
  HUB_NATS_URL: z.string().optional(),
  TLS_CERT_PATH: z.string().optional(),
  TLS_KEY_PATH: z.string().optional(),
  NODE_ENV: z.string().optional(),
} satisfies Record<HubVariable | 'NODE_ENV', z.ZodType>

const schema = z.object(variables)

/** Where the hub keeps its data, for whoever needs nothing else of its configuration. */
export const readDataDir = (env: Environment): string =>
  variables.HUB_DATA_DIR.parse(env['HUB_DATA_DIR']?.trim() || undefined)

type Values = z.output<typeof schema>

/** Every variable that the hub reads, in the order of its documentation. */
export const HUB_VARIABLES: readonly string[] = Object.keys(schema.shape)

/** Everything that an operator may decide, read once at the start. */
export interface Config {
  readonly host: string
  readonly port: number
  /** The secrets that are right: the current one first, then the previous one. Empty in development without a secret. */
  readonly secrets: readonly string[]
  readonly maxAgents: number
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error'
  readonly drainMs: number
  readonly maxFramesPerS: number
  readonly broadcastCooldownMs: number
  readonly maxPerAddress: number
  readonly maxPayloadBytes: number
  readonly maxBufferedBytes: number
  readonly taskTimeoutMs: number
  /** How long a durable task that is over is kept. */
  readonly taskRetentionMs: number
  /** Where durable tasks are kept; `:memory:` keeps them only as long as the process lives. */
  readonly dataDir: string
  readonly allowedOrigins: readonly string[]
  readonly trustedProxies: readonly string[]
  readonly tlsPaths: { readonly cert: string; readonly key: string } | undefined
}

/** What single values cannot tell; these variables are plain text, so it holds even where another one is wrong. */
type PlainValues = Pick<
  Values,
  'NODE_ENV' | 'HUB_SECRET' | 'HUB_SECRET_PREVIOUS' | 'HUB_HOST' | 'TLS_CERT_PATH' | 'TLS_KEY_PATH'
>

const toPlainValues = (env: Environment): PlainValues => {
  const read = (name: string) => env[name]?.trim() || undefined
  return {
    NODE_ENV: read('NODE_ENV'),
    HUB_SECRET: read('HUB_SECRET'),
    HUB_SECRET_PREVIOUS: read('HUB_SECRET_PREVIOUS'),
    HUB_HOST: read('HUB_HOST'),
    TLS_CERT_PATH: read('TLS_CERT_PATH'),
    TLS_KEY_PATH: read('TLS_KEY_PATH'),
  }
}

/** @param isSecretUnknown whether the secret stands in a file that cannot be read: then it is not missing */
const findSecretMistakes = (values: PlainValues, isSecretUnknown: boolean): string[] => {
  const mistakes: string[] = []
  const isProduction = values.NODE_ENV === 'production'
  const isMissing = values.HUB_SECRET === undefined && !isSecretUnknown
  if (isProduction && isMissing) {
    mistakes.push(`HUB_SECRET is missing; production needs at least ${SECRET_CHARS_MIN} characters`)
  }
  for (const name of ['HUB_SECRET', 'HUB_SECRET_PREVIOUS'] as const) {
    const value = values[name]
    if (!isProduction || value === undefined) continue
    if (PLACEHOLDER.test(value)) mistakes.push(`${name} is a placeholder; production needs a random secret`)
    else if (value.length < SECRET_CHARS_MIN) {
      mistakes.push(`${name} is too short; production needs at least ${SECRET_CHARS_MIN} characters`)
    }
  }
  if (isMissing && values.HUB_SECRET_PREVIOUS !== undefined) {
    mistakes.push('HUB_SECRET_PREVIOUS is set without HUB_SECRET')
  }
  if (isMissing && values.HUB_HOST !== undefined && !LOOPBACK.has(values.HUB_HOST)) {
    mistakes.push('HUB_HOST must be 127.0.0.1 while there is no HUB_SECRET')
  }
  return mistakes
}

const findTlsMistakes = (values: PlainValues): string[] => {
  const mistakes: string[] = []
  if (values.TLS_CERT_PATH !== undefined && values.TLS_KEY_PATH === undefined) {
    mistakes.push('TLS_KEY_PATH is missing; TLS_CERT_PATH needs it')
  }
  if (values.TLS_KEY_PATH !== undefined && values.TLS_CERT_PATH === undefined) {
    mistakes.push('TLS_CERT_PATH is missing; TLS_KEY_PATH needs it')
  }
  return mistakes
}

const toConfig = (values: Values): Config => ({
  host: values.HUB_HOST ?? (values.HUB_SECRET === undefined ? '127.0.0.1' : '0.0.0.0'),
  port: values.PORT,
  secrets: [values.HUB_SECRET, values.HUB_SECRET_PREVIOUS].filter((value) => value !== undefined),
  maxAgents: values.HUB_MAX_AGENTS,
  logLevel: values.HUB_LOG_LEVEL,
  drainMs: values.HUB_DRAIN_MS,
  maxFramesPerS: values.HUB_MAX_FRAMES_PER_S,
  broadcastCooldownMs: values.HUB_BROADCAST_COOLDOWN_MS,
  maxPerAddress: values.HUB_MAX_PER_IP,
  maxPayloadBytes: values.HUB_MAX_PAYLOAD,
  maxBufferedBytes: values.HUB_MAX_BUFFERED,
  taskTimeoutMs: values.HUB_TASK_TIMEOUT_MS,
  taskRetentionMs: values.HUB_TASK_RETENTION,
  dataDir: values.HUB_DATA_DIR,
  allowedOrigins: values.HUB_ALLOWED_ORIGINS,
  trustedProxies: values.HUB_TRUST_PROXY,
  tlsPaths:
    values.TLS_CERT_PATH === undefined || values.TLS_KEY_PATH === undefined
      ? undefined
      : { cert: values.TLS_CERT_PATH, key: values.TLS_KEY_PATH },
})

const leaveFiles = (env: Environment): SecretsRead => ({ env, mistakes: [], unknown: new Set() })

/**
 * Reads the hub's configuration; every mistake is told at once.
 *
 * @param files where secrets are read from that stand in files; without it such a secret is a mistake
 */
export const readConfig = (given: Environment, files?: SecretFiles): EnvResult<Config> => {
  const secrets = files === undefined ? leaveFiles(given) : readSecretFiles(given, HUB_SECRET_VARIABLES, files)
  const result = readEnv(schema, secrets.env, AGENT_FAMILY_VARIABLES)
  const { warnings } = result
  const values = toPlainValues(secrets.env)
  const mistakes = [
    ...secrets.mistakes,
    ...(result.ok ? [] : result.mistakes),
    ...findSecretMistakes(values, secrets.unknown.has('HUB_SECRET')),
    ...findTlsMistakes(values),
  ]
  if (!result.ok || mistakes.length > 0) return { ok: false, mistakes, warnings }
  return { ok: true, values: toConfig(result.values), warnings }
}
