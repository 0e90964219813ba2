import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import { MIGRATIONS } from './adapters/sqlite/migrations.ts'
import { keepTasks, onlySentence, openStage, ROOMS } from './test-support/backup-stage.ts'

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
