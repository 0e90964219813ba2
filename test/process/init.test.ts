import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseEnv, promisify } from 'node:util'
import { expect, test } from 'vitest'
import { openDataFolder } from '../helpers/data-folder.ts'
import { runHubCommand } from '../helpers/hub-command.ts'
import { spawnHub } from '../helpers/hub-process.ts'
import { openSmallDisk } from '../helpers/small-disk.ts'

const RACERS = 6
const NAMES = ['atlas', 'nova', 'bolt']

const readEnvFile = async (folder: string, name: string) => parseEnv(await readFile(join(folder, name), 'utf8'))

test('of many that begin at once one makes all files, and the others change nothing', async () => {
  await using folder = await openDataFolder()
  const place = { cwd: folder.path }
  const all = await Promise.all(
    Array.from({ length: RACERS }, () => runHubCommand(place, 'init', '--agents', NAMES.join())),
  )
  expect(all.map(({ code }) => code).sort()).toEqual([0, ...Array<number>(RACERS - 1).fill(1)])
  for (const { code, err } of all) {
    if (code === 1) expect(err).toMatch(/^\.env\S* (?:is|are|.* are) there already.*\n$/)
  }
  const files = ['.env', ...NAMES.map((name) => `.env.${name}`)]
  expect((await readdir(folder.path)).sort()).toEqual(files.sort())
  const { HUB_SECRET: secret, ...shared } = await readEnvFile(folder.path, '.env')
  for (const name of NAMES) {
    expect(await readEnvFile(folder.path, `.env.${name}`)).toMatchObject({ AGENT_HUB_SECRET: secret, ...shared })
  }
})

test('the hub starts with what was made, in production', async () => {
  await using folder = await openDataFolder()
  await runHubCommand({ cwd: folder.path }, 'init')
  const env = { NODE_ENV: 'production', HUB_SECRET: undefined, HUB_DATA_DIR: join(folder.path, 'data') }
  await using hub = await spawnHub(env, ['--env-file', join(folder.path, '.env')])
  await hub.listening()
  const { HUB_SECRET: secret } = await readEnvFile(folder.path, '.env')
  const ask = (credential: string) => hub.call('GET', '/agents', { headers: { authorization: `Bearer ${credential}` } })
  expect((await ask(String(secret))).status).toBe(200)
  expect((await ask('another')).status).toBe(401)
  expect(hub.stderr).toBe('')
})

test('on a full disk nothing is made, and nothing is left', async () => {
  await using disk = await openSmallDisk()
  disk.fill()
  const place = { cwd: '/', through: disk.through }
  const { code, err } = await runHubCommand(place, 'init', '--dir', disk.folder, '--agents', 'atlas')
  expect({ code, err }).toEqual({ code: 1, err: expect.stringMatching(/^No space is left for \S+\.env\S*\.\n$/) })
  const [command = '', ...argv] = [...disk.through, 'ls', '-A', disk.folder]
  expect((await promisify(execFile)(command, argv)).stdout).toBe('')
})
