import type { CallOff, Clock } from '../ports.ts'

/** Most questions that wait for an answer at once. */
export const PENDING_MAX = 256

/** What came of a question: an answer, a failure that the peer tells of, or nothing in time. */
export type Reply =
  | { readonly status: 'answered'; readonly text: string; readonly isProven: boolean }
  | { readonly status: 'failed'; readonly text: string }
  | { readonly status: 'silent' }

interface Waiting {
  /** The id of who was asked; undefined when only its name is known. */
  readonly from: string | undefined
  readonly conversationId: string
  readonly callOff: CallOff
  readonly resolve: (reply: Reply) => void
}

/** Which question an envelope answers. */
export interface AnswerMark {
  readonly from: string
  readonly replyTo: string | undefined
  readonly conversationId: string
}

/** Questions of this agent that wait for an answer, by the id of their envelope. */
export class Pending {
  readonly #clock: Clock
  readonly #waiting = new Map<string, Waiting>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** How many wait. */
  get size(): number {
    return this.#waiting.size
  }

  /** Whether one more may wait. */
  get hasRoom(): boolean {
    return this.#waiting.size < PENDING_MAX
  }

  /** Waits for the answer to an envelope, at most `waitMs` milliseconds. */
  wait(
    id: string,
    question: { readonly from: string | undefined; conversationId: string },
    waitMs: number,
  ): Promise<Reply> {
    return new Promise((resolve) => {
      const callOff = this.#clock.after(waitMs, () => this.#settle(id, { status: 'silent' }))
      this.#waiting.set(id, { ...question, callOff, resolve })
    })
  }

  /**
   * Gives an answer to whoever waits for it; false when nobody does. Only whom was asked answers. Without `replyTo`, as
   * other systems write it, the conversation tells.
   */
  answer(mark: AnswerMark, reply: Reply): boolean {
    const id = this.#find(mark)
    return id !== undefined && this.#settle(id, reply)
  }

  /** Whether somebody waits for this answer. */
  isAwaited(mark: AnswerMark): boolean {
    return this.#find(mark) !== undefined
  }

  /** Nobody waits any more. */
  stop(): void {
    for (const id of [...this.#waiting.keys()]) this.#settle(id, { status: 'silent' })
  }

  /** No answer will come to this one. */
  giveUp(id: string): void {
    this.#settle(id, { status: 'silent' })
  }

  #find({ from, replyTo, conversationId }: AnswerMark): string | undefined {
    for (const [id, waiting] of this.#waiting) {
      const isMeant = replyTo === undefined ? waiting.conversationId === conversationId : id === replyTo
      if (isMeant && (waiting.from === undefined || waiting.from === from)) return id
    }
    return undefined
  }

  #settle(id: string, reply: Reply): boolean {
    const waiting = this.#waiting.get(id)
    if (!waiting) return false
    this.#waiting.delete(id)
    waiting.callOff()
    waiting.resolve(reply)
    return true
  }
}
