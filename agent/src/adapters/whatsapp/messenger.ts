import { generateMessageIDV2 } from '@whiskeysockets/baileys'
import { pause } from '../../core/alarms.ts'
import type { Bringer } from '../../core/bringer.ts'
import { toIdentity } from '../../core/identity.ts'
import type { LateNotice } from '../../core/late-notice.ts'
import type { Chat } from '../../core/message.ts'
import { type PartBounds, toMessageParts } from '../../core/message-parts.ts'
import type { MessageOutcome, MessageReceiver, SendOptions } from '../../core/messenger.ts'
import type { CallOff, Clock } from '../../core/ports.ts'
import { commit } from '../../sqlite/ask-database.ts'
import { isChatId, toKind, toPerson, toUser } from './addresses.ts'
import type { Complain } from './complain.ts'
import type { Connection } from './connection.ts'
import { type ConnectionName, isStuck, STUCK_SENTENCES } from './connection-law.ts'
import type { Courier } from './courier.ts'
import type { ObserveWhatsApp } from './events.ts'
import type { Intake } from './intake.ts'
import { MESSAGE_CHARS_MAX } from './outbox.ts'
import { WHATSAPP } from './read-message.ts'
import { purgeStores, type Stores } from './stores.ts'
import type { Typing } from './typing.ts'
import type { WhatsAppBounds, WhatsAppMessenger } from './whatsapp-parts.ts'

/** What the messenger is put together from. */
export interface MessengerParts {
  readonly stores: Stores
  readonly connection: Connection
  readonly courier: Courier
  readonly intake: Intake
  readonly bringer: Bringer
  readonly typing: Typing
  readonly late: LateNotice
  readonly takesGroups: boolean
  /** Who is told of what people wrote too late. */
  readonly owner: string | undefined
  readonly clock: Clock
  readonly observe: ObserveWhatsApp
  readonly complain: Complain
  readonly bounds: WhatsAppBounds
}

/** What people like to read: phones fold what is much longer, and nobody scrolls through a fourth message. */
const PEOPLE_PARTS: PartBounds = { charsMax: 3_500, partsMax: 3, captionCharsMax: 600 }
const MACHINE_PARTS: PartBounds = { ...PEOPLE_PARTS, charsMax: MESSAGE_CHARS_MAX }

/** How often it is looked for what is old, stuck or due, in milliseconds. */
const UPKEEP_EVERY_MS = 30_000

/** The messenger of WhatsApp on an account that is linked like a browser. */
export class LinkedMessenger implements WhatsAppMessenger {
  readonly name = WHATSAPP
  readonly #parts: MessengerParts
  #callOff: CallOff | undefined

  constructor(parts: MessengerParts) {
    this.#parts = parts
  }

  get state(): ConnectionName {
    return this.#parts.connection.state.name
  }

  get advice(): string | undefined {
    const { state } = this.#parts.connection
    return isStuck(state) ? STUCK_SENTENCES[state.because] : undefined
  }

  get isOpen(): boolean {
    return this.state === 'open'
  }

  /** Resolves as soon as it tries; the state tells how far it has come. */
  async start(receiver: MessageReceiver): Promise<void> {
    const { bringer, connection, intake } = this.#parts
    bringer.begin(receiver)
    intake.resume()
    connection.start()
    this.#keepUp()
  }

  async send(chat: Chat, text: string, options: SendOptions = {}): Promise<MessageOutcome> {
    const { complain, connection, courier } = this.#parts
    if (this.state === 'stopped' || isStuck(connection.state) || !isChatId(chat.id)) return 'failed'
    try {
      if (!this.#keep(chat, text, options)) return 'failed'
      courier.deliver()
    } catch (error) {
      complain('send', error)
      return 'failed'
    }
    return this.isOpen ? 'sent' : 'held'
  }

  /** Keeps a text for the owner, and does the rest in the same transaction; false when there is nobody, or no room. */
  tellOwner(text: string, done: () => void): boolean {
    const { courier, owner } = this.#parts
    const chat = owner === undefined ? undefined : this.findChat(owner)
    if (chat === undefined || !this.#keep(chat, text, {}, done)) return false
    courier.deliver()
    return true
  }

  showWorking(chat: Chat, isWorking: boolean): void {
    this.#parts.typing.show(chat.id, isWorking)
  }

  /**
   * Shows nothing: each edit of a message is one more message for WhatsApp, and an account that sends many is restricted
   * sooner than one that answers once. Whoever waits sees that the agent writes.
   */
  async showProgress(): Promise<void> {}

  findChat(personId: string): Chat | undefined {
    const { stores, takesGroups } = this.#parts
    if (toKind(personId) === 'group') return takesGroups ? { id: personId, isGroup: true } : undefined
    const identity = toIdentity(personId)
    if (identity === undefined || !isChatId(identity)) return undefined
    const address = identity.includes('@') ? identity : `${identity}@s.whatsapp.net`
    const isOwn = stores.auth.own.some((each) => toUser(each) === toUser(address))
    const id = isOwn ? undefined : toPerson([address], stores.auth)
    return id === undefined ? undefined : { id, isGroup: false }
  }

  async stop(): Promise<void> {
    const { bringer, connection, late, stores, typing } = this.#parts
    if (this.state === 'stopped') return
    this.#callOff?.()
    late.stop()
    typing.stop()
    bringer.stop()
    if (this.isOpen) await this.#finishSending()
    await connection.stop()
    stores.database.close()
  }

  /**
   * Keeps a text to be sent; false when it cannot be sent, or there is no room.
   *
   * @param done done in the same transaction
   * @throws {StorageError} when nothing can be kept
   */
  #keep(chat: Chat, text: string, { answers, isForMachines }: SendOptions, done?: () => void): boolean {
    const { clock, observe, stores } = this.#parts
    const drafts = toMessageParts(text, isForMachines === true, isForMachines ? MACHINE_PARTS : PEOPLE_PARTS)
    if (drafts === undefined) return false
    const parts = drafts.map((draft) => ({ id: generateMessageIDV2(stores.auth.creds.me?.id), draft }))
    const isKept = commit(stores.database, () => {
      if (!stores.outbox.add({ chat: chat.id, answers, parts }, clock.now())) return false
      if (answers !== undefined) stores.inbox.noteAnswered(answers)
      done?.()
      return true
    })
    if (!isKept) observe({ type: 'whatsapp.outbox-full', parts: parts.length })
    return isKept
  }

  async #finishSending(): Promise<void> {
    const { bounds, clock, courier } = this.#parts
    const idle = new AbortController()
    const done = courier.whenIdle().then(() => idle.abort())
    await Promise.race([done, pause(clock, bounds.closeMsMax, idle.signal)])
  }

  #keepUp(): void {
    const { bounds, clock, complain, courier, intake, stores } = this.#parts
    this.#callOff = clock.after(UPKEEP_EVERY_MS, () => {
      try {
        purgeStores(stores, clock.now())
        if (this.isOpen) {
          intake.takeUnopened(clock.now() - bounds.sealedMsMax)
          courier.deliver()
        }
      } catch (error) {
        complain('upkeep', error)
      }
      this.#keepUp()
    })
  }
}
