import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import * as tokenCopies from '../adapters/credentials/token-copy.ts'
import { toTokenPath } from '../adapters/credentials/token-file.ts'
import { toFiles } from '../adapters/sqlite/folder.ts'
import * as copies from '../adapters/sqlite/store-copy.ts'
import { SqliteTaskStore } from '../adapters/sqlite/task-store.ts'
import { type BackupHost, type BackupRooms, runBackupCommand } from '../backup-command.ts'
import { newTask } from './stored-tasks.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** When a backup of {@link openStage} is made, in epoch milliseconds. */
export const NOW = Date.UTC(2026, 0, 1, 12)
/** The rooms of the process. */
export const ROOMS: BackupRooms = {
  toTaskPath: (path) => toFiles(path).database,
  toTokenPath,
  ...copies,
  ...tokenCopies,
}

/** A data folder, and the commands as the process would run them. */
export const openStage = async (given: Partial<BackupHost> = {}) => {
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

/** The tasks of a folder, opened as a hub does. */
export const openStore = async (folder: string) => {
  const store = new SqliteTaskStore({ folder })
  await store.open()
  return Object.assign(store, { [Symbol.asyncDispose]: () => store.close() })
}

/** Keeps tasks in a folder. @returns their ids */
export const keepTasks = async (folder: string, count: number, message = 'Plan a picnic'): Promise<string[]> => {
  await using store = await openStore(folder)
  const tasks = Array.from({ length: count }, () => newTask({ message }))
  await Promise.all(tasks.map((task) => store.add(task)))
  return tasks.map(({ id }) => id)
}

/** A command that failed with one sentence and printed nothing else. */
export const onlySentence = (sentence: string | RegExp) => ({ code: 1, out: '', err: expect.stringMatching(sentence) })
