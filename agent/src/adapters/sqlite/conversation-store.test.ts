import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { StorageError } from '../../core/failures.ts'
import {
  describeConversationStore,
  describeSeenStore,
  exchange,
  SMALL_CONVERSATIONS,
} from '../../test-support/conversation-contract.ts'
import { useFolder } from '../../test-support/folder.ts'
import { SqliteConversationStore } from './conversation-store.ts'
import { DATABASE_FILE, openDatabase } from './database.ts'
import { SqliteSeenStore } from './seen-store.ts'
import { openStorage } from './storage.ts'

const STORAGE = new URL('storage.ts', import.meta.url).href

/** A database whose law is tried a hundred times; that does not need the disk, and what does is below. */
const openQuick = () => {
  const folder = useFolder()
  const database = openDatabase(folder.path)
  database.pragma('synchronous = OFF')
  const dispose = () => {
    database.close()
    folder[Symbol.dispose]()
  }
  return { database, dispose }
}

describeConversationStore('in SQLite', (bounds) => {
  const { database, dispose } = openQuick()
  return { store: new SqliteConversationStore(database, bounds), [Symbol.dispose]: dispose }
})

describeSeenStore('in SQLite', (bounds) => {
  const { database, dispose } = openQuick()
  return { store: new SqliteSeenStore(database, bounds), [Symbol.dispose]: dispose }
})

const use = (path: string) => {
  const storage = openStorage(path)
  return { ...storage, [Symbol.dispose]: () => storage.journal.close() }
}

/** All bytes of a folder as one text. */
const readAll = (path: string) =>
  readdirSync(path)
    .map((file) => readFileSync(join(path, file), 'latin1'))
    .join('')

describe('what people have said, in a data folder', () => {
  it('is known after a restart, and its bounds still count what was there', () => {
    using folder = useFolder()
    {
      const database = openDatabase(folder.path)
      const store = new SqliteConversationStore(database, SMALL_CONVERSATIONS)
      for (const person of ['1', '2', '1', '2', '1']) store.append(person, exchange(person))
      new SqliteSeenStore(database, { idsMax: 2, keepMs: 100 }).add('c', 'm1', 0)
      database.close()
    }
    const database = openDatabase(folder.path)
    const store = new SqliteConversationStore(database, SMALL_CONVERSATIONS)
    store.append('3', exchange('3'))
    expect(['1', '2', '3'].map((person) => store.read(person, -1).length)).toEqual([2, 2, 1])
    const seen = new SqliteSeenStore(database, { idsMax: 2, keepMs: 100 })
    expect(['m1', 'm2', 'm3', 'm1'].map((id) => seen.add('c', id, 0))).toEqual([false, true, true, true])
    database.close()
  })

  it('is for this user alone, and in no file any more once it is forgotten', () => {
    using folder = useFolder()
    using opened = use(folder.path)
    for (let each = 0; each < 20; each++) {
      opened.conversations.append('1', exchange('a secret word '.repeat(each * 40), 0))
      opened.conversations.append('2', exchange('another word'.repeat(each * 30), 0))
    }
    expect(readAll(folder.path)).toContain('a secret word')
    for (const file of readdirSync(folder.path)) expect(statSync(join(folder.path, file)).mode & 0o777).toBe(0o600)
    opened.conversations.forget('1')
    expect(readAll(folder.path)).not.toContain('secret')
    expect(readAll(folder.path)).toContain('another word')
  })

  it('survives a kill as soon as it was said to be kept', async () => {
    using folder = useFolder()
    const code = `
      import { writeSync } from 'node:fs'
      import { openStorage } from ${JSON.stringify(STORAGE)}
      const { conversations, seen } = openStorage(${JSON.stringify(folder.path)})
      for (let each = 0; ; each++) {
        seen.add('c', 'm' + each, 0)
        conversations.append('1', { question: 'q', answer: 'a' + each, at: 0 })
        writeSync(1, 'a' + each + '\\n')
      }`
    const child = spawn(process.execPath, ['--input-type=module', '--eval', code])
    let said = ''
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk
      if (said.split('\n').length > 20) child.kill('SIGKILL')
    })
    await once(child, 'close')
    using opened = use(folder.path)
    const kept = opened.conversations.read('1', -1).map(({ answer }) => answer)
    const last = said.split('\n').at(-2) ?? ''
    expect(kept).toContain(last)
    expect(opened.seen.add('c', last.replace('a', 'm'), 0)).toBe(false)
  })

  it('is told to be unsaved while somebody else writes or the storage is closed, and has changed nothing', () => {
    using folder = useFolder()
    const opened = openStorage(folder.path)
    opened.conversations.append('1', exchange('kept'))
    const other = new Database(join(folder.path, DATABASE_FILE))
    other.exec('BEGIN IMMEDIATE')
    const acts = [
      () => opened.conversations.append('1', exchange('lost')),
      () => opened.conversations.forget('1'),
      () => opened.conversations.purge(0),
      () => opened.seen.add('c', 'm1', 0),
    ]
    for (const act of acts) expect(act).toThrow(new StorageError('SQLITE_BUSY'))
    other.exec('ROLLBACK')
    other.close()
    expect(opened.conversations.read('1', -1)).toEqual([exchange('kept')])
    expect(opened.seen.add('c', 'm1', 0)).toBe(true)
    opened.journal.close()
    for (const act of acts) expect(act).toThrow(new StorageError('closed'))
  })

  it('finds its place in a folder of the release before', () => {
    using folder = useFolder()
    openStorage(folder.path).journal.close()
    const database = new Database(join(folder.path, DATABASE_FILE))
    database.exec(
      'DROP TABLE exchange; DROP TABLE seen; DROP TABLE team_step; DROP TABLE team_run; PRAGMA user_version = 2',
    )
    database.close()
    using opened = use(folder.path)
    opened.conversations.append('1', exchange('new'))
    expect(opened.conversations.read('1', -1)).toEqual([exchange('new')])
  })
})
