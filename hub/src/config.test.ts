import type { SecretFiles } from '@ai-comms/shared'
import { describe, expect, test } from 'vitest'
import { type Config, HUB_VARIABLES, readConfig } from './config.ts'

/** A secret beyond its 4 096 characters. */
const OVERLONG = 'x'.repeat(4_097)
const SECRET = '0123456789abcdefghijklmnopqrstuvwxyz'

const readGood = (env: Record<string, string>): Config => {
  const result = readConfig(env)
  if (!result.ok) throw new Error(result.mistakes.join('\n'))
  return result.values
}

/** Files as `node:fs` has them, by path. */
const filesOf = (contents: Readonly<Record<string, string>>): SecretFiles => {
  const find = (path: string): Uint8Array => {
    const content = contents[path]
    if (content === undefined) throw Object.assign(new Error('There is no such file'), { code: 'ENOENT' })
    return Buffer.from(content)
  }
  return { statSync: (path) => ({ size: find(path).length, isFile: () => true }), readFileSync: find }
}

const readMistakes = (env: Record<string, string>): readonly string[] => {
  const result = readConfig(env)
  return result.ok ? [] : result.mistakes
}

/** For each variable: values that are taken, with what they come to, and values that are refused. */
const ROWS: {
  readonly [variable: string]: {
    readonly good: readonly (readonly [value: string, key: keyof Config, expected: unknown])[]
    readonly bad: readonly string[]
  }
} = {
  PORT: {
    good: [
      ['0', 'port', 0],
      ['65535', 'port', 65_535],
    ],
    bad: ['65536', '-1', '80a', '8090.5', '0x50', '1e3'],
  },
  HUB_HOST: {
    good: [
      ['127.0.0.1', 'host', '127.0.0.1'],
      ['::1', 'host', '::1'],
    ],
    bad: ['0.0.0.0', '192.168.1.1'],
  },
  HUB_SECRET: { good: [['any', 'secrets', ['any']]], bad: [OVERLONG] },
  HUB_SECRET_PREVIOUS: { good: [], bad: ['set alone'] },
  HUB_MAX_AGENTS: { good: [['1', 'maxAgents', 1]], bad: ['0', 'many', '1000001'] },
  HUB_LOG_LEVEL: {
    good: [
      ['WARN', 'logLevel', 'warn'],
      ['debug', 'logLevel', 'debug'],
    ],
    bad: ['loud', 'trace'],
  },
  HUB_DRAIN_MS: { good: [['0', 'drainMs', 0]], bad: ['-1', '600001', '10s'] },
  HUB_MAX_FRAMES_PER_S: { good: [['0', 'maxFramesPerS', 0]], bad: ['-1', '1000001'] },
  HUB_BROADCAST_COOLDOWN_MS: { good: [['5000', 'broadcastCooldownMs', 5_000]], bad: ['5s', '86400001'] },
  HUB_MAX_PER_IP: { good: [['1', 'maxPerAddress', 1]], bad: ['0'] },
  HUB_MAX_PAYLOAD: { good: [['65536', 'maxPayloadBytes', 65_536]], bad: ['65535', '67108865', '1MB'] },
  HUB_MAX_BUFFERED: { good: [['65536', 'maxBufferedBytes', 65_536]], bad: ['65535', '1073741825'] },
  HUB_TASK_TIMEOUT_MS: { good: [['1000', 'taskTimeoutMs', 1_000]], bad: ['999', '3600001'] },
  HUB_ALLOWED_ORIGINS: {
    good: [
      ['https://a.example, http://b.example:8080', 'allowedOrigins', ['https://a.example', 'http://b.example:8080']],
      ['*', 'allowedOrigins', ['*']],
    ],
    bad: ['a.example', 'ftp://a.example', 'https://a.example/path', 'https://', 'null'],
  },
  HUB_TRUST_PROXY: {
    good: [['10.0.0.0/8, ::1, 2001:db8::/32', 'trustedProxies', ['10.0.0.0/8', '::1', '2001:db8::/32']]],
    bad: ['10.0.0.0/33', '::/129', 'proxy.example', '10.0.0.0/8/8', '10.0.0.0/', 'true', '*'],
  },
  HUB_DATA_DIR: { good: [['/srv/hub', 'dataDir', '/srv/hub']], bad: [] },
  HUB_TASK_RETENTION: {
    good: [
      ['12h', 'taskRetentionMs', 43_200_000],
      ['90D', 'taskRetentionMs', 7_776_000_000],
    ],
    bad: ['7 weeks', '-1d', '0s', '4000d'],
  },
  HUB_NATS_URL: { good: [], bad: [] },
  TLS_CERT_PATH: { good: [], bad: ['cert.pem'] },
  TLS_KEY_PATH: { good: [], bad: ['key.pem'] },
  NODE_ENV: { good: [], bad: [] },
}

test('every variable has its row here', () => {
  expect(Object.keys(ROWS)).toEqual(HUB_VARIABLES)
})

const goods = Object.entries(ROWS).flatMap(([variable, { good }]) => good.map((row) => [variable, ...row] as const))
const bads = Object.entries(ROWS).flatMap(([variable, { bad }]) =>
  bad.map((value) => [variable, value.slice(0, 30), value] as const),
)

test.each(goods)('%s takes %j', (variable, value, key, expected) => {
  expect(readGood({ [variable]: value })[key]).toEqual(expected)
})

test.each(bads)('%s refuses %j and is named once', (variable, _shown, value) => {
  expect(readMistakes({ [variable]: value })).toEqual([expect.stringContaining(variable)])
})

test.each(['HUB_DATA_DIR', 'HUB_NATS_URL', 'NODE_ENV'])('%s takes any text', (variable) => {
  expect(readMistakes({ [variable]: 'anything' })).toEqual([])
})

describe('the configuration', () => {
  test('of an empty environment is a hub for this machine only', () => {
    expect(readGood({})).toEqual({
      host: '127.0.0.1',
      port: 8_090,
      secrets: [],
      maxAgents: 50,
      logLevel: 'info',
      drainMs: 10_000,
      maxFramesPerS: 2_000,
      broadcastCooldownMs: 0,
      maxPerAddress: 64,
      maxPayloadBytes: 1_048_576,
      maxBufferedBytes: 8_388_608,
      taskTimeoutMs: 175_000,
      taskRetentionMs: 604_800_000,
      dataDir: 'data/',
      allowedOrigins: [],
      trustedProxies: [],
      tlsPaths: undefined,
    })
  })

  test('with a secret listens to everybody', () => {
    expect(readGood({ HUB_SECRET: 'dev' }).host).toBe('0.0.0.0')
    expect(readGood({ HUB_SECRET: 'dev', HUB_HOST: '192.168.1.1' }).host).toBe('192.168.1.1')
  })

  test('during rotation knows two secrets, the current one first', () => {
    expect(readGood({ HUB_SECRET: 'new', HUB_SECRET_PREVIOUS: 'old' }).secrets).toEqual(['new', 'old'])
  })

  test('has TLS with both files or not at all', () => {
    const paths = { TLS_CERT_PATH: 'cert.pem', TLS_KEY_PATH: 'key.pem' }
    expect(readGood(paths).tlsPaths).toEqual({ cert: 'cert.pem', key: 'key.pem' })
    expect(readMistakes({ TLS_CERT_PATH: 'cert.pem' })).toEqual(['TLS_KEY_PATH is missing; TLS_CERT_PATH needs it'])
  })

  test.each([
    ['missing', undefined],
    ['too short', SECRET.slice(0, 31)],
    ['a placeholder', 'changeme'],
    ['a placeholder', 'changeme-0123456789abcdefghijklmnopqrstuvwxyz'],
    ['a placeholder', 'Your-Secret-Key-0123456789abcdefghijklm'],
    ['a placeholder', 'your-shared-secret-here-0123456789abcdef'],
    ['a placeholder', 'a'.repeat(64)],
  ])('in production a HUB_SECRET that is %s stops the start (%#)', (what, secret) => {
    const mistakes = readMistakes({ NODE_ENV: 'production', ...(secret === undefined ? {} : { HUB_SECRET: secret }) })
    expect(mistakes).toEqual([expect.stringMatching(new RegExp(`^HUB_SECRET is ${what}`))])
    expect(readMistakes(secret === undefined ? {} : { HUB_SECRET: secret })).toEqual([])
  })

  test('during rotation bounds the previous secret too', () => {
    const mistakes = readMistakes({ HUB_SECRET: 'new', HUB_SECRET_PREVIOUS: OVERLONG })
    expect(mistakes).toEqual(['HUB_SECRET_PREVIOUS must be at most 4096 characters'])
  })

  test('in production a random secret is enough, and the previous one is judged too', () => {
    expect(readGood({ NODE_ENV: 'production', HUB_SECRET: SECRET }).secrets).toEqual([SECRET])
    const mistakes = readMistakes({ NODE_ENV: 'production', HUB_SECRET: SECRET, HUB_SECRET_PREVIOUS: 'short' })
    expect(mistakes).toEqual([expect.stringContaining('HUB_SECRET_PREVIOUS is too short')])
  })

  test('has its secrets from files, and judges them like others', () => {
    const files = filesOf({ '/new': `${SECRET}\n`, '/old': 'short' })
    const env = { HUB_SECRET_FILE: '/new', HUB_SECRET_PREVIOUS_FILE: '/old' }
    expect(readConfig(env, files)).toMatchObject({ ok: true, values: { secrets: [SECRET, 'short'], host: '0.0.0.0' } })
    expect(readConfig({ ...env, NODE_ENV: 'production' }, files)).toMatchObject({
      mistakes: ['HUB_SECRET_PREVIOUS is too short; production needs at least 32 characters'],
    })
  })

  test('takes a secret whose file cannot be read for unknown, not for missing, and tells all the rest', () => {
    const env = {
      ...{ NODE_ENV: 'production', HUB_HOST: '0.0.0.0', HUB_SECRET_FILE: '/nowhere', HUB_SECRET_PREVIOUS: SECRET },
      ...{ PORT: 'x', TLS_CERT_PATH: 'cert.pem' },
    }
    expect(readConfig(env, filesOf({}))).toMatchObject({
      ok: false,
      mistakes: [
        'HUB_SECRET_FILE names /nowhere, which cannot be read (ENOENT)',
        'PORT must be a whole number from 0 to 65535',
        'TLS_KEY_PATH is missing; TLS_CERT_PATH needs it',
      ],
    })
  })

  test('is refused where nobody reads the file of a secret: a hub without one would ask nobody', () => {
    expect(readMistakes({ HUB_SECRET_FILE: '/run/secrets/hub' })).toEqual([
      'HUB_SECRET_FILE is not read here; set HUB_SECRET itself',
    ])
  })

  test('leaves the agent’s secrets alone, and takes them for no misspelling', () => {
    const env = { AGENT_HUB_SECRET_FILE: '/nowhere', SECURITY_ENCRYPTION_KEY_FILE: '/nowhere', HUB_SECRTE_FILE: '/x' }
    expect(readConfig(env, filesOf({}))).toMatchObject({
      ok: true,
      warnings: ['HUB_SECRTE_FILE is not a known variable; did you mean HUB_SECRET_FILE?'],
    })
  })

  test('warns of a misspelt name of either program, and not of the agent’s own or a stranger’s', () => {
    const right = { AGENT_NAME: 'a', AI_PROVIDER: 'b', SECURITY_ALLOWLIST: 'c', PATH: '/bin' }
    const result = readConfig({ HUB_SECRTE: 'x', WHATSAPP_MOD: 'y', ...right })
    expect(result.warnings).toEqual([
      'HUB_SECRTE is not a known variable; did you mean HUB_SECRET?',
      'WHATSAPP_MOD is not a known variable; did you mean WHATSAPP_MODE?',
    ])
  })

  test('tells every mistake at once, those of one value and those between two', () => {
    const env = { NODE_ENV: 'production', HUB_SECRET: 'short', HUB_LOG_LEVEL: 'loud', TLS_CERT_PATH: 'cert.pem' }
    const variables = readMistakes(env).map((mistake) => mistake.split(' ')[0])
    expect(variables.sort()).toEqual(['HUB_LOG_LEVEL', 'HUB_SECRET', 'TLS_KEY_PATH'])
  })
})
