import type { TaskState } from '@ai-comms/shared'
import type { StorageTrouble } from '../../core/durable/task-store.ts'
import type { ChangeRow, TaskRow } from './columns.ts'

/** A caller's promise: credential, key, digest, until when. */
export type KeyRow = readonly [credential: string, key: string, digest: string, expiresAt: number]

/** One thing to write. */
export type Write =
  | readonly [kind: 'add', task: TaskRow, key: KeyRow | undefined]
  | readonly [kind: 'update', change: ChangeRow]
  | readonly [kind: 'purge', endedBefore: number, now: number, limit: number]
  | readonly [kind: 'probe']
  /** Takes tasks back whose addition was never confirmed; a task that was there before stays. */
  | readonly [kind: 'disown', ids: readonly string[], lastSeq: number]

/** What became of one thing to write, where it is not just done. */
export type Outcome =
  | { readonly kind: 'replayed'; readonly row: TaskRow }
  | { readonly kind: 'conflict' }
  | { readonly kind: 'purged'; readonly tasks: number }
  | { readonly kind: 'refused'; readonly reason: string }

/** What a database holds: how many tasks, and the last place in the order of submission. */
export interface Contents {
  readonly tasks: number
  readonly lastSeq: number
}

/** What became of a batch that is on disk; everything that `outcomes` leaves out is done. */
export interface Written extends Contents {
  readonly outcomes: ReadonlyMap<number, Outcome>
}

/** What the writer tells of the database. */
export interface Opened extends Contents {
  readonly storeId: string
  readonly boot: number
  readonly notes: readonly string[]
}

/** Which rows to list, by place in the order of submission. */
export interface RowQuery {
  readonly state: TaskState | undefined
  readonly agentKey: string | undefined
  readonly limit: number
  /** Only rows before this one. */
  readonly before: number
}

/** Some rows, and the place to go on from where there are more. */
export interface RowPage {
  readonly rows: readonly TaskRow[]
  readonly next: number | undefined
}

/** Questions that a thread answers, by name. */
export type Lines = { readonly [name: string]: { readonly question: unknown; readonly answer: unknown } }

/** What the writing thread answers. */
export type WriterLines = {
  readonly open: { readonly question: { readonly isReturn: boolean }; readonly answer: Opened }
  readonly write: { readonly question: readonly Write[]; readonly answer: Written }
  readonly close: { readonly question: undefined; readonly answer: undefined }
}

/** What the reading thread answers. */
export type ReaderLines = {
  readonly open: { readonly question: undefined; readonly answer: undefined }
  readonly find: { readonly question: string; readonly answer: TaskRow | undefined }
  readonly list: { readonly question: RowQuery; readonly answer: RowPage }
  /** Open tasks after a place in the order of submission. */
  readonly readOpen: { readonly question: number; readonly answer: RowPage }
  readonly close: { readonly question: undefined; readonly answer: undefined }
}

/** How a thread answers each question. */
export type Answers<Known extends Lines> = {
  readonly [Name in keyof Known]: (question: Known[Name]['question']) => Known[Name]['answer']
}

/** A question on its way. */
export interface Question {
  readonly id: number
  readonly name: string
  readonly question: unknown
}

/** An answer on its way, or why there is none. */
export type Reply =
  | { readonly id: number; readonly kind: 'answer'; readonly answer: unknown }
  | { readonly id: number; readonly kind: 'trouble'; readonly trouble: StorageTrouble; readonly message: string }
