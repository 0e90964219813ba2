import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import { troubleOf } from '../../test-support/store-under-test.ts'
import { keyOf, newTask } from '../../test-support/stored-tasks.ts'
import { temporaryFolder } from '../../test-support/temporary-folder.ts'
import { toFiles } from './folder.ts'
import { GroupCommit } from './group-commit.ts'
import type { Write, WriterLines } from './lines.ts'
import { toTaskRow } from './task-row.ts'
import { LineKeeper, WorkerLine } from './worker-line.ts'
import { WriteQueue } from './write-queue.ts'

const BOUNDS = { writesMax: 100, charactersMax: 1e6, batchWritesMax: 2, batchCharactersMax: 1e6 }

const addOf = (task = newTask()): Write => ['add', toTaskRow(task), ['shared', task.id, keyOf().digest, task.expiresAt]]
const idOf = (write: Write) => (write[0] === 'add' ? write[1][0] : '')

/** Starts a thread that is lost after a commit, and proper ones after it. */
const startLosing = (folder: string) => {
  const files = toFiles(folder)
  const lines: WorkerLine<WriterLines>[] = []
  const keeper = new LineKeeper<WriterLines>(async (isReturn) => {
    const program = new URL(lines.length === 0 ? './lost-writer.fixture.ts' : './writer.ts', import.meta.url)
    const line = new WorkerLine<WriterLines>(program, files.database, { folder, commitPauseMs: 0 })
    lines.push(line)
    await line.ask('open', { isReturn })
    return line
  })
  const writes = new GroupCommit({ queue: new WriteQueue(BOUNDS), keeper, file: files.database })
  return {
    writes,
    lines,
    readIds: () => {
      const database = new Database(files.database, { readonly: true })
      try {
        return database.prepare('SELECT id FROM tasks ORDER BY seq').pluck().all()
      } finally {
        database.close()
      }
    },
    [Symbol.asyncDispose]: () => keeper.close(),
  }
}

describe('writes whose thread is lost after their commit and before the answer', () => {
  test('are undone before they are rejected, and so is what waited behind them', async () => {
    await using folder = await temporaryFolder()
    await using made = startLosing(join(folder.path, 'data'))
    const [first, second, fourth] = [addOf(), addOf(), addOf()]
    // It would be refused alone; undoing it must not undo the first one
    const third = first
    await made.writes.write(first)
    const troubles = [second, third, fourth].map((write) =>
      troubleOf(made.writes.write(write)).then((trouble) => ({ trouble, ids: made.readIds() })),
    )
    const seen = { trouble: 'failed', ids: [idOf(first)] }
    expect(await Promise.all(troubles)).toEqual([seen, seen, seen])
    expect(made.lines).toHaveLength(2)
    await made.writes.write(fourth)
    expect(made.readIds()).toEqual([idOf(first), idOf(fourth)])
    expect(made.writes.tasks).toBe(2)
  })
})
