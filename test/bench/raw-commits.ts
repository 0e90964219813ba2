/**
 * A process of its own that does nothing but write rows into SQLite: the yardstick of durable submissions. Argument: a
 * database of the hub in which there is one task; its row, with its indexes, is written again and again. Any message with
 * a number of rows is answered with how long they took, in groups as large as the hub's callers are many.
 */
import { randomUUID } from 'node:crypto'
import Database from 'better-sqlite3'
import { type RawRun, ROWS_PER_COMMIT } from './raw-run.ts'

const [, , file = ''] = process.argv
process.on('disconnect', () => process.exit())

const database = new Database(file)
database.pragma('journal_mode = WAL')
database.pragma('synchronous = FULL')
const row = database.prepare<[], Record<string, unknown>>('SELECT * FROM tasks LIMIT 1').get()
if (row === undefined) throw new Error('There is no task to write again')
const columns = Object.keys(row).filter((column) => column !== 'seq')
const insert = database.prepare(
  `INSERT INTO tasks (${columns.join(', ')}) VALUES (${columns.map((column) => `@${column}`).join(', ')})`,
)
const begin = database.prepare('BEGIN IMMEDIATE')
const commit = database.prepare('COMMIT')

const run = (rows: number): RawRun => {
  const latenciesMs: number[] = []
  const startedAt = performance.now()
  for (let written = 0; written < rows; written += ROWS_PER_COMMIT) {
    const begunAt = performance.now()
    begin.run()
    for (let place = 0; place < ROWS_PER_COMMIT; place++) insert.run({ ...row, id: randomUUID() })
    commit.run()
    latenciesMs.push(performance.now() - begunAt)
  }
  return { wallMs: performance.now() - startedAt, latenciesMs }
}

process.on('message', (rows: number) => process.send?.(run(rows)))
process.send?.('ready')
