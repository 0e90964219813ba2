import { existsSync, lstatSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { StorageError } from '../core/failures.ts'
import { useFolder } from '../test-support/folder.ts'
import { ask, commit } from './ask-database.ts'
import { type DatabaseForm, openDatabaseFile } from './open-database.ts'

const FORM: DatabaseForm = {
  steps: ['CREATE TABLE note (text TEXT NOT NULL) STRICT'],
  ifDamaged: 'write it anew.',
  mayBeEmpty: false,
}

const useFile = () => {
  const folder = useFolder()
  return { ...folder, folder: folder.path, file: join(folder.path, 'notes.sqlite') }
}

describe('a database file', () => {
  it('is brought up to date step by step, and keeps what is in it', () => {
    using place = useFile()
    const old = openDatabaseFile(place.file, FORM)
    old.exec(`INSERT INTO note VALUES ('kept')`)
    old.close()
    const steps = [...FORM.steps, 'ALTER TABLE note ADD COLUMN at INTEGER']
    const database = openDatabaseFile(place.file, { ...FORM, steps })
    expect(database.prepare('SELECT text, at FROM note').all()).toEqual([{ text: 'kept', at: null }])
    database.close()
    expect(() => openDatabaseFile(place.file, FORM)).toThrow(/has schema 2 of a newer release, and this one knows 1/)
  })

  it('that was begun and not finished is begun anew, and leaves nothing beside it', () => {
    using place = useFile()
    writeFileSync(`${place.file}.new`, 'half of it')
    openDatabaseFile(place.file, FORM).close()
    expect(readdirSync(place.folder)).toEqual(['notes.sqlite'])
  })

  it('without a schema is torn, unless one may be empty', () => {
    using place = useFile()
    writeFileSync(place.file, '')
    expect(() => openDatabaseFile(place.file, FORM)).toThrow(/is damaged \(it is empty\); write it anew\.$/)
    openDatabaseFile(place.file, { ...FORM, mayBeEmpty: true }).close()
  })

  it('behind a link that leads nowhere is not replaced: its disk may come back', () => {
    using place = useFile()
    symlinkSync(join(place.folder, 'away', 'notes.sqlite'), place.file)
    expect(() => openDatabaseFile(place.file, FORM)).toThrow(/cannot be used \(ENOENT\)/)
    expect(lstatSync(place.file).isSymbolicLink()).toBe(true)
    expect(existsSync(place.file)).toBe(false)
  })
})

describe('what is asked of a database', () => {
  it('fails as a storage does where SQLite says no, or the database is closed, and as a bug where it is one', () => {
    using place = useFile()
    const database = openDatabaseFile(place.file, FORM)
    expect(() => ask(database, () => database.exec('INSERT INTO note VALUES (NULL)'))).toThrow(
      new StorageError('SQLITE_CONSTRAINT_NOTNULL'),
    )
    expect(() => ask(database, () => JSON.parse('{'))).toThrow(SyntaxError)
    database.close()
    expect(() => ask(database, () => database.exec('SELECT 1'))).toThrow(new StorageError('closed'))
  })

  it('is done whole or not at all, and one within another is a part of it', () => {
    using place = useFile()
    const database = openDatabaseFile(place.file, FORM)
    const add = (text: string) => commit(database, () => database.prepare('INSERT INTO note VALUES (?)').run(text))
    expect(() =>
      commit(database, () => {
        add('one')
        throw new Error('the end')
      }),
    ).toThrow('the end')
    add('two')
    expect(database.prepare('SELECT text FROM note').pluck().all()).toEqual(['two'])
    database.close()
  })
})
