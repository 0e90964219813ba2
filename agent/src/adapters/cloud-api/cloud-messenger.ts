import { randomUUID } from 'node:crypto'
import { pause } from '../../core/alarms.ts'
import type { Bringer } from '../../core/bringer.ts'
import type { LateNotice } from '../../core/late-notice.ts'
import type { Chat } from '../../core/message.ts'
import { type PartBounds, toMessageParts } from '../../core/message-parts.ts'
import type { MessageOutcome, MessageReceiver, SendOptions } from '../../core/messenger.ts'
import type { CallOff, Clock } from '../../core/ports.ts'
import { commit } from '../../sqlite/ask-database.ts'
import type { CloudBounds, CloudMessenger } from './cloud-parts.ts'
import type { Courier } from './courier.ts'
import type { CloudState, Complain, ObserveCloud } from './events.ts'
import type { GraphApi } from './graph-api.ts'
import type { Intake } from './intake.ts'
import { isNumber, isUserId } from './person-ids.ts'
import { WHATSAPP } from './read-message.ts'
import type { RefusalTally } from './refusal-tally.ts'
import { purgeStores, type Stores } from './stores.ts'
import type { TokenWatch } from './token-watch.ts'
import type { Typing } from './typing.ts'
import type { Webhook } from './webhook.ts'

/** What the messenger is put together from. */
export interface MessengerParts {
  readonly stores: Stores
  readonly courier: Courier
  readonly intake: Intake
  readonly bringer: Bringer
  readonly typing: Typing
  readonly late: LateNotice
  readonly graph: GraphApi
  readonly tally: RefusalTally
  readonly token: TokenWatch
  readonly startWebhook: () => Promise<Webhook>
  readonly clock: Clock
  readonly observe: ObserveCloud
  readonly complain: Complain
  readonly bounds: CloudBounds
}

/**
 * What Meta takes as one message: 4 096 characters of text, 1 024 below a document. Three messages in a row people still
 * read; more of it is a file.
 *
 * @see https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/text-messages
 */
export const PART_BOUNDS: PartBounds = { charsMax: 4_096, partsMax: 3, captionCharsMax: 1_000 }

/** How often it is looked for what is old or due, in milliseconds. */
const UPKEEP_EVERY_MS = 30_000

/** The messenger of WhatsApp on Meta's Cloud API. */
export class CloudApiMessenger implements CloudMessenger {
  readonly name = WHATSAPP
  readonly #parts: MessengerParts
  #webhook: Webhook | undefined
  #isStopped = false
  #callOff: CallOff | undefined

  constructor(parts: MessengerParts) {
    this.#parts = parts
  }

  get state(): CloudState {
    if (this.#webhook === undefined) return 'closed'
    return this.#parts.token.isRefused ? 'token-refused' : 'open'
  }

  get advice(): string | undefined {
    return this.#webhook === undefined ? undefined : this.#parts.token.advice
  }

  get isOpen(): boolean {
    return this.state === 'open'
  }

  get webhookPort(): number | undefined {
    return this.#webhook?.port
  }

  /**
   * Opens the door for Meta, brings what was not finished, and sends what waits.
   *
   * @throws {StartError} when the port of the webhook cannot be used
   */
  async start(receiver: MessageReceiver): Promise<void> {
    const { bounds, bringer, clock, courier, intake, observe, startWebhook, stores, token } = this.#parts
    this.#webhook = await startWebhook()
    stores.outbox.delayDoubts(clock.now() + bounds.courier.doubtMs)
    observe({ type: 'cloud.state', state: 'open' })
    bringer.begin(receiver)
    intake.resume()
    courier.begin()
    token.check()
    this.#keepUp()
  }

  async send(chat: Chat, text: string, options: SendOptions = {}): Promise<MessageOutcome> {
    const { complain, courier } = this.#parts
    if (this.#isStopped) return 'failed'
    try {
      if (!this.keep(chat, text, options)) return 'failed'
      courier.deliver()
    } catch (error) {
      complain('send', error)
      return 'failed'
    }
    return this.isOpen ? 'sent' : 'held'
  }

  /**
   * Keeps a text to be sent; false when it cannot be sent, or there is no room.
   *
   * @param done done in the same transaction
   * @throws {StorageError} when nothing can be kept
   */
  keep(chat: Chat, text: string, { answers, isForMachines }: SendOptions, done?: () => void): boolean {
    const { clock, observe, stores } = this.#parts
    const drafts = toMessageParts(text, isForMachines === true, PART_BOUNDS)
    if (drafts === undefined || this.findChat(chat.id) === undefined) return false
    const parts = drafts.map((draft) => ({ id: randomUUID(), draft }))
    const isKept = commit(stores.database, () => {
      if (!stores.outbox.add({ chat: chat.id, answers, parts }, clock.now())) return false
      if (answers !== undefined) stores.inbox.noteAnswered(answers)
      done?.()
      return true
    })
    if (!isKept) observe({ type: 'cloud.outbox-full', parts: parts.length })
    return isKept
  }

  showWorking({ id }: Chat, isWorking: boolean): void {
    this.#parts.typing.show(id, isWorking)
  }

  /** Shows that the agent still writes, and no text: a message cannot be replaced here, and each one may cost something. */
  async showProgress(chat: Chat): Promise<void> {
    this.showWorking(chat, true)
  }

  findChat(personId: string): Chat | undefined {
    return isNumber(personId) || isUserId(personId) ? { id: personId, isGroup: false } : undefined
  }

  async stop(): Promise<void> {
    const { bringer, courier, graph, late, observe, stores, tally, token, typing } = this.#parts
    if (this.#isStopped) return
    this.#isStopped = true
    this.#callOff?.()
    await this.#webhook?.close()
    for (const each of [late, typing, bringer, tally, token]) each.stop()
    if (this.isOpen) await this.#finishSending()
    courier.pause()
    graph.stop()
    await courier.whenIdle()
    stores.database.close()
    this.#webhook = undefined
    observe({ type: 'cloud.state', state: 'closed' })
  }

  async #finishSending(): Promise<void> {
    const { bounds, clock, courier } = this.#parts
    const idle = new AbortController()
    const done = courier.whenIdle().then(() => idle.abort())
    await Promise.race([done, pause(clock, bounds.closeMsMax, idle.signal)])
  }

  #keepUp(): void {
    const { clock, complain, courier, stores } = this.#parts
    this.#callOff = clock.after(UPKEEP_EVERY_MS, () => {
      try {
        purgeStores(stores, clock.now())
        courier.deliver()
      } catch (error) {
        complain('upkeep', error)
      }
      this.#keepUp()
    })
  }
}
