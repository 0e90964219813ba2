import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import { TokenBook } from './adapters/credentials/token-book.ts'
import * as tokenCopies from './adapters/credentials/token-copy.ts'
import { toTokenPath } from './adapters/credentials/token-file.ts'
import { toFiles } from './adapters/sqlite/folder.ts'
import { MIGRATIONS } from './adapters/sqlite/migrations.ts'
import * as copies from './adapters/sqlite/store-copy.ts'
import { SqliteTaskStore } from './adapters/sqlite/task-store.ts'
import { type BackupHost, type BackupRooms, runBackupCommand } from './backup-command.ts'
import { listAllIds, newTask } from './test-support/stored-tasks.ts'
import { temporaryFolder } from './test-support/temporary-folder.ts'

const NOW = Date.UTC(2026, 0, 1, 12)
const ROOMS: BackupRooms = { toTaskPath: (path) => toFiles(path).database, toTokenPath, ...copies, ...tokenCopies }

/** A data folder, and the commands as the process would run them. */
const openStage = async (given: Partial<BackupHost> = {}) => {
  const folder = await temporaryFolder()
  const at = (name: string) => join(folder.path, name)
  const told: string[] = []
  const run = (word: 'backup' | 'restore', ...args: string[]) =>
    runBackupCommand(word, args, {
      rooms: ROOMS,
      readEnvironment: () => ({ HUB_DATA_DIR: at('data') }),
      now: () => 0,
      epochMs: () => NOW,
      release: '1.2.3',
      signal: new AbortController().signal,
      tell: (sentence) => told.push(sentence),
      ...given,
    })
  return {
    ...{ at, told, run, list: () => readdirSync(folder.path).sort() },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  }
}

/** Keeps tasks in a folder. @returns their ids */
const keepTasks = async (folder: string, count: number, message = 'Plan a picnic'): Promise<string[]> => {
  await using store = await openStore(folder)
  const tasks = Array.from({ length: count }, () => newTask({ message }))
  await Promise.all(tasks.map((task) => store.add(task)))
  return tasks.map(({ id }) => id)
}

const openStore = async (folder: string) => {
  const store = new SqliteTaskStore({ folder })
  await store.open()
  return Object.assign(store, { [Symbol.asyncDispose]: () => store.close() })
}

const idsIn = async (folder: string): Promise<string[]> => {
  await using store = await openStore(folder)
  return (await listAllIds(store)).sort()
}

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8)
const onlySentence = (sentence: string | RegExp) => ({ code: 1, out: '', err: expect.stringMatching(sentence) })

describe('a backup', () => {
  test('is one file for its owner, and a hub has its tasks and tokens back from it', async () => {
    await using stage = await openStage()
    const ids = await keepTasks(stage.at('data'), 3)
    const { jti } = await new TokenBook(stage.at('data')).issue({ name: 'a', scopes: ['agent'], ttlMs: 9e9 }, NOW)
    expect(await stage.run('backup', stage.at('copy'))).toEqual({
      code: 0,
      out: expect.stringMatching(/^Backed up \S+data into \S+copy: 3 tasks and the tokens with their key, \d+ KiB\.\n/),
      err: '',
    })
    expect([stage.list(), modeOf(stage.at('copy'))]).toEqual([['copy', 'data'], '600'])
    rmSync(stage.at('data'), { recursive: true })
    const { code, out } = await stage.run('restore', stage.at('copy'))
    expect({ code, out }).toEqual({ code: 0, out: expect.stringMatching(/: 3 tasks, 1 token\.\n/) })
    expect(out).toContain('It was made at 2026-01-01 12:00:00 UTC by release 1.2.3.\n')
    expect(out).toContain('Tokens that were revoked since then are good again')
    expect(readdirSync(stage.at('data')).sort()).toEqual(['hub.sqlite', 'tokens.sqlite'])
    expect(readdirSync(stage.at('data')).map((name) => modeOf(join(stage.at('data'), name)))).toEqual(['600', '600'])
    expect(modeOf(stage.at('data'))).toBe('700')
    expect(await idsIn(stage.at('data'))).toEqual(ids.sort())
    expect(new TokenBook(stage.at('data')).list()).toMatchObject([{ jti }])
  })

  test('leaves no key in the tasks that are restored, and needs none', async () => {
    await using stage = await openStage()
    await keepTasks(stage.at('data'), 1)
    await new TokenBook(stage.at('data')).issue({ name: 'a', scopes: ['agent'], ttlMs: 9e9 }, NOW)
    await stage.run('backup', stage.at('copy'))
    await stage.run('restore', stage.at('copy'), '--data-dir', stage.at('other'))
    const has = (path: string) => readFileSync(path, 'latin1').includes('"crv":"Ed25519"')
    const [tasks, tokens] = ['hub.sqlite', 'tokens.sqlite'].map((name) => has(join(stage.at('other'), name)))
    expect({ backup: has(stage.at('copy')), tasks, tokens }).toEqual({ backup: true, tasks: false, tokens: true })
    rmSync(join(stage.at('other'), 'tokens.sqlite'))
    expect((await stage.run('backup', stage.at('copy 2'), '--data-dir', stage.at('other'))).out).toContain('no tokens')
  })

  test('of a store at work is made in one go, and has all that was kept before it began', async () => {
    let now = 0
    await using stage = await openStage({ now: () => (now += 10_000) })
    // many times what is copied in one step, so that others commit in between
    const before = await keepTasks(stage.at('data'), 300, 'x'.repeat(100_000))
    await using store = await openStore(stage.at('data'))
    let isOver = false
    const work = async () => {
      while (!isOver) await store.add(newTask())
    }
    const workers = [work(), work(), work()]
    const { code } = await stage.run('backup', stage.at('copy')).finally(() => {
      isOver = true
    })
    await Promise.all(workers)
    expect(code).toBe(0)
    // a copy that is begun anew at every commit goes back again and again
    const percents = stage.told.map((sentence) => Number.parseInt(sentence, 10))
    expect(percents.length).toBeGreaterThan(3)
    expect(percents).toEqual(percents.toSorted((one, other) => one - other))
    await stage.run('restore', stage.at('copy'), '--data-dir', stage.at('other'))
    const restored = new Set(await idsIn(stage.at('other')))
    expect(before.filter((id) => !restored.has(id))).toEqual([])
  })

  test('of a hub that was killed has what stands in its log alone, and leaves the log as it is', async () => {
    await using stage = await openStage()
    await using store = await openStore(stage.at('data'))
    const task = newTask()
    await store.add(task)
    mkdirSync(stage.at('killed'))
    for (const name of ['hub.sqlite', 'hub.sqlite-wal']) {
      writeFileSync(join(stage.at('killed'), name), readFileSync(join(stage.at('data'), name)))
    }
    const logBefore = readFileSync(join(stage.at('killed'), 'hub.sqlite-wal'))
    expect(await stage.run('backup', stage.at('copy'), '--data-dir', stage.at('killed'))).toMatchObject({ code: 0 })
    expect(readFileSync(join(stage.at('killed'), 'hub.sqlite-wal'))).toEqual(logBefore)
    await stage.run('restore', stage.at('copy'), '--data-dir', stage.at('other'))
    expect(await idsIn(stage.at('other'))).toEqual([task.id])
  })

  test('tells how far it is when it takes long', async () => {
    let now = 0
    await using stage = await openStage({ now: () => (now += 1_500) })
    await keepTasks(stage.at('data'), 100, 'x'.repeat(100_000))
    await stage.run('backup', stage.at('copy'))
    expect(stage.told.length).toBeGreaterThan(0)
    for (const sentence of stage.told) expect(sentence).toMatch(/^\d{1,2} % of \d+\.\d MiB copied$/)
  })

  test('that is called off leaves nothing', async () => {
    const stop = new AbortController()
    const abort = () => {
      stop.abort()
      return 0
    }
    await using stage = await openStage({ signal: stop.signal, now: abort })
    await keepTasks(stage.at('data'), 100, 'x'.repeat(100_000))
    expect(await stage.run('backup', stage.at('copy'))).toEqual(
      onlySentence(/^Stopped: nothing of the backup was left/),
    )
    expect(stage.list()).toEqual(['data'])
  })

  test('goes on counting the starts of the hub, far enough that no event has a number again', async () => {
    await using stage = await openStage()
    await keepTasks(stage.at('data'), 1)
    await stage.run('backup', stage.at('copy'))
    await stage.run('restore', stage.at('copy'), '--data-dir', stage.at('other'))
    const store = new SqliteTaskStore({ folder: stage.at('other') })
    expect(await store.open()).toMatchObject({ boot: 1_001, notes: [] })
    await store.close()
  })
})

describe('what is there', () => {
  test('is never overwritten by a backup, whatever it is', async () => {
    await using stage = await openStage()
    await keepTasks(stage.at('data'), 1)
    writeFileSync(stage.at('file'), 'mine')
    mkdirSync(stage.at('folder'))
    symlinkSync('nowhere', stage.at('link'))
    const before = stage.list()
    for (const name of ['file', 'folder', 'link']) {
      expect(await stage.run('backup', stage.at(name)), name).toEqual(
        onlySentence(/is there already, and stays as it is/),
      )
    }
    expect([stage.list(), readFileSync(stage.at('file'), 'utf8')]).toEqual([before, 'mine'])
  })

  test('is not overwritten when it came while the copy was made', async () => {
    let now = 0
    await using stage = await openStage({
      now: () => {
        if (now === 1) writeFileSync(stage.at('copy'), 'faster')
        return now++
      },
    })
    await keepTasks(stage.at('data'), 100, 'x'.repeat(100_000))
    expect(await stage.run('backup', stage.at('copy'))).toEqual(onlySentence(/copy is there already/))
    expect([stage.list(), readFileSync(stage.at('copy'), 'utf8')]).toEqual([['copy', 'data'], 'faster'])
  })

  test.each(['hub.sqlite', 'hub.sqlite-wal', 'hub.sqlite-shm', 'tokens.sqlite', 'tokens.sqlite-journal'])(
    'keeps a backup from being restored: %s',
    async (name) => {
      await using stage = await openStage()
      await keepTasks(stage.at('data'), 1)
      await stage.run('backup', stage.at('copy'))
      mkdirSync(stage.at('other'))
      writeFileSync(join(stage.at('other'), name), 'mine')
      const found = await stage.run('restore', stage.at('copy'), '--data-dir', stage.at('other'))
      expect(found).toEqual(onlySentence(new RegExp(`${name} is there already: stop the hub of`)))
      expect(readdirSync(stage.at('other'))).toEqual([name])
    },
  )
})

describe('what cannot be copied', () => {
  const spoil = (path: string) => {
    const bytes = readFileSync(path)
    bytes.fill(0xa5, 5 * 4_096, 7 * 4_096)
    writeFileSync(path, bytes)
  }

  test('is refused in one sentence, and nothing is left of it: a damaged store, a damaged backup', async () => {
    await using stage = await openStage()
    await keepTasks(stage.at('data'), 200)
    await stage.run('backup', stage.at('copy'))
    spoil(join(stage.at('data'), 'hub.sqlite'))
    expect(await stage.run('backup', stage.at('copy 2'))).toEqual(onlySentence(/hub\.sqlite is damaged \(.*\)[;.]/))
    spoil(stage.at('copy'))
    const restored = await stage.run('restore', stage.at('copy'), '--data-dir', stage.at('other'))
    expect(restored).toEqual(onlySentence(/copy is damaged \(.*\)[;.]/))
    expect([stage.list(), readdirSync(stage.at('other'))]).toEqual([['copy', 'data', 'other'], []])
  })

  test('is refused in one sentence: a backup whose tokens are none', async () => {
    await using stage = await openStage({ rooms: { ...ROOMS, copyTokens: () => Buffer.from('no tokens') } })
    await keepTasks(stage.at('data'), 1)
    expect(await stage.run('backup', stage.at('copy'))).toMatchObject({ code: 0 })
    const restored = await stage.run('restore', stage.at('copy'), '--data-dir', stage.at('other'))
    expect(restored).toEqual(onlySentence(/copy has tokens that cannot be used; restore another backup/))
    expect(readdirSync(stage.at('other'))).toEqual([])
  })

  test('is refused in one sentence: another database, a store instead of a backup, a later release, no file', async () => {
    await using stage = await openStage()
    await keepTasks(stage.at('data'), 1)
    await stage.run('backup', stage.at('copy'))
    new Database(stage.at('strange')).exec('CREATE TABLE recipes (name TEXT)').close()
    writeFileSync(stage.at('words'), 'no database, just words '.repeat(500))
    const later = new Database(stage.at('copy'))
    later.pragma(`user_version = ${MIGRATIONS.length + 1}`)
    later.close()
    const wrong = {
      strange: /strange holds no tasks of a hub/,
      words: /words is damaged \(SQLITE_NOTADB\)/,
      copy: /copy was written by a later release/,
      'data/hub.sqlite': /hub\.sqlite is no backup of a hub: pnpm hub backup makes one/,
      nothing: /There is no .*nothing/,
    }
    for (const [name, sentence] of Object.entries(wrong)) {
      const found = await stage.run('restore', stage.at(name), '--data-dir', stage.at('other'))
      expect(found, name).toEqual(onlySentence(sentence))
    }
    expect(readdirSync(stage.at('other'))).toEqual([])
  })

  test('is refused in one sentence: a folder without a hub, tokens that are none, a place that is none', async () => {
    await using stage = await openStage()
    expect(await stage.run('backup', stage.at('copy'))).toEqual(onlySentence(/no hub has run in that folder yet/))
    await keepTasks(stage.at('data'), 1)
    const nowhere = stage.at('nowhere/copy')
    expect(await stage.run('backup', nowhere)).toEqual(onlySentence(/nowhere is no folder; make it first/))
    writeFileSync(join(stage.at('data'), 'tokens.sqlite'), 'no tokens '.repeat(500))
    expect(await stage.run('backup', stage.at('copy'))).toEqual(onlySentence(/tokens\.sqlite is damaged or no file of/))
    expect(stage.list()).toEqual(['data'])
  })

  test.each([
    [[], 'takes one FILE'],
    [['a', 'b'], 'takes one FILE'],
    [[''], 'takes one FILE'],
    [['a', '--force'], "Unknown option '--force' (see --help)"],
    [['a', '--data-dir', ':memory:'], 'nothing is kept'],
  ])('is refused in one sentence: %j', async (args, sentence) => {
    await using stage = await openStage()
    for (const word of ['backup', 'restore'] as const) {
      const { code, out, err } = await stage.run(word, ...args)
      expect({ code, out }).toEqual({ code: 1, out: '' })
      expect(err).toContain(sentence)
      expect(err.indexOf('\n')).toBe(err.length - 1)
    }
  })

  test('is explained by the help of each command', async () => {
    await using stage = await openStage()
    expect((await stage.run('backup', '--help')).out).toContain('Usage: pnpm hub backup FILE')
    expect((await stage.run('restore', '-h')).out).toContain('Usage: pnpm hub restore FILE')
  })
})
