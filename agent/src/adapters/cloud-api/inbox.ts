import type Database from 'better-sqlite3'
import type { Unfinished } from '../../core/bringer.ts'
import type { LateCount } from '../../core/late-notice.ts'
import type { InboundMessage } from '../../core/message.ts'
import { ask, commit } from '../../sqlite/ask-database.ts'

/** Bounds of the inbox. */
export interface InboxBounds {
  /** Messages of one chat that wait, or are worked on. */
  readonly chatUnfinishedMax: number
  readonly unfinishedMax: number
  /** Messages that are known by their id, so that they are taken once. */
  readonly messagesMax: number
  /** How long, in milliseconds: Meta delivers again for a week. */
  readonly keepMs: number
  /** How long its text is kept after a message was finished, to be quoted, in milliseconds. */
  readonly keepTextMs: number
}

/** Some megabytes in a busy week, most of it ids. */
export const INBOX_BOUNDS: InboxBounds = {
  chatUnfinishedMax: 64,
  unfinishedMax: 1_000,
  messagesMax: 50_000,
  keepMs: 691_200_000,
  keepTextMs: 86_400_000,
}
/** A message that was begun so often and finished never is not begun again: it may be what ends the agent. */
export const BROUGHT_MAX = 3
/** Rows that one purge changes at most of each kind, so that no message waits long for it. */
const PURGE_ROWS_MAX = 200

/** A message to be kept, and Meta's own id of it, which holds the number and stays in here. */
export interface Entry {
  readonly wamid: string
  readonly message: InboundMessage
}

/** What became of a message that should be kept. */
export type AddOutcome =
  | { readonly kind: 'added'; readonly entry: Unfinished }
  | { readonly kind: 'known' | 'chat-full' | 'full' }

interface Row {
  readonly seq: number
  readonly brought: number
  readonly message: string
}

interface NewRow {
  readonly id: string
  readonly wamid: string
  readonly chat: string
  readonly person: string
  readonly now: number
  readonly state: 'new' | 'late'
  readonly message: string
}

const prepare = (database: Database.Database) => ({
  insert: database.prepare<NewRow>(
    `INSERT INTO inbox (id, wamid, chat, person, arrived_at, state, message)
     VALUES (@id, @wamid, @chat, @person, @now, @state, @message) ON CONFLICT DO NOTHING`,
  ),
  has: database.prepare<[string], { seq: number }>('SELECT seq FROM inbox WHERE id = ?'),
  count: database.prepare<[string], { own: number; every: number }>(
    `SELECT count(*) FILTER (WHERE chat = ?) AS own, count(*) AS every FROM inbox WHERE state <> 'finished'`,
  ),
  listNew: database.prepare<[], Row>(
    `SELECT seq, brought, message FROM inbox WHERE state = 'new' AND is_answered = 0 ORDER BY seq`,
  ),
  listLate: database.prepare<[], LateCount>(
    `SELECT person, count(*) AS messages FROM inbox WHERE state = 'late' GROUP BY person ORDER BY messages DESC, person`,
  ),
  noteBrought: database.prepare<[number]>('UPDATE inbox SET brought = brought + 1 WHERE seq = ?'),
  noteAnswered: database.prepare<[string]>('UPDATE inbox SET is_answered = 1 WHERE id = ?'),
  finish: database.prepare<[number]>(`UPDATE inbox SET state = 'finished' WHERE seq = ?`),
  finishAnswered: database.prepare<[]>(`UPDATE inbox SET state = 'finished' WHERE state = 'new' AND is_answered = 1`),
  finishLate: database.prepare<[]>(`UPDATE inbox SET state = 'finished' WHERE state = 'late'`),
  noteLate: database.prepare<[number]>(`UPDATE inbox SET state = 'late', message = '' WHERE seq = ?`),
  findText: database.prepare<[string, string], { message: string }>(
    'SELECT message FROM inbox WHERE id = ? AND chat = ?',
  ),
  findWamid: database.prepare<[string], { wamid: string; chat: string; seq: number }>(
    'SELECT wamid, chat, seq FROM inbox WHERE id = ?',
  ),
  findNewest: database.prepare<[string], { wamid: string; seq: number }>(
    'SELECT wamid, seq FROM inbox WHERE chat = ? ORDER BY seq DESC LIMIT 1',
  ),
  purgeTexts: database.prepare<[number, number]>(
    `UPDATE inbox SET message = '' WHERE seq IN (
       SELECT seq FROM inbox WHERE state = 'finished' AND message <> '' AND arrived_at <= ? ORDER BY arrived_at LIMIT ?
     )`,
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

const toUnfinished = ({ seq, brought, message }: Row): Unfinished => {
  const kept = JSON.parse(message) as InboundMessage
  return {
    seq,
    brought,
    message: { ...kept, sender: { id: kept.sender.id, name: kept.sender.name }, quote: kept.quote },
  }
}

/** Messages of people, from when Meta delivers them until they are answered, and their ids for as long as they may come again. */
export class Inbox {
  readonly #database: Database.Database
  readonly #bounds: InboxBounds
  readonly #statements: ReturnType<typeof prepare>

  constructor(database: Database.Database, bounds: InboxBounds = INBOX_BOUNDS) {
    this.#database = database
    this.#bounds = bounds
    this.#statements = prepare(database)
  }

  /** Whether a message came before. */
  has(id: string): boolean {
    return ask(this.#database, () => this.#statements.has.get(id) !== undefined)
  }

  /** Keeps a message that is to be answered. On disk when it returns, or with the transaction around it. */
  add({ wamid, message }: Entry, now: number): AddOutcome {
    return commit(this.#database, (): AddOutcome => {
      if (this.has(message.id)) return { kind: 'known' }
      const { chatUnfinishedMax, unfinishedMax } = this.#bounds
      const { own, every } = this.#count(message)
      if (every >= unfinishedMax) return { kind: 'full' }
      if (own >= chatUnfinishedMax) return { kind: 'chat-full' }
      const text = JSON.stringify(message)
      const seq = this.#insert(wamid, message, now, 'new', text)
      return { kind: 'added', entry: toUnfinished({ seq, brought: 0, message: text }) }
    })
  }

  /** Keeps that somebody wrote too long ago to be answered; false where there is no room. */
  addLate({ wamid, message }: Entry, now: number): boolean {
    return commit(this.#database, () => {
      const { every } = this.#count(message)
      if (every >= this.#bounds.unfinishedMax) return false
      this.#insert(wamid, message, now, 'late', '')
      return true
    })
  }

  /** What is to be answered still, the oldest first. What has an answer in the outbox, or ends the agent, is finished. */
  listUnfinished(): readonly Unfinished[] {
    return commit(this.#database, () => {
      this.#statements.finishAnswered.run()
      const rows = this.#statements.listNew.all()
      for (const { seq } of rows.filter(({ brought }) => brought >= BROUGHT_MAX)) this.#statements.finish.run(seq)
      return rows.filter(({ brought }) => brought < BROUGHT_MAX).map(toUnfinished)
    })
  }

  noteBrought(seq: number): void {
    ask(this.#database, () => this.#statements.noteBrought.run(seq))
  }

  /** A part of the transaction that keeps the answer. */
  noteAnswered(id: string): void {
    ask(this.#database, () => this.#statements.noteAnswered.run(id))
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

  /** What somebody wrote in a chat, for as long as it is kept. */
  findText(id: string, chat: string): string | undefined {
    return ask(this.#database, () => {
      const found = this.#statements.findText.get(id, chat)
      return found && found.message !== '' ? (JSON.parse(found.message) as InboundMessage).text : undefined
    })
  }

  /** Meta's id of a message that an answer should quote: one after which its chat has gone on. */
  findQuoted(id: string): string | undefined {
    return ask(this.#database, () => {
      const found = this.#statements.findWamid.get(id)
      const newest = found && this.#statements.findNewest.get(found.chat)
      return found && newest && newest.seq > found.seq ? found.wamid : undefined
    })
  }

  /** Meta's id of the newest message of a chat. */
  findNewest(chat: string): string | undefined {
    return ask(this.#database, () => this.#statements.findNewest.get(chat)?.wamid)
  }

  /** Lets go of some of what is too old or too much; tells whether there is more of it. */
  purge(now: number): boolean {
    const { keepMs, keepTextMs, messagesMax } = this.#bounds
    const freed = commit(this.#database, () => [
      this.#statements.purgeTexts.run(now - keepTextMs, PURGE_ROWS_MAX).changes,
      this.#statements.purge.run(now - keepMs, PURGE_ROWS_MAX).changes,
      this.#statements.trim.run(PURGE_ROWS_MAX, messagesMax).changes,
    ])
    return freed.includes(PURGE_ROWS_MAX)
  }

  /** What waits or is worked on, in the chat of a message and everywhere. */
  #count({ chat }: InboundMessage): { readonly own: number; readonly every: number } {
    return this.#statements.count.get(chat.id) ?? { own: 0, every: 0 }
  }

  #insert(
    wamid: string,
    { id, chat, sender }: InboundMessage,
    now: number,
    state: 'new' | 'late',
    message: string,
  ): number {
    const row = { id, wamid, chat: chat.id, person: sender.id, now, state, message }
    return Number(this.#statements.insert.run(row).lastInsertRowid)
  }
}
