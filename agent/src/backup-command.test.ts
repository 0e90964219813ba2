import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { DATABASE_FILE } from './adapters/sqlite/database.ts'
import { openStorage } from './adapters/sqlite/storage.ts'
import { runBackupCommand } from './backup-command.ts'
import { StartError } from './core/failures.ts'
import { useFolder } from './test-support/folder.ts'

/** A data folder with an agent at work in it, and a place for backups. */
const openStage = () => {
  const folder = useFolder()
  const storage = openStorage(join(folder.path, 'data'))
  const from = join(folder.path, 'data', DATABASE_FILE)
  return {
    ...{ storage, from, at: (name: string) => join(folder.path, name), list: () => readdirSync(folder.path).sort() },
    [Symbol.dispose]: () => {
      storage.journal.close()
      folder[Symbol.dispose]()
    },
  }
}

/** How many costs of a day stand in a database. */
const countSpent = (path: string): unknown => {
  const database = new Database(path, { readonly: true })
  try {
    return database.prepare('SELECT count(*) FROM spent').pluck().get()
  } finally {
    database.close()
  }
}

const refusal = async (work: Promise<unknown>): Promise<string> => {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (error instanceof StartError) return error.message
  throw new Error('It was not refused', { cause: error })
}

describe('a backup of an agent', () => {
  it('is one file for its owner with all that stands in the database of an agent at work, and in its log', async () => {
    using stage = openStage()
    const writer = new Database(stage.from)
    writer.exec(`INSERT INTO spent VALUES ('2026-01-01', 'openai', 'm', 1, 1)`)
    expect(await runBackupCommand([stage.at('copy')], stage.from)).toBe(
      `Backed up ${stage.from} into ${stage.at('copy')}.\n`,
    )
    writer.close()
    expect([stage.list(), (statSync(stage.at('copy')).mode & 0o777).toString(8)]).toEqual([['copy', 'data'], '600'])
    expect(countSpent(stage.at('copy'))).toBe(1)
    mkdirSync(stage.at('other'))
    writeFileSync(join(stage.at('other'), DATABASE_FILE), readFileSync(stage.at('copy')))
    openStorage(stage.at('other')).journal.close()
  })

  it('never overwrites, and leaves nothing when it is refused', async () => {
    using stage = openStage()
    writeFileSync(stage.at('file'), 'mine')
    symlinkSync('nowhere', stage.at('link'))
    writeFileSync(stage.at('words'), 'no database, just words '.repeat(500))
    const before = stage.list()
    const refused = (words: string[], from = stage.from) => refusal(runBackupCommand(words, from))
    for (const name of ['file', 'link']) expect(await refused([stage.at(name)])).toMatch(/is there already, and stays/)
    expect(await refused([stage.at('nowhere/copy')])).toMatch(/cannot be copied to .* \(ENOENT\)/)
    expect(await refused([stage.at('copy')], stage.at('nothing'))).toMatch(/There is no .*nothing: no agent has run/)
    expect(await refused([stage.at('copy')], stage.at('words'))).toMatch(/words cannot be copied .*\(SQLITE_NOTADB\)/)
    for (const words of [[], [''], ['a', 'b']]) expect(await refused(words)).toMatch(/takes one FILE/)
    expect([stage.list(), readFileSync(stage.at('file'), 'utf8')]).toEqual([before, 'mine'])
  })
})
