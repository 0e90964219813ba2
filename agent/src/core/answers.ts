import type { TaskReply } from './ports.ts'

/** The frame that ends a task. */
export type Answer = Extract<TaskReply, { type: 'task-response' | 'task-error' }>

/** Bounds of the memory of answers. */
export interface AnswerBounds {
  readonly answersMax: number
  readonly charsMax: number
  readonly keepMs: number
}

/**
 * Default bounds: as many answers as a busy hour gives, 16 Mi characters (32 MiB at most), an hour, which is longer than
 * all redeliveries of a task together.
 */
export const ANSWER_BOUNDS: AnswerBounds = { answersMax: 1_000, charsMax: 16_777_216, keepMs: 3_600_000 }

interface Kept {
  readonly answer: Answer
  readonly attempt: number
  readonly chars: number
  readonly until: number
}

const countChars = (answer: Answer): number =>
  String(answer.type === 'task-response' ? answer.response : answer.error).length

/** Remembers how tasks ended, so that a task which is delivered twice is done once. Bounded in number, size and time. */
export class AnswerMemory {
  readonly #kept = new Map<string, Kept>()
  readonly #bounds: AnswerBounds
  #chars = 0

  constructor(bounds: AnswerBounds = ANSWER_BOUNDS) {
    this.#bounds = bounds
  }

  /** How many answers are kept. */
  get size(): number {
    return this.#kept.size
  }

  /** Keeps an answer; the oldest ones make room. One that is larger than all the room is not kept. */
  keep(answer: Answer, attempt: number, now: number): void {
    this.forget(answer.requestId)
    const chars = countChars(answer)
    if (chars > this.#bounds.charsMax) return
    this.#kept.set(answer.requestId, { answer, attempt, chars, until: now + this.#bounds.keepMs })
    this.#chars += chars
    for (const [requestId, kept] of this.#kept) {
      const fits = this.#kept.size <= this.#bounds.answersMax && this.#chars <= this.#bounds.charsMax
      if (fits && kept.until > now) break
      this.forget(requestId)
    }
  }

  /**
   * How this task ended, or undefined when it is to be done. A failure that may be tried again answers only deliveries
   * up to the attempt that failed: a higher attempt is the hub's wish to try again.
   */
  find(requestId: string, attempt: number, now: number): Answer | undefined {
    const kept = this.#kept.get(requestId)
    if (!kept || kept.until <= now) return undefined
    const mayTryAgain = kept.answer.type === 'task-error' && kept.answer.retryable === true && attempt > kept.attempt
    return mayTryAgain ? undefined : kept.answer
  }

  /** Lets go of an answer. */
  forget(requestId: string): void {
    const kept = this.#kept.get(requestId)
    if (!kept) return
    this.#kept.delete(requestId)
    this.#chars -= kept.chars
  }
}
