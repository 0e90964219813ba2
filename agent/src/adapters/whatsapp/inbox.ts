import type Database from 'better-sqlite3'
import type { Unfinished } from '../../core/bringer.ts'
import type { LateCount } from '../../core/late-notice.ts'
import type { InboundMessage } from '../../core/message.ts'
import { ask, commit } from '../../sqlite/ask-database.ts'
import type { MessageKey } from './arrivals.ts'

/** Bounds of the inbox. */
export interface InboxBounds {
  /** Messages of one chat that wait, or are worked on. */
  readonly chatUnfinishedMax: number
  readonly unfinishedMax: number
  /** Messages that are kept after they were finished, to be quoted. */
  readonly messagesMax: number
  /** How long, in milliseconds. */
  readonly keepMs: number
  /** Largest original that is kept, in bytes; a larger one is answered without a quote. */
  readonly rawBytesMax: number
}

/** Some megabytes in a busy day, and 140 at the very worst. */
export const INBOX_BOUNDS: InboxBounds = {
  chatUnfinishedMax: 256,
  unfinishedMax: 1_000,
  messagesMax: 2_000,
  keepMs: 86_400_000,
  rawBytesMax: 70_000,
}
/** A message that was begun so often and finished never is not begun again: it may be what ends the agent. */
export const BROUGHT_MAX = 3
/** Rows that one purge deletes at most, so that no message waits long for it. */
const PURGE_ROWS_MAX = 200

/** A message that was read, before it has its id. */
export type Incoming = Omit<InboundMessage, 'id' | 'isResumed'>

/** A message to be kept. */
export interface Entry {
  readonly key: MessageKey
  readonly message: Incoming
  /** As it came, for quoting. */
  readonly raw: Uint8Array
}

/** What became of a message that should be kept. */
export type AddOutcome = { readonly kind: 'added'; readonly entry: Unfinished } | { readonly kind: 'known' | 'full' }

interface Row {
  readonly seq: number
  readonly id: string
  readonly brought: number
  readonly message: string
}

interface NewRow {
  readonly chat: string
  readonly person: string
  readonly id: string
  readonly sentAt: number
  readonly now: number
  readonly state: string
  readonly message: string
  readonly raw: Uint8Array
}

const NOTHING = new Uint8Array()

const prepare = (database: Database.Database) => ({
  insert: database.prepare<NewRow>(
    `INSERT INTO inbox (chat, person, id, sent_at, arrived_at, state, message, raw)
     VALUES (@chat, @person, @id, @sentAt, @now, @state, @message, @raw) ON CONFLICT DO NOTHING`,
  ),
  count: database.prepare<[string], { own: number; every: number }>(
    `SELECT count(*) FILTER (WHERE chat = ?) AS own, count(*) AS every FROM inbox WHERE state <> 'finished'`,
  ),
  listNew: database.prepare<[], Row>(
    `SELECT seq, id, brought, message FROM inbox WHERE state = 'new' AND is_answered = 0 ORDER BY seq`,
  ),
  listLate: database.prepare<[], LateCount>(
    `SELECT person, count(*) AS messages FROM inbox WHERE state = 'late' GROUP BY person ORDER BY messages DESC, person`,
  ),
  noteBrought: database.prepare<[number]>('UPDATE inbox SET brought = brought + 1 WHERE seq = ?'),
  noteAnswered: database.prepare<[number, string]>('UPDATE inbox SET is_answered = 1 WHERE seq = ? AND id = ?'),
  finish: database.prepare<[number]>(`UPDATE inbox SET state = 'finished', message = '' WHERE seq = ?`),
  finishAnswered: database.prepare<[]>(
    `UPDATE inbox SET state = 'finished', message = '' WHERE state = 'new' AND is_answered = 1`,
  ),
  finishLate: database.prepare<[]>(`UPDATE inbox SET state = 'finished' WHERE state = 'late'`),
  noteLate: database.prepare<[number]>(`UPDATE inbox SET state = 'late', message = '' WHERE seq = ?`),
  findRaw: database.prepare<[number, string], { chat: string; raw: Uint8Array }>(
    'SELECT chat, raw FROM inbox WHERE seq = ? AND id = ?',
  ),
  findNewer: database.prepare<[string, number], { seq: number }>(
    'SELECT seq FROM inbox WHERE chat = ? AND seq > ? LIMIT 1',
  ),
  purge: database.prepare<[number, number]>(
    `DELETE FROM inbox WHERE seq IN (
       SELECT seq FROM inbox WHERE state = 'finished' AND arrived_at <= ? ORDER BY seq LIMIT ?
     )`,
  ),
  trim: database.prepare<[number, number]>(
    `DELETE FROM inbox WHERE seq IN (
       SELECT seq FROM inbox WHERE state = 'finished' ORDER BY seq LIMIT min(?, max(0, (SELECT count(*) FROM inbox) - ?))
     )`,
  ),
})

/** WhatsApp's ids are unique within a chat only, and anybody may choose one: the number makes them unique here. */
const toMessageId = (id: string, seq: number): string => `${id}-${seq}`

const readMessageId = (messageId: string): readonly [number, string] => {
  const at = messageId.lastIndexOf('-')
  return [Number(messageId.slice(at + 1)) || 0, messageId.slice(0, Math.max(at, 0))]
}

const toUnfinished = ({ seq, id, brought, message }: Row): Unfinished => {
  const kept = JSON.parse(message) as Incoming
  return { seq, brought, message: { ...kept, id: toMessageId(id, seq), quote: kept.quote } }
}

/** Messages of people, from when they are read until they are answered, and a while longer to be quoted. */
export class Inbox {
  readonly #database: Database.Database
  readonly #bounds: InboxBounds
  readonly #statements: ReturnType<typeof prepare>

  constructor(database: Database.Database, bounds: InboxBounds = INBOX_BOUNDS) {
    this.#database = database
    this.#bounds = bounds
    this.#statements = prepare(database)
  }

  /** Keeps a message that is to be answered. On disk when it returns, or with the transaction around it. */
  add({ key, message, raw }: Entry, now: number): AddOutcome {
    return commit(this.#database, (): AddOutcome => {
      const text = JSON.stringify(message)
      const seq = this.#insert(key, message, now, 'new', text, raw)
      if (typeof seq === 'string') return { kind: seq }
      return { kind: 'added', entry: toUnfinished({ seq, id: key.id, brought: 0, message: text }) }
    })
  }

  /** Keeps that somebody wrote too long ago to be answered. */
  addLate({ key, message }: Pick<Entry, 'key' | 'message'>, now: number): void {
    commit(this.#database, () => this.#insert(key, message, now, 'late', '', NOTHING))
  }

  /** What is to be answered still, the oldest first. What has an answer in the outbox, or ends the agent, is finished. */
  listUnfinished(): readonly Unfinished[] {
    return commit(this.#database, () => {
      this.#statements.finishAnswered.run()
      const rows = this.#statements.listNew.all()
      const given = rows.filter(({ brought }) => brought >= BROUGHT_MAX)
      for (const { seq } of given) this.#statements.finish.run(seq)
      return rows.filter(({ brought }) => brought < BROUGHT_MAX).map(toUnfinished)
    })
  }

  noteBrought(seq: number): void {
    ask(this.#database, () => this.#statements.noteBrought.run(seq))
  }

  /** A part of the transaction that keeps the answer. */
  noteAnswered(messageId: string): void {
    ask(this.#database, () => this.#statements.noteAnswered.run(...readMessageId(messageId)))
  }

  finish(seq: number): void {
    ask(this.#database, () => this.#statements.finish.run(seq))
  }

  /** It is too late to answer. */
  noteLate(seq: number): void {
    ask(this.#database, () => this.#statements.noteLate.run(seq))
  }

  /** Who wrote too long ago to be answered, and how often. */
  listLate(): readonly LateCount[] {
    return ask(this.#database, () => this.#statements.listLate.all())
  }

  /** A part of the transaction that keeps the summary of them. */
  finishLate(): void {
    ask(this.#database, () => this.#statements.finishLate.run())
  }

  /** A message as it came, where it is kept, and whether its chat has had another one since. */
  findOriginal(messageId: string): { readonly raw: Uint8Array; readonly isNewest: boolean } | undefined {
    return ask(this.#database, () => {
      const [seq, id] = readMessageId(messageId)
      const found = this.#statements.findRaw.get(seq, id)
      if (!found || found.raw.length === 0) return undefined
      return { raw: found.raw, isNewest: this.#statements.findNewer.get(found.chat, seq) === undefined }
    })
  }

  /** Lets go of some of what is too old or too much; tells whether there is more of it. */
  purge(now: number): boolean {
    const { keepMs, messagesMax } = this.#bounds
    const freed = commit(this.#database, () => {
      const old = this.#statements.purge.run(now - keepMs, PURGE_ROWS_MAX).changes
      return Math.max(old, this.#statements.trim.run(PURGE_ROWS_MAX, messagesMax).changes)
    })
    return freed === PURGE_ROWS_MAX
  }

  #insert(
    { id }: MessageKey,
    { chat, sender, sentAt }: Incoming,
    now: number,
    state: 'new' | 'late',
    message: string,
    raw: Uint8Array,
  ): number | 'known' | 'full' {
    const { chatUnfinishedMax, unfinishedMax, rawBytesMax } = this.#bounds
    const count = this.#statements.count.get(chat.id) ?? { own: 0, every: 0 }
    if (count.own >= chatUnfinishedMax || count.every >= unfinishedMax) return 'full'
    const kept = raw.length > rawBytesMax ? NOTHING : raw
    const person = sender.id
    const row = { chat: chat.id, person, id, sentAt, now, state, message, raw: kept }
    const { changes, lastInsertRowid } = this.#statements.insert.run(row)
    if (changes === 0) return 'known'
    return Number(lastInsertRowid)
  }
}
