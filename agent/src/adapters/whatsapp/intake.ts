import { proto, type WAMessage } from '@whiskeysockets/baileys'
import type Database from 'better-sqlite3'
import { type AdmissionRules, findSenderRefusal, STALE_MS_MAX } from '../../core/admission.ts'
import type { Bringer } from '../../core/bringer.ts'
import type { Clock } from '../../core/ports.ts'
import { commit } from '../../sqlite/ask-database.ts'
import type { Arrivals, MessageKey, Unread } from './arrivals.ts'
import type { ChatBook } from './chat-book.ts'
import type { Complain } from './complain.ts'
import type { DropReason, ObserveWhatsApp } from './events.ts'
import type { Entry, Inbox, Incoming } from './inbox.ts'
import { type Reading, type ReadingParts, readMessage } from './read-message.ts'
import { toUnreadable } from './read-stanza.ts'

/** What taking messages in takes. */
export interface IntakeParts {
  readonly database: Database.Database
  readonly arrivals: Arrivals
  readonly inbox: Inbox
  readonly chats: ChatBook
  readonly bringer: Pick<Bringer, 'add' | 'show'>
  readonly access: Pick<AdmissionRules, 'allowed' | 'blocked'>
  /** What reading takes at the moment, since the own addresses are learnt. */
  readonly reading: () => ReadingParts
  readonly clock: Clock
  readonly observe: ObserveWhatsApp
  readonly complain: Complain
  /** Called when somebody wrote too long ago to be answered. */
  readonly noteLate: () => void
  /** Called when a message was kept under an id. */
  readonly noteKept: (original: WAMessage, messageId: string) => void
}

type Message = Extract<Reading, { kind: 'message' }>

/** Hidden addresses that are told of, each once. */
const HIDDEN_TOLD_MAX = 20

/** Takes messages from Baileys to the inbox, before anything is waited for, and from there to the agent. */
export class Intake {
  readonly #parts: IntakeParts
  readonly #hidden = new Set<string>()

  constructor(parts: IntakeParts) {
    this.#parts = parts
  }

  /** Keeps what came. One that cannot be kept is told of, and does not keep the others from being kept. */
  take(messages: readonly WAMessage[]): void {
    for (const each of messages) {
      try {
        this.#takeOne(each)
      } catch (error) {
        // it stays among the arrivals, and is found there again
        this.#parts.complain('take-message', error)
      }
    }
  }

  /** Brings what was not finished before a restart. */
  resume(): void {
    const { clock, bringer, inbox, noteLate, observe } = this.#parts
    const now = clock.now()
    const unfinished = inbox.listUnfinished()
    const isLate = (message: Incoming) => now - message.sentAt > STALE_MS_MAX
    for (const { seq, message } of unfinished) if (isLate(message)) inbox.noteLate(seq)
    const due = unfinished.filter(({ message }) => !isLate(message))
    for (const entry of due) bringer.add(entry)
    if (due.length > 0) observe({ type: 'whatsapp.resumed', messages: due.length })
    if (inbox.listLate().length > 0) noteLate()
  }

  /** Tells the agent of messages that nobody could open for so long, so that it asks for them again. */
  takeUnopened(until: number): void {
    const { arrivals } = this.#parts
    for (const unread of arrivals.listSealed(until)) this.#takeUnopened(unread)
  }

  #takeOne(original: WAMessage): void {
    const { arrivals, clock, observe } = this.#parts
    const reading = readMessage(original, this.#parts.reading())
    const messageId = reading.key.id
    switch (reading.kind) {
      case 'sealed':
        observe({ type: 'whatsapp.sealed', messageId })
        return
      case 'ignored':
        arrivals.markRead(reading.key, clock.now())
        if (reading.why !== 'own') this.#drop(messageId, reading.why)
        return
      case 'message':
        this.#takeMessage(reading, original)
    }
  }

  #takeMessage(reading: Message, original: WAMessage): void {
    const { access, arrivals, bringer, clock } = this.#parts
    const { key, message } = reading
    const now = clock.now()
    if (arrivals.isRead(key)) {
      this.#drop(key.id, 'known')
    } else if (findSenderRefusal(access, message) !== undefined) {
      arrivals.markRead(key, now)
      this.#tellHidden(message.sender.id)
      bringer.show({ ...message, id: key.id })
    } else if (now - message.sentAt > STALE_MS_MAX) {
      this.#keepLate(key, message, now)
    } else {
      const raw = proto.WebMessageInfo.encode(original).finish()
      const messageId = this.#keep({ key, message, raw }, reading, now)
      if (messageId !== undefined) this.#parts.noteKept(original, messageId)
    }
  }

  #keepLate(key: MessageKey, message: Incoming, now: number): void {
    const { arrivals, database, inbox, noteLate } = this.#parts
    commit(database, () => {
      inbox.addLate({ key, message }, now)
      arrivals.markRead(key, now)
    })
    this.#drop(key.id, 'late')
    noteLate()
  }

  #keep(entry: Entry, { content }: Message, now: number): string | undefined {
    const { arrivals, bringer, chats, database, inbox, observe } = this.#parts
    const { key, message } = entry
    const added = commit(database, () => {
      const outcome = inbox.add(entry, now)
      chats.note(message.chat.id, key.chat, now)
      arrivals.markRead(key, now)
      return outcome
    })
    if (added.kind !== 'added') {
      this.#drop(key.id, added.kind === 'full' ? 'inbox-full' : 'known')
      return undefined
    }
    observe({
      type: 'whatsapp.received',
      messageId: added.entry.message.id,
      chars: content.text.length,
      ...(content.media ? { media: content.media } : {}),
      lateMs: now - message.sentAt,
    })
    bringer.add(added.entry)
    return added.entry.message.id
  }

  #takeUnopened(unread: Unread): void {
    const { access, arrivals, bringer, clock, database, inbox, observe } = this.#parts
    const now = clock.now()
    const message = toUnreadable(unread, this.#parts.reading())
    if (message === undefined || findSenderRefusal(access, message) !== undefined) {
      arrivals.setAside(unread)
      return
    }
    const added = commit(database, () => {
      // it may still be sealed anew, and is another message then
      arrivals.setAside(unread)
      return inbox.add({ key: { ...unread, id: `${unread.id}~` }, message, raw: new Uint8Array() }, now)
    })
    if (added.kind !== 'added') return
    observe({ type: 'whatsapp.received', messageId: added.entry.message.id, chars: 0, lateMs: now - message.sentAt })
    bringer.add(added.entry)
  }

  /** Whoever hides the number is refused by a list of numbers; the owner may put the hidden address on it. */
  #tellHidden(person: string): void {
    if (!person.endsWith('@lid') || this.#hidden.has(person) || this.#hidden.size >= HIDDEN_TOLD_MAX) return
    this.#hidden.add(person)
    this.#parts.observe({ type: 'whatsapp.hidden-sender', address: person })
  }

  #drop(messageId: string, why: DropReason): void {
    this.#parts.observe({ type: 'whatsapp.dropped', messageId, why })
  }
}
