import type Database from 'better-sqlite3'
import type { MessagePart } from '../../core/message-parts.ts'
import { ask, commit } from '../../sqlite/ask-database.ts'
import { prepareOutbox, type StatusRow, type WaitingRow } from './outbox-statements.ts'

/** Bounds of the outbox. */
export interface OutboxBounds {
  /** Messages that wait for Meta to take them. */
  readonly waitingMax: number
  /** Of one chat. */
  readonly chatWaitingMax: number
  /** Characters of them all. */
  readonly waitingCharsMax: number
  /** How long a message waits before it is given up, in milliseconds: after a day nobody may be answered any more. */
  readonly waitMsMax: number
  /** How long a message is kept, to be quoted and for what Meta says of it later, in milliseconds. */
  readonly keepMs: number
  readonly messagesMax: number
}

/** Some hundred megabytes at the very worst. */
export const OUTBOX_BOUNDS: OutboxBounds = {
  waitingMax: 1_000,
  chatWaitingMax: 200,
  waitingCharsMax: 16_777_216,
  waitMsMax: 86_400_000,
  keepMs: 86_400_000,
  messagesMax: 5_000,
}
/** Rows that one purge deletes at most of each kind, so that no message waits long for it. */
const PURGE_ROWS_MAX = 200

/** A message that waits for Meta to take it. */
export interface Waiting {
  readonly seq: number
  /** Our own id, which Meta gives back with each status. */
  readonly id: string
  readonly chat: string
  /** Requests that reached Meta. */
  readonly attempts: number
  /** Requests of which nobody knows what became. */
  readonly doubts: number
  /** Not to be sent before, in epoch milliseconds. */
  readonly nextAt: number
  readonly draft: MessagePart
  /** Id of the message that is answered. */
  readonly answers: string | undefined
  /** Meta's id of a document that is uploaded already. */
  readonly media: string | undefined
}

/** A message to be kept, and what of it belongs together. */
export interface Batch {
  readonly chat: string
  readonly answers: string | undefined
  readonly parts: readonly { readonly id: string; readonly draft: MessagePart }[]
}

/** What Meta says of a message later, by which names of it. */
export interface Status {
  readonly wamid: string
  /** Our own id and the number of the attempt, where Meta gives them back. */
  readonly sent: { readonly id: string; readonly attempt: number } | undefined
}

/** A message that was found by a status, and whether that speaks of its newest attempt. */
export interface Found extends StatusRow {
  readonly isNewest: boolean
}

/** A message that Meta has. */
export interface Accepted {
  readonly id: string
  readonly chat: string
  readonly attempt: number
  readonly ackMs: number
}

const RANKS = ['accepted', 'delivered', 'read']

const toWaiting = ({ draft, answers, media, ...row }: WaitingRow): Waiting => ({
  ...row,
  draft: JSON.parse(draft) as MessagePart,
  answers: answers ?? undefined,
  media: media ?? undefined,
})

const toAccepted = ({ id, chat, attempts, sentAt }: StatusRow, changes: number, now: number): Accepted | undefined =>
  changes === 0 ? undefined : { id, chat, attempt: attempts, ackMs: now - (sentAt ?? now) }

/** What is to be sent, from before it is sent until nothing is said of it any more. */
export class Outbox {
  readonly #database: Database.Database
  readonly #bounds: OutboxBounds
  readonly #statements: ReturnType<typeof prepareOutbox>

  constructor(database: Database.Database, bounds: OutboxBounds = OUTBOX_BOUNDS) {
    this.#database = database
    this.#bounds = bounds
    this.#statements = prepareOutbox(database)
  }

  /** Keeps the parts of a message, all of them or none; false where there is no room. */
  add({ chat, answers, parts }: Batch, now: number): boolean {
    return commit(this.#database, () => {
      const chars = parts.reduce((sum, { draft }) => sum + draft.text.length, 0)
      if (!this.#hasRoom(chat, parts.length, chars)) return false
      const batch = parts[0]?.id ?? ''
      for (const { id, draft } of parts) {
        const row = { id, batch, chat, now, answers: answers ?? null, draft: JSON.stringify(draft) }
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

  /** Chats in which something waits, and when it may be sent; whoever has waited longest is first. */
  listTurns(): readonly { readonly chat: string; readonly nextAt: number }[] {
    return ask(this.#database, () => this.#statements.listTurns.all())
  }

  /**
   * A message is about to be sent. Until it is known what became of that, it counts as one that may have arrived, for
   * whoever finds it after a crash, too.
   */
  noteSending(seq: number, now: number): void {
    ask(this.#database, () => this.#statements.noteSending.run(now, seq))
  }

  /** A message was certainly not sent: because Meta has refused it, or nothing reached Meta at all. */
  noteUnsent(seq: number, how: 'refused' | 'unreachable', nextAt: number): void {
    ask(this.#database, () => this.#statements.noteUnsent.run(how === 'unreachable' ? 1 : 0, nextAt, seq))
  }

  /** Nobody knows whether a message was sent. */
  noteDoubt(seq: number, nextAt: number): void {
    ask(this.#database, () => this.#statements.noteDoubt.run(nextAt, seq))
  }

  /** What may have arrived is not sent before then: while nobody listened, no status could tell of it. */
  delayDoubts(nextAt: number): void {
    ask(this.#database, () => this.#statements.delayDoubts.run(nextAt))
  }

  /** A document is with Meta, under an id that is good for a month. */
  saveMedia(seq: number, media: string): void {
    ask(this.#database, () => this.#statements.saveMedia.run(media, seq))
  }

  /** Sends something else in place of what cannot be sent. */
  replaceDraft(seq: number, draft: MessagePart): void {
    ask(this.#database, () => this.#statements.replaceDraft.run(JSON.stringify(draft), seq))
  }

  /** Meta answers that it has a message; undefined when a status has told more of it already, or it was given up. */
  accept(id: string, wamid: string, now: number): Accepted | undefined {
    return commit(this.#database, () => {
      const row = this.#statements.findById.get(id)
      return row && toAccepted(row, this.#statements.acceptSending.run(wamid, row.seq).changes, now)
    })
  }

  /** The message that a status speaks of. */
  find({ wamid, sent }: Status): Found | undefined {
    return ask(this.#database, () => {
      if (sent === undefined) {
        const row = this.#statements.findByWamid.get(wamid)
        return row && { ...row, isNewest: true }
      }
      const row = this.#statements.findById.get(sent.id)
      return row && { ...row, isNewest: sent.attempt === row.attempts }
    })
  }

  /** A message has come that far; whether that is news, and whether it was in doubt that Meta has it. */
  noteReached(
    found: Found,
    wamid: string,
    state: 'accepted' | 'delivered' | 'read',
    now: number,
  ): { readonly accepted: Accepted | undefined; readonly isNews: boolean } {
    return commit(this.#database, () => {
      const accepted = toAccepted(found, this.#statements.acceptWaiting.run(wamid, found.seq).changes, now)
      const before = accepted ? 'accepted' : found.state
      const isNews = RANKS.includes(before) && RANKS.indexOf(state) > RANKS.indexOf(before)
      if (isNews) this.#statements.noteDelivered.run(state, found.seq)
      return { accepted, isNews }
    })
  }

  /** Meta had a message and could not deliver it: it is sent once more. */
  sendAgain(seq: number, nextAt: number): void {
    ask(this.#database, () => this.#statements.sendAgain.run(nextAt, seq))
  }

  /** Gives a message up, and what waits of those that belong to it: half an answer is none. Their ids. */
  fail(id: string): readonly string[] {
    return commit(this.#database, () => {
      const row = this.#statements.findById.get(id)
      if (!row) return []
      this.#statements.fail.run(row.seq)
      const others = this.#statements.failBatch.all(row.batch).map((each) => each.id)
      return [id, ...others]
    })
  }

  /** Gives up what has waited too long. Their ids. */
  failOld(now: number): readonly string[] {
    return ask(this.#database, () => this.#statements.failOld.all(now - this.#bounds.waitMsMax).map((row) => row.id))
  }

  /** What was sent to a chat under an id of Meta. */
  findText(wamid: string, chat: string): string | undefined {
    return ask(this.#database, () => {
      const row = this.#statements.findText.get(wamid, chat)
      return row && (JSON.parse(row.draft) as MessagePart).text
    })
  }

  /** Lets go of some of what is too old or too much; tells whether there is more of it. */
  purge(now: number): boolean {
    const { keepMs, messagesMax } = this.#bounds
    const freed = commit(this.#database, () => [
      this.#statements.purge.run(now - keepMs, PURGE_ROWS_MAX).changes,
      this.#statements.trim.run(PURGE_ROWS_MAX, messagesMax).changes,
    ])
    return freed.includes(PURGE_ROWS_MAX)
  }

  #hasRoom(chat: string, parts: number, chars: number): boolean {
    const { waitingMax, chatWaitingMax, waitingCharsMax } = this.#bounds
    const count = this.#statements.count.get(chat) ?? { own: 0, every: 0, chars: 0 }
    return (
      count.own + parts <= chatWaitingMax && count.every + parts <= waitingMax && count.chars + chars <= waitingCharsMax
    )
  }
}
