// A writing thread that dies between its second commit and the answer: the worst moment
import { workerData } from 'node:worker_threads'
import { answerLines } from './answer-lines.ts'
import { openDatabase } from './database.ts'
import { toFiles } from './folder.ts'
import type { WriterLines } from './lines.ts'
import { BatchWriter } from './write-batch.ts'

const files = toFiles(workerData.folder)
const open = openDatabase(files)
const writer = new BatchWriter(open.database, () => undefined)
let commits = 0

answerLines<WriterLines>(files.database, {
  open: () => ({ storeId: open.storeId, boot: open.boot, notes: open.notes, ...writer.contents }),
  write: (writes) => {
    const written = writer.write(writes)
    if (++commits === 2) process.exit(1)
    return written
  },
  close: () => undefined,
})
