import { chmod, mkdir, readdir, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import { openDataFolder } from '../helpers/data-folder.ts'
import { type HubProcess, spawnHub, startHubProcess } from '../helpers/hub-process.ts'

const REFUSAL_MS_MAX = 5_000
/** Without its powers root is a user like any other, whom a folder's mode holds off. */
const AS_ANYBODY = process.getuid?.() === 0 ? ['setpriv', '--bounding-set=-all', '--inh-caps=-all'] : []
const withUmask = (umask: string) => ['sh', '-c', `umask ${umask}; exec "$@"`, 'sh', ...AS_ANYBODY]

/** It has ended with exit 1 and one sentence, and no trace of where in the code. */
const expectRefusal = async (hub: HubProcess, sentence: RegExp): Promise<void> => {
  const { code, tookMs } = await hub.end()
  expect({ code, stderr: hub.stderr }).toMatchObject({ code: 1 })
  expect(tookMs).toBeLessThan(REFUSAL_MS_MAX)
  expect(hub.stderr.trim().split('\n')).toEqual([expect.stringMatching(sentence)])
  expect(hub.stderr).toMatch(/\.\n$/)
  expect(hub.stdout).not.toContain('listening')
}

/** A folder in which a hub has kept a task and was told to end. */
const openUsedFolder = async () => {
  const folder = await openDataFolder()
  await using hub = await startHubProcess({ HUB_DATA_DIR: folder.path })
  await hub.call('POST', '/tasks', { body: { agent: 'a', message: 'x' } })
  hub.signal('SIGTERM')
  expect(await hub.end()).toMatchObject({ code: 0 })
  return folder
}

const modeOf = async (path: string) => ((await stat(path)).mode & 0o777).toString(8)

/** The modes of all files in a folder, by name. */
const modesIn = async (folder: string): Promise<Record<string, string>> => {
  const names = await readdir(folder)
  return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await modeOf(join(folder, name))])))
}

/** While a hub is at work in the folder. */
const expectPrivateFiles = async (folder: string): Promise<void> => {
  const modes = await modesIn(folder)
  expect(Object.keys(modes).sort()).toEqual(['hub.lock', 'hub.sqlite', 'hub.sqlite-shm', 'hub.sqlite-wal'])
  expect(Object.entries(modes).filter(([, mode]) => mode !== '600')).toEqual([])
}

const openDatabase = (folder: string) => {
  const database = new Database(join(folder, 'hub.sqlite'))
  return Object.assign(database, { [Symbol.dispose]: () => void database.close() })
}

describe('a HUB_DATA_DIR that needs a person ends the start with exit 1 and one sentence:', () => {
  test('a file', async () => {
    await using folder = await openDataFolder()
    const path = join(folder.path, 'file')
    await writeFile(path, 'not a folder')
    await using hub = await spawnHub({ HUB_DATA_DIR: path })
    await expectRefusal(hub, /file\/hub\.sqlite cannot be used .*choose a folder/)
    await using below = await spawnHub({ HUB_DATA_DIR: join(path, 'below') })
    await expectRefusal(below, /below\/hub\.sqlite cannot be used .*choose a folder/)
  })

  test('a folder that it may not write, or not make', async () => {
    await using folder = await openDataFolder()
    const locked = join(folder.path, 'locked')
    await mkdir(locked, { mode: 0o500 })
    await using hub = await spawnHub({ HUB_DATA_DIR: locked }, [], AS_ANYBODY)
    await expectRefusal(hub, /locked\/hub\.sqlite cannot be used .*choose a folder that the hub may write/)
    await using below = await spawnHub({ HUB_DATA_DIR: join(locked, 'below') }, [], AS_ANYBODY)
    await expectRefusal(below, /below\/hub\.sqlite cannot be used .*choose a folder that the hub may write/)
  })

  test('one with a database of a later release, which stays as it is', async () => {
    await using folder = await openUsedFolder()
    using database = openDatabase(folder.path)
    database.pragma('user_version = 9999')
    await using hub = await spawnHub({ HUB_DATA_DIR: folder.path })
    await expectRefusal(hub, /hub\.sqlite was written by a later release \(schema 9999.*run that one, or use another/)
    expect(database.pragma('user_version', { simple: true })).toBe(9999)
  })

  test('one with a damaged database', async () => {
    await using folder = await openUsedFolder()
    const path = join(folder.path, 'hub.sqlite')
    await writeFile(path, Buffer.alloc(16_384, 'no database '))
    await using hub = await spawnHub({ HUB_DATA_DIR: folder.path })
    await expectRefusal(hub, /hub\.sqlite is damaged .*restore a backup, or move it away/)
  })

  test('one with a database that was cut in the middle', async () => {
    await using folder = await openUsedFolder()
    const path = join(folder.path, 'hub.sqlite')
    await truncate(path, 8_192)
    await using hub = await spawnHub({ HUB_DATA_DIR: folder.path })
    await expectRefusal(hub, /hub\.sqlite is damaged .*restore a backup, or move it away/)
  })

  test('one with a database of another program', async () => {
    await using folder = await openDataFolder()
    using database = openDatabase(folder.path)
    database.exec('CREATE TABLE theirs (it)')
    await using hub = await spawnHub({ HUB_DATA_DIR: folder.path })
    await expectRefusal(hub, /hub\.sqlite cannot be used \(it belongs to another program\)/)
  })

  test('one that another hub uses, which works on, and whose place can be taken once it is gone', async () => {
    await using folder = await openDataFolder()
    await using first = await startHubProcess({ HUB_DATA_DIR: folder.path })
    await using second = await spawnHub({ HUB_DATA_DIR: folder.path })
    await expectRefusal(second, /Another hub uses .*: stop it, or give each hub a folder of its own/)
    expect((await first.call('POST', '/tasks', { body: { agent: 'a', message: 'x' } })).status).toBe(202)
    await first.kill()
    await using third = await startHubProcess({ HUB_DATA_DIR: folder.path })
    expect((await third.call('GET', '/tasks')).body).toMatchObject({ tasks: [{ message: 'x' }] })
  })
})

describe('what the hub keeps', () => {
  test.each(['0000', '0077', '0777'])('is for its user alone with umask %s', async (umask) => {
    await using folder = await openDataFolder()
    const path = join(folder.path, 'made')
    await using hub = await startHubProcess({ HUB_DATA_DIR: path }, withUmask(umask))
    await hub.call('POST', '/tasks', { body: { agent: 'a', message: 'x' } })
    expect(await modeOf(path)).toBe('700')
    await expectPrivateFiles(path)
  })

  test('is for its user alone in every folder on the way that it has to make', async () => {
    await using folder = await openDataFolder()
    const path = join(folder.path, 'made', 'by', 'the-hub')
    await using _hub = await startHubProcess({ HUB_DATA_DIR: path }, withUmask('0000'))
    for (const made of [join(folder.path, 'made'), join(folder.path, 'made', 'by'), path]) {
      expect(await modeOf(made)).toBe('700')
    }
  })

  test('is closed to others at the start when it was open to them, as a restored backup is', async () => {
    await using folder = await openDataFolder()
    await using dead = await startHubProcess({ HUB_DATA_DIR: folder.path })
    await dead.call('POST', '/tasks', { body: { agent: 'a', message: 'x' } })
    await dead.kill()
    for (const name of await readdir(folder.path)) await chmod(join(folder.path, name), 0o666)
    await using hub = await startHubProcess({ HUB_DATA_DIR: folder.path })
    expect((await hub.call('GET', '/tasks')).body).toMatchObject({ tasks: [{ message: 'x' }] })
    await expectPrivateFiles(folder.path)
  })

  test('is nothing with :memory:, and a line of the log says so', async () => {
    await using hub = await startHubProcess({ HUB_DATA_DIR: ':memory:' })
    await hub.logged(/"level":40.*HUB_DATA_DIR is :memory:/)
    expect((await hub.call('POST', '/tasks', { body: { agent: 'a', message: 'x' } })).status).toBe(202)
  })
})
