import { workerData } from 'node:worker_threads'
import type Database from 'better-sqlite3'
import { answerLines } from './answer-lines.ts'
import { openForReading } from './database.ts'
import { toFiles } from './folder.ts'
import type { ReaderLines } from './lines.ts'
import { troubleWith } from './storage-trouble.ts'
import { TaskReader } from './task-reader.ts'

/** What the reading thread is started with. */
export interface ReaderData {
  readonly folder: string
}

const { folder }: ReaderData = workerData
const files = toFiles(folder)

let open: { readonly database: Database.Database; readonly reader: TaskReader } | undefined

const readerOf = (): TaskReader => {
  if (open === undefined) throw troubleWith('closed', files.database)
  return open.reader
}

answerLines<ReaderLines>(files.database, {
  open: () => {
    const database = openForReading(files)
    open = { database, reader: new TaskReader(database) }
    return undefined
  },
  find: (taskId) => readerOf().find(taskId),
  list: (query) => readerOf().list(query),
  readOpen: (after) => readerOf().readOpen(after),
  close: () => {
    open?.database.close()
    open = undefined
  },
})
