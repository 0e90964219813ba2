import { fullJitterMs } from '@ai-comms/shared'
import { cutText } from '../../core/cut-text.ts'
import { isEnvelopeText } from '../../core/envelopes/mail.ts'
import type { MessagePart } from '../../core/message-parts.ts'
import type { CallOff, Clock } from '../../core/ports.ts'
import type { Complain } from './complain.ts'
import type { CourierBounds } from './courier-bounds.ts'
import type { ObserveWhatsApp } from './events.ts'
import type { LiveSocket } from './live-socket.ts'
import { MESSAGE_CHARS_MAX, type Outbox, type Waiting } from './outbox.ts'
import type { Pacing } from './pacing.ts'

/** What a courier uses of a socket. */
export type CourierSocket = Pick<LiveSocket, 'compose' | 'relay' | 'showTyping'>

/** What a courier is made of. */
export interface CourierParts {
  readonly outbox: Outbox
  readonly pacing: Pacing
  readonly clock: Clock
  readonly random: () => number
  readonly observe: ObserveWhatsApp
  readonly bounds: CourierBounds
  /** Where a chat is written to at the moment. */
  readonly findAddress: (chatId: string) => string
  /** The original that an answer quotes, where it should quote one. */
  readonly findQuoted: (waiting: Waiting) => Uint8Array | undefined
  readonly complain: Complain
}

/** What becomes of an attempt. */
type AttemptEnd =
  | { readonly kind: 'accepted' | 'unacknowledged' | 'broken' | 'lost' }
  | { readonly kind: 'refused'; readonly code: string }

/**
 * Refusals that no other attempt would change, or that each attempt makes worse: 403 is no right, 406 and 488 to 491 what
 * is not understood, 463 a restricted account, which counts attempts.
 */
const FINAL_REFUSALS = new Set(['400', '401', '403', '404', '405', '406', '463', '487', '488', '489', '490', '491'])
/** It was too much: the longest wait at once, for everybody. */
const TOO_MUCH = '429'

const toPlainText = ({ text }: MessagePart): MessagePart => ({ kind: 'text', text: cutText(text, MESSAGE_CHARS_MAX) })

/**
 * Takes messages from the outbox to WhatsApp: in each chat in order and one at a time, as fast as a person would, until
 * WhatsApp says that it has them. What is not acknowledged is sent again under the same id, which its receiver takes for
 * the same message.
 */
export class Courier {
  readonly #parts: CourierParts
  #socket: CourierSocket | undefined
  /** Chats that are written to. */
  readonly #busy = new Set<string>()
  /** Whoever waits for the end of an attempt, by the id of its message. */
  readonly #attempts = new Map<string, (end: AttemptEnd) => void>()
  /** Waits that end when the socket is lost. */
  readonly #pauses = new Set<() => void>()
  /** WhatsApp said that it was too much, of the whole account. */
  #restUntil = 0
  #callOff: CallOff | undefined
  #whenIdle: (() => void) | undefined

  constructor(parts: CourierParts) {
    this.#parts = parts
  }

  /** Messages may leave from here on. */
  begin(socket: CourierSocket): void {
    this.#socket = socket
    this.deliver()
  }

  /** Nothing leaves any more; what is under way is sent again with the next socket. */
  pause(): void {
    this.#socket = undefined
    this.#callOff?.()
    this.#callOff = undefined
    for (const end of [...this.#attempts.values()]) end({ kind: 'lost' })
    for (const end of [...this.#pauses]) end()
  }

  /** Something is in the outbox. */
  deliver(): void {
    const { bounds, outbox, observe, clock } = this.#parts
    if (!this.#socket) return
    for (const id of outbox.failOld(clock.now())) {
      observe({ type: 'whatsapp.given-up', messageId: id, why: 'too-old' })
    }
    for (const chat of outbox.listChats()) {
      if (this.#busy.size >= bounds.chatsMax) break
      if (!this.#busy.has(chat)) void this.#serve(chat)
    }
  }

  /** WhatsApp has a message, or says why it has not. */
  noteAck(id: string, error: string | undefined): void {
    const end: AttemptEnd = error === undefined ? { kind: 'accepted' } : { kind: 'refused', code: error }
    const attempt = this.#attempts.get(id)
    // it may come after its time, or on the next connection: the message is there all the same
    if (attempt) attempt(end)
    else if (end.kind === 'accepted') this.#accept(id)
  }

  /** Where a message got to: the phone, or its owner's eyes. */
  noteDelivered(id: string, state: 'delivered' | 'read'): void {
    const { observe, outbox } = this.#parts
    if (outbox.noteDelivered(id, state)) observe({ type: 'whatsapp.delivered', messageId: id, state })
  }

  /** Resolves when nothing is under way, or nothing can be. */
  async whenIdle(): Promise<void> {
    if (this.#busy.size === 0) return
    await new Promise<void>((resolve) => {
      this.#whenIdle = resolve
    })
  }

  async #serve(chat: string): Promise<void> {
    const { bounds, outbox, complain } = this.#parts
    let delayMs = 0
    this.#busy.add(chat)
    try {
      for (let socket = this.#socket; socket !== undefined; socket = this.#socket) {
        const waiting = outbox.findNext(chat)
        if (!waiting) break
        await this.#send(waiting, socket)
      }
    } catch (error) {
      complain('deliver', error)
      delayMs = bounds.retryMsMin
    }
    this.#busy.delete(chat)
    if (this.#busy.size === 0) this.#whenIdle?.()
    this.#deliverLater(delayMs)
  }

  /** Chats that found no place, or came meanwhile, have their turn. */
  #deliverLater(delayMs: number): void {
    const { clock, complain } = this.#parts
    if (!this.#socket || this.#callOff) return
    this.#callOff = clock.after(delayMs, () => {
      this.#callOff = undefined
      try {
        this.deliver()
      } catch (error) {
        complain('deliver', error)
      }
    })
  }

  async #send(waiting: Waiting, socket: CourierSocket): Promise<void> {
    const { bounds, clock } = this.#parts
    if (waiting.failures >= bounds.failuresMax || waiting.attempts >= bounds.attemptsMax) {
      this.#giveUp(waiting.id, 'unacknowledged')
      return
    }
    const address = this.#parts.findAddress(waiting.chat)
    const delayMs = Math.max(waiting.nextAt, this.#restUntil) - clock.now()
    if (delayMs > 0) await this.#wait(delayMs)
    else await this.#pretendToWrite(waiting, address, socket)
    // the wait may have been long, and ended by a lost connection
    if (this.#socket !== socket || delayMs > 0) return
    await this.#attempt(waiting, address, socket)
  }

  async #pretendToWrite({ draft }: Waiting, address: string, socket: CourierSocket): Promise<void> {
    const { clock, pacing } = this.#parts
    // nobody types what only programs read, and nobody watches
    const isTyped = !isEnvelopeText(draft.text)
    const writingMs = pacing.toWritingMs(isTyped ? draft.text.length : 0)
    if (writingMs > 0) {
      if (isTyped)
        void socket.showTyping(address, true).catch((error: unknown) => this.#parts.complain('typing', error))
      await this.#wait(writingMs)
    }
    for (let waitMs = pacing.take(clock.now()); waitMs > 0; waitMs = pacing.take(clock.now())) {
      await this.#wait(waitMs)
      if (this.#socket !== socket) return
    }
  }

  async #attempt(waiting: Waiting, address: string, socket: CourierSocket): Promise<void> {
    const { clock, observe, outbox } = this.#parts
    const { seq, id } = waiting
    const attempt = waiting.attempts + 1
    const content = waiting.content ?? (await this.#compose(waiting, address, socket))
    if (this.#socket !== socket) return
    if (content === undefined) {
      this.#retry(waiting)
      return
    }
    outbox.noteWritten(seq, content, clock.now())
    observe({ type: 'whatsapp.written', messageId: id, attempt, chars: waiting.draft.text.length })
    this.#conclude(waiting, attempt, await this.#relay(waiting, address, content, socket))
  }

  /** Makes a message; undefined when it cannot be made now, such as when its document cannot be uploaded. */
  async #compose(waiting: Waiting, address: string, { compose }: CourierSocket): Promise<Uint8Array | undefined> {
    const { bounds, complain, findQuoted } = this.#parts
    const { id, failures } = waiting
    // the last time a document is a text, as long as one may be: better than nothing
    const draft = failures + 1 < bounds.failuresMax ? waiting.draft : toPlainText(waiting.draft)
    try {
      return await compose(address, { id, draft, quoted: findQuoted(waiting) })
    } catch (error) {
      complain('compose', error)
      return undefined
    }
  }

  #relay({ id }: Waiting, address: string, content: Uint8Array, socket: CourierSocket): Promise<AttemptEnd> {
    const { bounds, clock, complain } = this.#parts
    return new Promise((resolve) => {
      const callOff = clock.after(bounds.ackMsMax, () => end({ kind: 'unacknowledged' }))
      const end = (how: AttemptEnd) => {
        callOff()
        // one that ends late must not end the next one
        if (this.#attempts.get(id) === end) this.#attempts.delete(id)
        resolve(how)
      }
      this.#attempts.set(id, end)
      socket.relay(address, id, content).catch((error: unknown) => {
        complain('relay', error)
        end({ kind: 'broken' })
      })
    })
  }

  #conclude(waiting: Waiting, attempt: number, end: AttemptEnd): void {
    const { observe } = this.#parts
    const messageId = waiting.id
    switch (end.kind) {
      case 'accepted':
        this.#accept(messageId)
        return
      case 'lost':
        return
      case 'unacknowledged':
        observe({ type: 'whatsapp.unacknowledged', messageId, attempt })
        this.#parts.outbox.noteFailure(waiting.seq, 0)
        return
      case 'broken':
        this.#retry(waiting)
        return
      case 'refused': {
        const isFinal = FINAL_REFUSALS.has(end.code)
        observe({ type: 'whatsapp.refused', messageId, code: end.code, isFinal })
        if (isFinal) this.#giveUp(messageId, 'refused')
        else this.#retry(waiting, end.code)
      }
    }
  }

  #accept(id: string): void {
    const { clock, observe, outbox } = this.#parts
    const accepted = outbox.accept(id, clock.now())
    if (!accepted) return
    observe({ type: 'whatsapp.accepted', messageId: id, attempt: accepted.attempts, ackMs: accepted.ackMs })
  }

  #giveUp(id: string, why: 'refused' | 'unacknowledged'): void {
    const { clock, observe, outbox } = this.#parts
    for (const each of outbox.fail(id, clock.now())) observe({ type: 'whatsapp.given-up', messageId: each, why })
  }

  #retry({ seq, failures }: Waiting, code?: string): void {
    const { bounds, clock, outbox, random } = this.#parts
    const { retryMsMin: baseMs, retryMsMax: capMs } = bounds
    const delayMs = code === TOO_MUCH ? capMs : baseMs + fullJitterMs(failures + 1, { baseMs, capMs }, random())
    if (code === TOO_MUCH) this.#restUntil = clock.now() + delayMs
    outbox.noteFailure(seq, clock.now() + delayMs)
  }

  /** Waits, or until the socket is lost. */
  #wait(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const callOff = this.#parts.clock.after(delayMs, () => end())
      const end = () => {
        callOff()
        this.#pauses.delete(end)
        resolve()
      }
      this.#pauses.add(end)
    })
  }
}
