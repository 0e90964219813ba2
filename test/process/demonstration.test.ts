import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { expect, test } from 'vitest'
import { Demonstration, findFreePort, paste } from '../helpers/demonstration.ts'

const README = new URL('../../README.md', import.meta.url)

/** The curl lines of the README's section about one process each, with continued lines joined. */
const readCurlLines = async (): Promise<string[]> => {
  const text = (await readFile(README, 'utf8')).replaceAll('\\\n', ' ')
  return text.split('\n').filter((line) => line.startsWith('curl '))
}

test('a newcomer sees a task and a broadcast answered, pastes the lines shown, and Ctrl-C ends it all with 0', async () => {
  await using shown = new Demonstration(await findFreePort())
  await shown.shown()
  expect(shown.stdout).toMatch(/^ {2}atlas {2}research, writing$/m)
  expect(shown.stdout.match(/^ {2}(atlas|nova|bolt): This is an echo/gm)).toHaveLength(4)
  expect(shown.stderr).toBe('')

  const lines = shown.stdout.split('\n').filter((line) => line.startsWith('  curl '))
  expect(lines).toHaveLength(5)
  const [agents, byName, bySkill, broadcast, kept] = await Promise.all(lines.map((line) => paste(`${line} -s`)))
  expect(agents).toMatchObject({ agents: [{}, {}, {}] })
  expect(byName).toMatchObject({ success: true, agent: 'nova' })
  expect(bySkill).toMatchObject({ success: true, agent: 'bolt' })
  expect(broadcast).toMatchObject({ results: [{ success: true }, { success: true }, { success: true }] })

  expect(kept).toMatchObject({ id: expect.any(String), agent: 'bolt' })
  expect(shown.stdout).toMatch(/^ {2}npx -y pnpm@12 chat$/m)

  expect(await shown.end('SIGINT')).toBe(0)
  const probe = connect(Number(shown.port), '127.0.0.1')
  await expect(once(probe, 'connect')).rejects.toThrow('ECONNREFUSED')
}, 60_000)

test("the README's own lines answer as it says, with the secret and without", async () => {
  await using network = new Demonstration(await findFreePort())
  await network.shown()
  const secret = /Bearer ([0-9a-f]{64})/.exec(network.stdout)?.[1] ?? ''
  const lines = (await readCurlLines()).map((line) => line.replace(':8090', `:${network.port}`))
  const ask = (HUB_SECRET: string) => Promise.all(lines.map((line) => paste(`${line} -s`, { HUB_SECRET })))

  const [health, agents, task, broadcast] = await ask(secret)
  expect(health).toMatchObject({ status: 'ok', agents: 3 })
  expect(agents).toMatchObject({ agents: [{}, {}, {}] })
  expect(task).toMatchObject({ success: true, agent: 'atlas' })
  expect(broadcast).toMatchObject({ results: [{ success: true }, { success: true }, { success: true }] })

  const [openHealth, ...refused] = await ask('')
  expect(openHealth).toMatchObject({ status: 'ok' })
  expect(refused).toMatchObject([{ code: 'unauthorized' }, { code: 'unauthorized' }, { code: 'unauthorized' }])
}, 60_000)

test('a taken port is said in one sentence, and the end is 1', async () => {
  const taken = createServer((socket) => socket.end('not a hub')).listen(0, '127.0.0.1')
  await once(taken, 'listening')
  const address = taken.address()
  await using shown = new Demonstration(typeof address === 'object' && address !== null ? String(address.port) : '0')
  expect(await shown.end()).toBe(1)
  expect(shown.stderr).toMatch(/^\[hub\] Port \d+ is taken by another program; [^\n]+\n$/)
  expect(shown.stdout).toBe('')
  taken.close()
}, 60_000)
