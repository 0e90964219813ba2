import { LIMITS } from '@ai-comms/shared'
import { cutText } from '../cut-text.ts'
import type { CallOff, Clock } from '../ports.ts'
import type { AnswerPeer, Audit, PeerQuestion } from './ports.ts'

/** Answers that are made at once, whoever asks and by whatever way. */
export const ANSWERING_MAX = 8
/** Longest that one may take, in milliseconds: as long as a task. So one that hangs does not hold its place for ever. */
export const ANSWERING_MS_MAX = LIMITS.TIMEOUT_MS_MAX
/** Longest answer to a peer, in UTF-16 units; what is longer is cut, and says so. */
export const ANSWER_CHARS_MAX = 32_000

/** What answering takes. */
export interface AnsweringParts {
  readonly answerPeer: AnswerPeer
  readonly clock: Clock
  readonly audit: Audit
}

/** What came of a question: an answer; none, by choice; no place for one more; or its making failed. */
export type Answer = { readonly status: 'answered'; readonly text: string } | { readonly status: Unanswered }
type Unanswered = 'silent' | 'busy' | 'broken'

/** Where all answers to other agents and in groups are made: so many at a time, each within its time and length. */
export class Answering {
  readonly #parts: AnsweringParts
  readonly #running = new Set<() => void>()

  constructor(parts: AnsweringParts) {
    this.#parts = parts
  }

  /** Makes an answer. Never throws: why there is none is told to the audit log. @param agentId of who asks */
  async answer(agentId: string, question: PeerQuestion, charsMax = ANSWER_CHARS_MAX): Promise<Answer> {
    const { answerPeer, audit } = this.#parts
    if (this.#running.size >= ANSWERING_MAX) {
      audit({ type: 'peer.ended', agentId, why: 'busy' })
      return { status: 'busy' }
    }
    const { over, end } = this.#begin()
    try {
      const text = await Promise.race([answerPeer(question), over])
      if (text === undefined || text.trim() === '') return { status: 'silent' }
      return { status: 'answered', text: cutText(text, charsMax).toWellFormed() }
    } catch (err) {
      audit({ type: 'peer.broken', agentId, err })
      return { status: 'broken' }
    } finally {
      end()
    }
  }

  /** Nobody waits for an answer any more. */
  stop(): void {
    for (const giveUp of [...this.#running]) giveUp()
  }

  /** Takes a place, which is given back when the answer is made, takes too long, or is not waited for. */
  #begin(): { readonly over: Promise<undefined>; readonly end: () => void } {
    const { promise: over, resolve, reject } = Promise.withResolvers<undefined>()
    const giveUp = () => resolve(undefined)
    const callOff: CallOff = this.#parts.clock.after(ANSWERING_MS_MAX, () =>
      reject(new Error(`No answer was made within ${ANSWERING_MS_MAX / 60_000} minutes`)),
    )
    this.#running.add(giveUp)
    const end = () => {
      callOff()
      this.#running.delete(giveUp)
    }
    return { over, end }
  }
}
