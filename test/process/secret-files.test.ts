import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { RestartableAgent } from '../helpers/agent-process.ts'
import { openDataFolder } from '../helpers/data-folder.ts'
import { endWithMe } from '../helpers/end-with-me.ts'
import { COMPILED, spawnHub } from '../helpers/hub-process.ts'
import { startHub } from '../helpers/start-hub.ts'
import { within } from '../helpers/within.ts'

const AGENT_MAIN = fileURLToPath(new URL('../../agent/src/main.ts', import.meta.url))
const [SECRET, OTHER] = ['the-hubs-own-secret-of-32-characters', 'another-secret-of-32-characters-long']
/** Agents start within seconds, also on a machine that does much else. */
const END_MS_MAX = 20_000

/** A folder as Docker mounts its secrets, or systemd its credentials: files that their reader cannot change. */
const openSecrets = async (contents: Readonly<Record<string, string>>) => {
  const folder = await openDataFolder()
  const at = (name: string) => join(folder.path, name)
  for (const [name, content] of Object.entries(contents)) {
    await writeFile(at(name), content)
    await chmod(at(name), 0o400)
  }
  return { at, path: folder.path, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() }
}

/** Runs the agent's program until it ends by itself. */
const runAgent = async (cwd: string, args: readonly string[], env: Readonly<Record<string, string>>) => {
  const own = { PATH: process.env['PATH'], NODE_COMPILE_CACHE: COMPILED, HEALTH_PORT: '0', AI_PROVIDER: 'echo', ...env }
  const child = spawn(process.execPath, ['--', AGENT_MAIN, ...args], {
    cwd,
    env: own,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  endWithMe(child)
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      printed += text
    })
  }
  await within(once(child, 'close'), 'the end of the agent', END_MS_MAX)
  return { code: child.exitCode, printed }
}

const bearer = (secret: string) => ({ headers: { authorization: `Bearer ${secret}` } })

test('a hub takes its secrets from files, over those of its env file', async () => {
  await using secrets = await openSecrets({ hub: `${SECRET}\n`, previous: OTHER, '.env': 'HUB_SECRET=from-the-file' })
  const env = { NODE_ENV: 'production', HUB_SECRET: undefined, HUB_DATA_DIR: ':memory:' }
  const files = { HUB_SECRET_FILE: secrets.at('hub'), HUB_SECRET_PREVIOUS_FILE: secrets.at('previous') }
  await using hub = await spawnHub({ ...env, ...files }, ['--env-file', secrets.at('.env')])
  await hub.listening()
  const statuses = [SECRET, OTHER, 'from-the-file'].map(async (secret) => {
    return (await hub.call('GET', '/agents', bearer(secret))).status
  })
  expect(await Promise.all(statuses)).toEqual([200, 200, 401])
  expect(hub.stderr).toBe('')
})

test('a hub whose secrets cannot be read ends with 1, and tells each variable and path, and nothing of the files', async () => {
  await using secrets = await openSecrets({ two: `${SECRET}\n${OTHER}\n`, one: SECRET })
  await using hub = await spawnHub({
    ...{ NODE_ENV: 'production', HUB_SECRET_FILE: secrets.at('two'), HUB_SECRET: undefined },
    ...{ HUB_SECRET_PREVIOUS: OTHER, HUB_SECRET_PREVIOUS_FILE: secrets.at('one') },
  })
  expect(await hub.end()).toMatchObject({ code: 1 })
  expect(hub.stderr.trim().split('\n')).toEqual([
    'The hub cannot start:',
    `  HUB_SECRET_FILE names ${secrets.at('two')}, which has more than one line`,
    '  HUB_SECRET_PREVIOUS and HUB_SECRET_PREVIOUS_FILE are both set; keep one of them',
  ])
  for (const secret of [SECRET, OTHER]) expect(hub.stderr + hub.stdout).not.toContain(secret)
})

test('a misspelt name of such a file is a warning with the nearest one', async () => {
  await using hub = await spawnHub({ HUB_SECRTE_FILE: '/x', AGENT_HUB_SECRET_FILE: '/x', HUB_DATA_DIR: ':memory:' })
  await hub.listening()
  expect(hub.stderr).toBe('Warning: HUB_SECRTE_FILE is not a known variable; did you mean HUB_SECRET_FILE?\n')
})

test('an agent registers with a secret that stands in a file', async () => {
  await using hub = await startHub()
  await using secrets = await openSecrets({ hub: `${hub.secret}\n` })
  await using agent = new RestartableAgent(hub, hub.url, {
    ...{ AI_PROVIDER: 'echo', AGENT_HUB_SECRET: '', AGENT_HUB_SECRET_FILE: secrets.at('hub') },
  })
  await agent.start()
  expect((await hub.get('/agents')).text).toContain('"name":"Atlas"')
})

test('an agent whose secrets cannot be read ends with 1, and tells each variable and path, and nothing of the files', async () => {
  await using secrets = await openSecrets({ empty: '\n', two: `${SECRET}\n${OTHER}` })
  const { code, printed } = await runAgent(secrets.path, [], {
    ...{ AGENT_HUB_URL: 'http://127.0.0.1:9', AGENT_HUB_SECRET_FILE: secrets.at('empty') },
    ...{ OPENAI_API_KEY_FILE: secrets.at('two'), SECURITY_AGENT_SECRET_FILE: secrets.at('nowhere') },
  })
  expect({ code, lines: printed.trim().split('\n').sort() }).toEqual({
    code: 1,
    lines: [
      `AGENT_HUB_SECRET_FILE names ${secrets.at('empty')}, which is empty.`,
      `OPENAI_API_KEY_FILE names ${secrets.at('two')}, which has more than one line.`,
      `SECURITY_AGENT_SECRET_FILE names ${secrets.at('nowhere')}, which cannot be read (ENOENT).`,
    ],
  })
})

test('the doctor reads the secrets that an env file names, tells what is wrong with them, and none of them', async () => {
  await using hub = await startHub()
  await using secrets = await openSecrets({ hub: hub.secret, two: `${SECRET}\n${OTHER}` })
  const lines = ['AGENT_NAME=Atlas', `AGENT_HUB_URL=${hub.url}`]
  await writeFile(secrets.at('.env'), [...lines, `AGENT_HUB_SECRET_FILE=${secrets.at('hub')}`].join('\n'))
  const well = await runAgent(secrets.path, ['doctor'], {})
  expect(well).toMatchObject({ code: 0, printed: expect.stringContaining('The hub takes AGENT_HUB_SECRET') })
  await writeFile(secrets.at('.env'), [...lines, `AGENT_HUB_SECRET_FILE=${secrets.at('two')}`].join('\n'))
  const unwell = await runAgent(secrets.path, ['doctor'], {})
  expect(unwell.code).toBe(1)
  expect(unwell.printed).toContain(`AGENT_HUB_SECRET_FILE names ${secrets.at('two')}, which has more than one line.`)
  for (const secret of [hub.secret, SECRET, OTHER]) expect(well.printed + unwell.printed).not.toContain(secret)
})

test('the doctor reads the secrets that the environment names, as in a container, and says which cannot be read', async () => {
  await using hub = await startHub()
  await using secrets = await openSecrets({ hub: hub.secret, two: `${SECRET}\n${OTHER}` })
  const own = { AGENT_NAME: 'Atlas', AGENT_HUB_URL: hub.url, AGENT_HUB_SECRET_FILE: secrets.at('hub') }
  const well = await runAgent(secrets.path, ['doctor'], own)
  expect(well).toMatchObject({ code: 0, printed: expect.stringContaining('The hub takes AGENT_HUB_SECRET') })
  const unwell = await runAgent(secrets.path, ['doctor'], { ...own, GROQ_API_KEY_FILE: secrets.at('two') })
  expect(unwell.code).toBe(1)
  expect(unwell.printed).toContain(`GROQ_API_KEY_FILE names ${secrets.at('two')}, which has more than one line.`)
  for (const secret of [hub.secret, SECRET, OTHER]) expect(well.printed + unwell.printed).not.toContain(secret)
})
