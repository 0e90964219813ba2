import { once } from 'node:events'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { type HubEnvironment, spawnHub, startHubProcess } from '../helpers/hub-process.ts'

const README = fileURLToPath(new URL('fixtures/README.md', import.meta.url))
const CERT = fileURLToPath(new URL('fixtures/test-only-cert.pem', import.meta.url))
const START_MS_MAX = 2_000

const production = (secret: string | undefined): HubEnvironment => ({ NODE_ENV: 'production', HUB_SECRET: secret })

const bad: [string, HubEnvironment][] = [
  ['PORT', { PORT: '65536' }],
  ['PORT', { PORT: '80a' }],
  ['PORT', { PORT: '-1' }],
  ['HUB_SECRET', { HUB_SECRET: 's'.repeat(4_097) }],
  ['HUB_MAX_AGENTS', { HUB_MAX_AGENTS: '0' }],
  ['HUB_LOG_LEVEL', { HUB_LOG_LEVEL: 'loud' }],
  ['HUB_DRAIN_MS', { HUB_DRAIN_MS: '1.5' }],
  ['HUB_MAX_FRAMES_PER_S', { HUB_MAX_FRAMES_PER_S: '-1' }],
  ['HUB_BROADCAST_COOLDOWN_MS', { HUB_BROADCAST_COOLDOWN_MS: 'soon' }],
  ['HUB_MAX_PER_IP', { HUB_MAX_PER_IP: '0' }],
  ['HUB_MAX_PAYLOAD', { HUB_MAX_PAYLOAD: '1 MiB' }],
  ['HUB_MAX_BUFFERED', { HUB_MAX_BUFFERED: '0' }],
  ['HUB_TASK_TIMEOUT_MS', { HUB_TASK_TIMEOUT_MS: '999' }],
  ['HUB_ALLOWED_ORIGINS', { HUB_ALLOWED_ORIGINS: 'example.com' }],
  ['HUB_TRUST_PROXY', { HUB_TRUST_PROXY: '10.0.0.0/33' }],
  ['HUB_HOST', { HUB_HOST: '192.0.2.1' }],
  ['HUB_HOST', { HUB_HOST: 'not a host' }],
  ['TLS_KEY_PATH', { TLS_CERT_PATH: CERT }],
  ['TLS_CERT_PATH', { TLS_KEY_PATH: CERT }],
  ['TLS_CERT_PATH', { TLS_CERT_PATH: '/nowhere/cert.pem', TLS_KEY_PATH: CERT }],
  ['TLS_CERT_PATH', { TLS_CERT_PATH: README, TLS_KEY_PATH: README }],
  ['TLS_KEY_PATH', { TLS_CERT_PATH: CERT, TLS_KEY_PATH: README }],
  ['HUB_SECRET', production(undefined)],
  ['HUB_SECRET', production('')],
  ['HUB_SECRET', production('   ')],
  ['HUB_SECRET', production('k7k7k7k7k7k7k7k7k7k7k7k7k7k7k7x')],
  ['HUB_SECRET', production('changeme-changeme-changeme-changeme-1')],
  ['HUB_SECRET', production('Your-Secret-here-and-longer-than-32-chars')],
  ['HUB_SECRET', production('your-shared-secret-is-longer-than-32-chars')],
  ['HUB_SECRET', production('a'.repeat(40))],
]

// A process spends its start on reading files, so a few of them go together
describe.concurrent('a configuration that cannot be', () => {
  test.each(bad)('%s (%o): exit 1 within 2 s, naming the variable and nothing secret', async (name, env) => {
    await using hub = await spawnHub(env)
    const { code, tookMs } = await hub.end()
    expect(code).toBe(1)
    expect(tookMs).toBeLessThan(START_MS_MAX * 3)
    expect(hub.stderr).toContain(name)
    expect(hub.stderr).not.toMatch(/\n\s+at /)
    expect(hub.stdout).toBe('')
    const { HUB_SECRET: secret = '' } = env
    if (secret.trim().length > 8) expect(hub.stderr).not.toContain(secret.slice(0, 12))
  })
})

test('one start that fails is over within 2 s and tells every mistake at once', async () => {
  await using hub = await spawnHub({ PORT: 'x', HUB_DRAIN_MS: 'y', HUB_LOG_LEVEL: 'z' })
  const { code, tookMs } = await hub.end()
  expect(code).toBe(1)
  expect(tookMs).toBeLessThan(START_MS_MAX)
  for (const name of ['PORT', 'HUB_DRAIN_MS', 'HUB_LOG_LEVEL']) expect(hub.stderr).toContain(name)
  expect(hub.stderr).toContain('debug, info, warn, error')
})

test('a misspelt name is a warning with the nearest known one, and the hub starts', async () => {
  await using hub = await startHubProcess({
    HUB_SECRTE: 'x',
    HUB_MAX_AGENT: '7',
    TLS_CERT_PAHT: 'x',
    AGENT_HUB_URL: 'x',
  })
  expect(hub.stderr).toMatch(/HUB_SECRTE.*HUB_SECRET\b/)
  expect(hub.stderr).toMatch(/HUB_MAX_AGENT .*HUB_MAX_AGENTS/)
  expect(hub.stderr).toMatch(/TLS_CERT_PAHT.*TLS_CERT_PATH/)
  expect(hub.stderr).not.toContain('AGENT_HUB_URL')
  expect((await hub.call('GET', '/health')).status).toBe(200)
})

test('a production secret of 32 characters is enough', async () => {
  await using hub = await startHubProcess(production('k7'.repeat(16)))
  expect((await hub.call('GET', '/agents')).status).toBe(200)
})

test('without a secret, in development, the hub listens on 127.0.0.1 only and says so', async () => {
  await using hub = await startHubProcess({ HUB_SECRET: undefined, HUB_HOST: undefined })
  expect(hub.stdout).toContain('"url":"http://127.0.0.1:')
  expect(hub.stdout).toContain('HUB_SECRET')
  await using refused = await spawnHub({ HUB_SECRET: undefined, HUB_HOST: '0.0.0.0' })
  expect(await refused.end()).toMatchObject({ code: 1 })
  expect(refused.stderr).toContain('HUB_HOST')
})

test('a taken port is one sentence and exit 1', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? `${address.port}` : ''
  await using hub = await spawnHub({ PORT: port })
  expect(await hub.end()).toMatchObject({ code: 1 })
  expect(hub.stderr.trim().split('\n')).toEqual([expect.stringContaining(port)])
  server.close()
})

test('help is told on request, and an unknown option is refused', async () => {
  await using help = await spawnHub({}, ['--help'])
  expect(await help.end()).toMatchObject({ code: 0 })
  expect(help.stdout).toContain('HUB_SECRET')
  await using wrong = await spawnHub({}, ['--port', '1'])
  expect(await wrong.end()).toMatchObject({ code: 1 })
  expect(wrong.stderr).toContain('--help')
})
