import type { InboundMessage } from './message.ts'
import type { MessageEnd, MessageReceiver } from './messenger.ts'
import type { Clock } from './ports.ts'

/** A message that waits on disk to be brought, or was brought and not finished. */
export interface Unfinished {
  readonly seq: number
  readonly message: InboundMessage
  /** How often it was brought. */
  readonly brought: number
}

/** What is written down of a message on its way to the agent. */
export interface BroughtNotes {
  noteBrought(seq: number): void
  finish(seq: number): void
}

/** Bounds of what is worked on. */
export interface BringerBounds {
  /** Messages of one chat that are brought before the first of them is finished. */
  readonly chatBroughtMax: number
  readonly broughtMax: number
  /** How long a message may be worked on before its place is given to the next one, in milliseconds. */
  readonly workMsMax: number
  /** Strangers' messages that are shown at the same time. */
  readonly strangersMax: number
}

/** Few enough that nothing waits long, and more than a person sends while one answer is made. */
export const BRINGER_BOUNDS: BringerBounds = {
  chatBroughtMax: 4,
  broughtMax: 64,
  workMsMax: 1_800_000,
  strangersMax: 64,
}

/** What bringing messages takes. */
export interface BringerParts {
  readonly inbox: BroughtNotes
  readonly clock: Clock
  readonly bounds: BringerBounds
  /** Told of a message that took too long, or of a stranger's for which there was no room. */
  readonly tell: (why: 'overdue' | 'strangers-full', messageId: string) => void
  readonly complain: (what: string, error: unknown) => void
}

/** What waits in one chat, and how much of it is worked on. */
interface Line {
  readonly waiting: Unfinished[]
  brought: number
}

/**
 * Brings the messages of a channel to the agent: those of a chat in order, a few before the first is finished, so that a
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
    const { bounds, complain, tell } = this.#parts
    if (this.#receiver === undefined) return
    if (this.#strangers >= bounds.strangersMax) {
      tell('strangers-full', message.id)
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

  /** Brings nothing any more; what waits is on disk. */
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

  /** Resolves when the place of a message is free again, and never rejects. */
  async #bring({ seq, message, brought }: Unfinished, receiver: MessageReceiver): Promise<void> {
    const { complain, inbox } = this.#parts
    try {
      inbox.noteBrought(seq)
      const work = receiver.receiveMessage(brought > 0 ? { ...message, isResumed: true } : message)
      // one that ends after its time is finished all the same
      const noted = work.then((end) => this.#noteEnd(seq, end))
      await this.#within(noted, message.id)
    } catch (error) {
      complain('receive', error)
    }
  }

  #noteEnd(seq: number, end: MessageEnd): void {
    if (end === 'finished') this.#parts.inbox.finish(seq)
  }

  /** Waits for the work, but not longer than it may take. */
  async #within(work: Promise<void>, messageId: string): Promise<void> {
    const { bounds, clock, complain, tell } = this.#parts
    const late = Promise.withResolvers<'late'>()
    const callOff = clock.after(bounds.workMsMax, () => late.resolve('late'))
    try {
      if ((await Promise.race([work, late.promise])) !== 'late') return
      tell('overdue', messageId)
      work.catch((error: unknown) => complain('receive', error))
    } finally {
      callOff()
    }
  }
}
