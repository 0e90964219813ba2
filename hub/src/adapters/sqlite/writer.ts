import { workerData } from 'node:worker_threads'
import { answerLines } from './answer-lines.ts'
import { type OpenDatabase, openDatabase } from './database.ts'
import { toFiles } from './folder.ts'
import type { WriterLines } from './lines.ts'
import { troubleWith } from './storage-trouble.ts'
import { BatchWriter } from './write-batch.ts'

/** What the writing thread is started with. */
export interface WriterData {
  readonly folder: string
  readonly commitPauseMs: number
}

const { folder, commitPauseMs }: WriterData = workerData
const files = toFiles(folder)
const never = new Int32Array(new SharedArrayBuffer(4))
const pause = () => {
  if (commitPauseMs > 0) Atomics.wait(never, 0, 0, commitPauseMs)
}

let open: { readonly database: OpenDatabase; readonly writer: BatchWriter } | undefined

answerLines<WriterLines>(files.database, {
  open: ({ isReturn }) => {
    const database = openDatabase(files, isReturn)
    const writer = new BatchWriter(database.database, pause)
    open = { database, writer }
    return { storeId: database.storeId, boot: database.boot, notes: database.notes, ...writer.contents }
  },
  write: (writes) => {
    if (open === undefined) throw troubleWith('closed', files.database)
    return open.writer.write(writes)
  },
  close: () => {
    open?.database.close()
    open = undefined
  },
})
