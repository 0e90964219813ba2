import { execFile } from 'node:child_process'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createAgent } from '@ai-comms/agent'
import { expect, test } from 'vitest'
import { listTasks, untilAllOver } from '../helpers/all-tasks.ts'
import { openDataFolder } from '../helpers/data-folder.ts'
import { runHubCommand } from '../helpers/hub-command.ts'
import { COMPILED, startHubProcess } from '../helpers/hub-process.ts'
import { openSmallDisk, type SmallDisk } from '../helpers/small-disk.ts'
import { Submitters } from '../helpers/submitters.ts'

/** Tasks that make the store large enough for its copy to take many steps. */
const LARGE = { count: 100, message: 'x'.repeat(200_000) }
const TEST_MS_MAX = 120_000

const listOn = async ({ through, folder }: SmallDisk): Promise<string> => {
  const [command = '', ...argv] = [...through, 'ls', '-A', folder]
  return (await promisify(execFile)(command, argv)).stdout
}

test('a backup of a hub under load has every task that was accepted before it, and a hub works on with it', {
  timeout: TEST_MS_MAX,
}, async () => {
  await using folder = await openDataFolder()
  const at = (name: string) => join(folder.path, name)
  await using hub = await startHubProcess({ HUB_DATA_DIR: at('data'), NODE_COMPILE_CACHE: COMPILED })
  for (let count = 0; count < LARGE.count; count++) {
    const body = { agent: 'away', message: LARGE.message }
    expect((await hub.call('POST', '/tasks', { body })).status).toBe(202)
  }
  const issued = await runHubCommand(
    { cwd: folder.path },
    ...['token', 'issue', '--name', 'worker', '--scope', 'agent', '--data-dir', 'data'],
  )
  const toWorker = (hubUrl: string, hubSecret: string) =>
    createAgent({ name: 'worker', hubUrl, hubSecret, dataDir: at('worker'), onTask: ({ message }) => `did ${message}` })
  await using worker = toWorker(hub.url, hub.secret)
  await worker.start()
  await using submitters = new Submitters(hub, { secret: hub.secret, agents: ['worker', 'later'] })
  await submitters.more(100)

  const before = [...submitters.accepted]
  const printed = await runHubCommand({ cwd: folder.path }, 'backup', 'copy', '--data-dir', 'data')
  expect(printed).toMatchObject({ code: 0, err: '' })
  const meanwhile = submitters.accepted.length - before.length
  expect(meanwhile, 'tasks that were accepted while the copy was made').toBeGreaterThan(0)
  await submitters.more(10)
  await submitters.stop()
  expect(((await stat(at('copy'))).mode & 0o777).toString(8)).toBe('600')
  await hub.kill()
  await worker.stop()

  const restored = await runHubCommand({ cwd: folder.path }, 'restore', 'copy', '--data-dir', 'restored')
  expect(restored).toMatchObject({ code: 0, err: '', out: expect.stringContaining('1 token') })
  await using next = await startHubProcess({ HUB_DATA_DIR: at('restored'), HUB_SECRET: hub.secret })
  const found = new Set((await listTasks(next, { limit: '200' })).map(({ id }) => id))
  expect(before.filter((id) => !found.has(id))).toEqual([])

  const others = ['later', 'away'].map((name) =>
    createAgent({ name, hubUrl: next.url, hubSecret: next.secret, onTask: () => 'done after all' }),
  )
  const agents = [toWorker(next.url, issued.out.trim()), ...others]
  await Promise.all(agents.map((agent) => agent.start()))
  await untilAllOver(next)
  const states = new Set((await listTasks(next, { limit: '200' })).map(({ state }) => state))
  expect([...states]).toEqual(['completed'])
  expect((await next.call('POST', '/tasks', { body: { agent: 'worker', message: 'new' } })).status).toBe(202)
  await Promise.all(agents.map((agent) => agent.stop()))
})

test('a backup or a restore for which there is no space is told, and leaves nothing', {
  timeout: TEST_MS_MAX,
}, async () => {
  await using folder = await openDataFolder()
  await using disk = await openSmallDisk()
  await using hub = await startHubProcess({ HUB_DATA_DIR: join(folder.path, 'data') })
  for (let count = 0; count < LARGE.count; count++) {
    await hub.call('POST', '/tasks', { body: { agent: 'away', message: LARGE.message } })
  }
  const place = { cwd: folder.path, through: disk.through }
  const [data, copy, full] = [join(folder.path, 'data'), join(folder.path, 'copy'), join(disk.folder, 'copy')]
  const printed = await runHubCommand(place, 'backup', full, '--data-dir', data)
  expect(printed).toEqual({
    code: 1,
    out: '',
    err: `No space is left in ${disk.folder} for a copy of ${data}/hub.sqlite.\n`,
  })
  expect((await runHubCommand(place, 'backup', copy, '--data-dir', data)).code).toBe(0)
  const restored = await runHubCommand(place, 'restore', copy, '--data-dir', disk.folder)
  expect(restored).toMatchObject({ code: 1, err: `No space is left in ${disk.folder} for a copy of ${copy}.\n` })
  expect(await listOn(disk)).toBe('')
  expect((await readdir(folder.path)).sort()).toEqual(['copy', 'data'])
})
