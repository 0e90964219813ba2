import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { TokenBook } from './adapters/credentials/token-book.ts'
import { SqliteTaskStore } from './adapters/sqlite/task-store.ts'
import { keepTasks, NOW, onlySentence, openStage, openStore } from './test-support/backup-stage.ts'
import { listAllIds, newTask } from './test-support/stored-tasks.ts'

const idsIn = async (folder: string): Promise<string[]> => {
  await using store = await openStore(folder)
  return (await listAllIds(store)).sort()
}

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8)

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
