import type Database from 'better-sqlite3'
import type { MessagePart } from '../../core/message-parts.ts'
import { ask, commit } from '../../sqlite/ask-database.ts'

/** Bounds of the outbox. */
export interface OutboxBounds {
  /** Messages that wait for WhatsApp to take them. */
  readonly waitingMax: number
  /** Of one chat. */
  readonly chatWaitingMax: number
  /** Characters of them all. */
  readonly waitingCharsMax: number
  /** How long a message waits before it is given up, in milliseconds: nobody wants the answers of yesterday. */
  readonly waitMsMax: number
  /** How long a message that was taken is kept, for devices that could not open it, in milliseconds. */
  readonly keepMs: number
  readonly messagesMax: number
}

/** An hour of answers at full pace, 100 MB at the very worst. */
export const OUTBOX_BOUNDS: OutboxBounds = {
  waitingMax: 1_000,
  chatWaitingMax: 200,
  waitingCharsMax: 16_777_216,
  waitMsMax: 86_400_000,
  keepMs: 86_400_000,
  messagesMax: 5_000,
}
/** Rows that one purge deletes at most, so that no message waits long for it. */
const PURGE_ROWS_MAX = 200

/** Longest message, in UTF-16 units: phones cut what is longer than some 65 536. */
export const MESSAGE_CHARS_MAX = 65_000

/** A message that waits for WhatsApp to take it. */
export interface Waiting {
  readonly seq: number
  /** The id that WhatsApp will know it by, on each attempt. */
  readonly id: string
  readonly chat: string
  /** `written` when it was sent at least once and not acknowledged. */
  readonly state: 'queued' | 'written'
  readonly attempts: number
  /** Attempts that came to their end and failed; a crash or a lost connection is no end. */
  readonly failures: number
  /** Not to be sent before, in epoch milliseconds. */
  readonly nextAt: number
  readonly queuedAt: number
  readonly draft: MessagePart
  /** Message that is quoted, if it can be. */
  readonly answers: string | undefined
  /** What was sent on the attempt before. */
  readonly content: Uint8Array | undefined
}

/** A message to be kept, and what of it belongs together. */
export interface Batch {
  readonly chat: string
  readonly answers: string | undefined
  readonly parts: readonly { readonly id: string; readonly draft: MessagePart }[]
}

interface Row extends Omit<Waiting, 'draft' | 'answers' | 'content'> {
  readonly draft: string
  readonly answers: string | null
  readonly content: Uint8Array | null
}

interface NewRow {
  readonly id: string
  readonly batch: string
  readonly chat: string
  readonly now: number
  readonly answers: string | null
  readonly draft: string
  readonly chars: number
}

const WAITING = `state IN ('queued', 'written')`

const prepare = (database: Database.Database) => ({
  insert: database.prepare<NewRow>(
    `INSERT INTO outbox (id, batch, chat, state, next_at, queued_at, answers, draft, chars)
     VALUES (@id, @batch, @chat, 'queued', @now, @now, @answers, @draft, @chars)`,
  ),
  count: database.prepare<[string], { own: number; every: number; chars: number }>(
    `SELECT count(*) FILTER (WHERE chat = ?) AS own, count(*) AS every, coalesce(sum(chars), 0) AS chars
     FROM outbox WHERE ${WAITING}`,
  ),
  findNext: database.prepare<[string], Row>(
    `SELECT seq, id, chat, state, attempts, failures, next_at AS nextAt, queued_at AS queuedAt, answers, draft, content
     FROM outbox WHERE chat = ? AND ${WAITING} ORDER BY seq LIMIT 1`,
  ),
  listChats: database.prepare<[], { chat: string }>(
    `SELECT chat, min(seq) AS first FROM outbox WHERE ${WAITING} GROUP BY chat ORDER BY first`,
  ),
  noteWritten: database.prepare<[Uint8Array, number, number]>(
    `UPDATE outbox SET state = 'written', content = ?, written_at = ?, attempts = attempts + 1 WHERE seq = ? AND ${WAITING}`,
  ),
  noteFailure: database.prepare<[number, number]>(
    'UPDATE outbox SET failures = failures + 1, next_at = ? WHERE seq = ?',
  ),
  accept: database.prepare<[number, string], { writtenAt: number | null; attempts: number }>(
    `UPDATE outbox SET state = 'accepted', ended_at = ? WHERE id = ? AND ${WAITING}
     RETURNING written_at AS writtenAt, attempts`,
  ),
  findBatch: database.prepare<[string], { batch: string }>(`SELECT batch FROM outbox WHERE id = ? AND ${WAITING}`),
  failBatch: database.prepare<[number, string], { id: string }>(
    `UPDATE outbox SET state = 'failed', ended_at = ?, content = NULL WHERE batch = ? AND ${WAITING} RETURNING id`,
  ),
  failOld: database.prepare<[number, number], { id: string }>(
    `UPDATE outbox SET state = 'failed', ended_at = ?, content = NULL WHERE ${WAITING} AND queued_at <= ? RETURNING id`,
  ),
  noteDelivered: database.prepare<{ id: string; state: string }>(
    `UPDATE outbox SET state = @state WHERE id = @id AND state IN ('accepted', 'delivered') AND state <> @state`,
  ),
  findContent: database.prepare<[string, number], { content: Uint8Array | null }>(
    'SELECT content FROM outbox WHERE id = ? AND queued_at > ?',
  ),
  has: database.prepare<[string], { seq: number }>('SELECT seq FROM outbox WHERE id = ?'),
  purge: database.prepare<[number, number]>(
    `DELETE FROM outbox WHERE seq IN (
       SELECT seq FROM outbox WHERE NOT (${WAITING}) AND queued_at <= ? ORDER BY seq LIMIT ?
     )`,
  ),
  trim: database.prepare<[number, number]>(
    `DELETE FROM outbox WHERE seq IN (
       SELECT seq FROM outbox WHERE NOT (${WAITING}) ORDER BY seq
       LIMIT min(?, max(0, (SELECT count(*) FROM outbox) - ?))
     )`,
  ),
})

const toWaiting = ({ draft, answers, content, ...row }: Row): Waiting => ({
  ...row,
  draft: JSON.parse(draft) as MessagePart,
  answers: answers ?? undefined,
  content: content ?? undefined,
})

/**
 * What is to be sent, from before it is sent until nobody can ask for it again. Each message has its id before it leaves,
 * so that it is the same message however often it must be sent.
 */
export class Outbox {
  readonly #database: Database.Database
  readonly #bounds: OutboxBounds
  readonly #statements: ReturnType<typeof prepare>

  constructor(database: Database.Database, bounds: OutboxBounds = OUTBOX_BOUNDS) {
    this.#database = database
    this.#bounds = bounds
    this.#statements = prepare(database)
  }

  /** Keeps the parts of a message, all of them or none; false where there is no room. */
  add({ chat, answers, parts }: Batch, now: number): boolean {
    return commit(this.#database, () => {
      const chars = parts.reduce((sum, { draft }) => sum + draft.text.length, 0)
      if (!this.#hasRoom(chat, parts.length, chars)) return false
      const batch = parts[0]?.id ?? ''
      for (const [index, { id, draft }] of parts.entries()) {
        // one quote is enough
        const quotes = index === 0 ? (answers ?? null) : null
        const row = { id, batch, chat, now, answers: quotes, draft: JSON.stringify(draft) }
        this.#statements.insert.run({ ...row, chars: draft.text.length })
      }
      return true
    })
  }

  /** The message of a chat whose turn it is. */
  findNext(chat: string): Waiting | undefined {
    return ask(this.#database, () => {
      const row = this.#statements.findNext.get(chat)
      return row && toWaiting(row)
    })
  }

  /** Chats in which something waits; whoever has waited longest is first. */
  listChats(): readonly string[] {
    return ask(this.#database, () => this.#statements.listChats.all().map(({ chat }) => chat))
  }

  /** A message is about to be sent, as these bytes. */
  noteWritten(seq: number, content: Uint8Array, now: number): void {
    ask(this.#database, () => this.#statements.noteWritten.run(content, now, seq))
  }

  /** An attempt has failed; the next one is not to be before then. */
  noteFailure(seq: number, nextAt: number): void {
    ask(this.#database, () => this.#statements.noteFailure.run(nextAt, seq))
  }

  /** WhatsApp has a message; how long that took, unless nobody waited for it any more. */
  accept(id: string, now: number): { readonly ackMs: number; readonly attempts: number } | undefined {
    return ask(this.#database, () => {
      const row = this.#statements.accept.get(now, id)
      return row && { ackMs: now - (row.writtenAt ?? now), attempts: row.attempts }
    })
  }

  /** Gives a message up, and with it what belongs to it: half an answer is none. Their ids. */
  fail(id: string, now: number): readonly string[] {
    return commit(this.#database, () => {
      const found = this.#statements.findBatch.get(id)
      return found ? this.#statements.failBatch.all(now, found.batch).map((row) => row.id) : []
    })
  }

  /** Gives up what has waited too long. Their ids. */
  failOld(now: number): readonly string[] {
    return ask(this.#database, () =>
      this.#statements.failOld.all(now, now - this.#bounds.waitMsMax).map((row) => row.id),
    )
  }

  /** A message of this agent got somewhere; whether that is news. */
  noteDelivered(id: string, state: 'delivered' | 'read'): boolean {
    return ask(this.#database, () => this.#statements.noteDelivered.run({ id, state }).changes > 0)
  }

  /** What was sent under an id, for a device that could not open it. */
  findContent(id: string, now: number): Uint8Array | undefined {
    return ask(
      this.#database,
      () => this.#statements.findContent.get(id, now - this.#bounds.keepMs)?.content ?? undefined,
    )
  }

  /** Whether a message is one of this agent. */
  has(id: string): boolean {
    return ask(this.#database, () => this.#statements.has.get(id) !== undefined)
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

  #hasRoom(chat: string, parts: number, chars: number): boolean {
    const { waitingMax, chatWaitingMax, waitingCharsMax } = this.#bounds
    const count = this.#statements.count.get(chat) ?? { own: 0, every: 0, chars: 0 }
    return (
      count.own + parts <= chatWaitingMax && count.every + parts <= waitingMax && count.chars + chars <= waitingCharsMax
    )
  }
}
