import type { Answering } from '../envelopes/answering.ts'
import type { ExchangeLaw } from '../envelopes/exchange-law.ts'
import type { PeerQuestion } from '../envelopes/ports.ts'
import type { CallOff, Clock } from '../ports.ts'
import { findMember, GROUP_TEXT_CHARS_MAX } from './charter.ts'
import type { GroupMessage } from './ports.ts'
import type { Room } from './rooms.ts'
import { toContext, toQuestionId } from './transcript.ts'

/** How long a member waits for each of those before it, where they answer in turn, in milliseconds. */
export const TURN_WAIT_MS = 45_000
/** Most questions of groups that wait for this agent at once; the first one makes room. */
export const OPEN_MAX = 64
/** Most answers that one person's message gets in a group, unless set. */
export const GROUP_TURNS_MAX = 8

/** What turns are made of. */
export interface TurnParts {
  readonly me: { readonly agentId: string }
  readonly law: ExchangeLaw
  readonly clock: Clock
  readonly answering: Answering
  readonly turnsMax: number
  /** Says it in the group. An empty text says that there is nothing to say. */
  readonly publish: (room: Room, question: GroupMessage, text: string) => void
}

interface OpenQuestion {
  readonly room: Room
  readonly question: GroupMessage
  readonly before: readonly string[]
  readonly isProven: boolean
  /** How many of those before this agent had answered when it last looked. */
  passed: number
  alarm: CallOff | undefined
}

/**
 * When this agent answers in a group: once to each message of a person that is for it, never to an agent's. So a group
 * falls silent by itself, whatever is said in it.
 */
export class GroupTurns {
  readonly #parts: TurnParts
  readonly #open = new Map<string, OpenQuestion>()
  #isStopped = false

  constructor(parts: TurnParts) {
    this.#parts = parts
  }

  /** Something new was said. */
  consider(room: Room, message: GroupMessage, isProven: boolean): void {
    if (message.kind === 'person') this.#begin(room, message, isProven)
    else for (const open of [...this.#open.values()]) if (open.room === room) this.#look(open)
  }

  /** Waits for nobody any more, and says nothing any more. */
  stop(): void {
    this.#isStopped = true
    for (const { alarm } of this.#open.values()) alarm?.()
    this.#open.clear()
  }

  #begin(room: Room, question: GroupMessage, isProven: boolean): void {
    const { me, law, clock, turnsMax } = this.#parts
    const answerers = (question.answerers ?? []).slice(0, turnsMax)
    const at = answerers.indexOf(me.agentId)
    const questionId = toQuestionId(question)
    if (at < 0 || room.transcript.answerersOf(questionId).has(me.agentId)) return
    const conversationId = toKey(room, questionId)
    const peerId = toKey(room, question.writer)
    if (!law.hear({ peerId, conversationId, text: question.text, now: clock.now() }, 0).may) return
    const before = room.kept.charter.mode === 'in-turn' ? answerers.slice(0, at) : []
    const open = { room, question, before, isProven, passed: -1, alarm: undefined }
    this.#open.set(conversationId, open)
    const [oldest] = this.#open.values()
    if (this.#open.size > OPEN_MAX && oldest) this.#close(oldest)
    this.#look(open)
  }

  /** Answers when it is this agent's turn; whoever before it stays silent is waited for, and then passed over. */
  #look(open: OpenQuestion): void {
    const { room, question, before } = open
    const answered = room.transcript.answerersOf(toQuestionId(question))
    const passed = before.findLastIndex((agentId) => answered.has(agentId)) + 1
    if (passed === before.length) {
      void this.#answer(open)
      return
    }
    if (passed === open.passed) return
    open.passed = passed
    open.alarm?.()
    open.alarm = this.#parts.clock.after(TURN_WAIT_MS * (before.length - passed), () => void this.#answer(open))
  }

  #close({ room, question, alarm }: OpenQuestion): boolean {
    alarm?.()
    return this.#open.delete(toKey(room, toQuestionId(question)))
  }

  async #answer(open: OpenQuestion): Promise<void> {
    // once only: an alarm and an answer of the one before may both come to this
    if (!this.#close(open)) return
    const { room, question } = open
    const text = await this.#ask(open)
    const isStillIn = room.kept.state === 'member' && findMember(room.kept.charter, this.#parts.me.agentId)
    if (isStillIn && !this.#isStopped) this.#parts.publish(room, question, text)
  }

  async #ask({ room, question, isProven }: OpenQuestion): Promise<string> {
    const { me, answering } = this.#parts
    const { charter } = room.kept
    const peer = question.writer === me.agentId ? undefined : findMember(charter, question.writer)
    const asked: PeerQuestion = {
      peer,
      isProven,
      intent: 'group-chat',
      text: question.text,
      conversationId: charter.groupId,
      hops: 0,
      group: {
        groupId: charter.groupId,
        name: charter.name,
        purpose: charter.purpose,
        author: question.author,
        transcript: toContext(room.transcript.list()),
      },
    }
    const answer = await answering.answer(question.writer, asked, GROUP_TEXT_CHARS_MAX)
    return answer.status === 'answered' ? answer.text : ''
  }
}

const toKey = (room: Room, id: string): string => JSON.stringify([room.kept.charter.groupId, id])
