import type { InboundMessage } from '../../core/message.ts'
import type { MessageEnd, MessageReceiver } from '../../core/messenger.ts'
import type { CallOff, Clock } from '../../core/ports.ts'
import type { Complain } from './complain.ts'
import type { ObserveWhatsApp } from './events.ts'
import type { Inbox, Unfinished } from './inbox.ts'

/** Strangers' messages that are shown at the same time, so that they can be refused. */
const STRANGERS_MAX = 64

/** What bringing messages takes. */
export interface BringerParts {
  readonly inbox: Pick<Inbox, 'noteBrought' | 'finish'>
  readonly clock: Clock
  readonly observe: ObserveWhatsApp
  readonly complain: Complain
  readonly bounds: { readonly chatBroughtMax: number; readonly broughtMax: number; readonly workMsMax: number }
}

/** What waits in one chat, and how much of it is worked on. */
interface Line {
  readonly waiting: Unfinished[]
  brought: number
}

/**
 * Brings messages from the inbox to the agent: those of a chat in order, a few before the first is finished, so that a
 * command is not kept waiting by the answer that it wants to stop. The rest waits on disk, where it is bounded.
 */
export class Bringer {
  readonly #parts: BringerParts
  readonly #lines = new Map<string, Line>()
  /** Who takes messages; nobody before the beginning and after the end. */
  #receiver: MessageReceiver | undefined
  #brought = 0
  #strangers = 0

  constructor(parts: BringerParts) {
    this.#parts = parts
  }

  /** Brings what waits, and what comes from here on. */
  begin(receiver: MessageReceiver): void {
    this.#receiver = receiver
    this.#bringNext()
  }

  /** Brings a message when it is its turn. */
  add(entry: Unfinished): void {
    const chat = entry.message.chat.id
    const line = this.#lines.get(chat) ?? { waiting: [], brought: 0 }
    line.waiting.push(entry)
    this.#lines.set(chat, line)
    this.#bringNext()
  }

  /** Shows a message of somebody who may not write: whoever counts refusals hears of it, and nothing is kept. */
  show(message: InboundMessage): void {
    const { observe, complain } = this.#parts
    if (this.#receiver === undefined) return
    if (this.#strangers >= STRANGERS_MAX) {
      observe({ type: 'whatsapp.dropped', messageId: message.id, why: 'strangers-full' })
      return
    }
    this.#strangers += 1
    void this.#receiver
      .receiveMessage(message)
      .catch((error: unknown) => complain('receive', error))
      .finally(() => {
        this.#strangers -= 1
      })
  }

  /** Brings nothing any more. */
  stop(): void {
    this.#receiver = undefined
    this.#lines.clear()
  }

  #bringNext(): void {
    const { chatBroughtMax, broughtMax } = this.#parts.bounds
    const receiver = this.#receiver
    if (receiver === undefined) return
    for (const [chat, line] of this.#lines) {
      while (this.#brought < broughtMax && line.brought < chatBroughtMax) {
        const entry = line.waiting.shift()
        if (!entry) break
        line.brought += 1
        this.#brought += 1
        void this.#bring(entry, receiver).then(() => this.#release(chat, line))
      }
    }
  }

  #release(chat: string, line: Line): void {
    line.brought -= 1
    this.#brought -= 1
    // behind those who wait already
    if (this.#lines.delete(chat) && (line.waiting.length > 0 || line.brought > 0)) this.#lines.set(chat, line)
    this.#bringNext()
  }

  async #bring({ seq, message, brought }: Unfinished, receiver: MessageReceiver): Promise<void> {
    const { inbox, observe, complain } = this.#parts
    try {
      inbox.noteBrought(seq)
      const work = receiver.receiveMessage(brought > 0 ? { ...message, isResumed: true } : message)
      const end = await this.#within(work)
      if (end === 'finished') inbox.finish(seq)
      if (end === 'overdue') observe({ type: 'whatsapp.dropped', messageId: message.id, why: 'overdue' })
    } catch (error) {
      complain('receive', error)
    }
  }

  /** The end of the work, or that it takes too long: its place goes to the next message then. */
  #within(work: Promise<MessageEnd>): Promise<MessageEnd | 'overdue'> {
    const { promise, resolve, reject } = Promise.withResolvers<MessageEnd | 'overdue'>()
    const callOff: CallOff = this.#parts.clock.after(this.#parts.bounds.workMsMax, () => resolve('overdue'))
    work.then(resolve, reject).finally(callOff)
    return promise
  }
}
