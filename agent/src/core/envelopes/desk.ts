import { LIMITS } from '@ai-comms/shared'
import type { Clock } from '../ports.ts'
import type { Answering } from './answering.ts'
import type { Courier } from './courier.ts'
import type { ExchangeLaw, Verdict } from './exchange-law.ts'
import { toRecipient } from './introductions.ts'
import { ANSWER_INTENTS, type Mail, type PeerNotice } from './mail.ts'
import { readText, toMembers } from './payloads.ts'
import type { AnswerMark, Pending, Reply } from './pending.ts'
import type { Audit, Peer } from './ports.ts'

/** What a desk is made of. */
export interface DeskParts {
  readonly courier: Courier
  readonly pending: Pending
  readonly law: ExchangeLaw
  readonly clock: Clock
  readonly newId: () => string
  readonly audit: Audit
  readonly answering: Answering
  /** Told once when a conversation ends by law. */
  readonly notice: (notice: PeerNotice) => void
}

/** Something that this agent asks a peer. */
export interface Question {
  readonly peer: Peer
  readonly text: string
  readonly intent: 'chat' | 'task-request'
  /** How often the work was passed on before it came here. */
  readonly hops: number
  readonly conversationId?: string | undefined
  readonly waitMs: number
}

/** What came of a question. */
export type Asked = Reply | { readonly status: 'unreachable' | 'loop' | 'busy' | 'refused' }

/** A sentence per reason, for people and for the peer. */
const ENDINGS: Partial<Record<Exclude<Verdict, { may: true }>['why'], string>> = {
  turns: 'This conversation has had as many turns as agents may have without a person, and ends here.',
  repeated: 'The same text came a second time, so this conversation ends here.',
  hops: 'This was passed on too often, so it ends here.',
}

/** Where questions of other agents are answered, and their answers to this one's questions come in. */
export class Desk {
  readonly #parts: DeskParts

  constructor(parts: DeskParts) {
    this.#parts = parts
  }

  /** Asks a peer, and waits for its answer. */
  async ask({ peer, text, intent, hops, conversationId, waitMs }: Question): Promise<Asked> {
    const { courier, pending, newId, audit } = this.#parts
    if (hops > LIMITS.HOPS_MAX) return { status: 'loop' }
    if (!pending.hasRoom) return { status: 'busy' }
    const id = newId()
    const talk = conversationId ?? newId()
    // who passes work on speaks for an agent, and gives a conversation no new turns
    if (hops === 0) this.#parts.law.humanSpoke(peer.agentId, talk)
    const reply = pending.wait(id, { from: peer.agentId, conversationId: talk }, waitMs)
    const letter = { to: toRecipient(peer), intent, payload: text, conversationId: talk, hops, id }
    const outcome = await courier.send(peer, letter)
    if (outcome !== 'sent') pending.giveUp(id)
    const answer = await reply
    const status = outcome === 'sent' ? answer.status : outcome
    audit({ type: 'peer.asked', agentId: peer.agentId, intent, outcome: status })
    if (outcome === 'sent') return answer
    return { status: outcome === 'refused' ? 'refused' : 'unreachable' }
  }

  /** An answer came: it goes to whoever waits for it, and is never answered. */
  receiveAnswer(mail: Mail): void {
    const { envelope, from, isProven, payload } = mail
    const text = readText(payload)
    const mark: AnswerMark = { from: from.agentId, replyTo: envelope.replyTo, conversationId: envelope.conversationId }
    if (text === undefined) this.#refuse(mail, 'bad_payload', 'There is no text in it')
    else if (!this.#parts.pending.answer(mark, toReply(envelope.intent, payload, text, isProven))) {
      this.#refuse(mail, 'late', 'Nobody waits for it')
    }
  }

  /** Whether an envelope answers something that this agent asked. */
  isAnswer({ envelope, from }: Mail): boolean {
    const { replyTo, conversationId } = envelope
    // what names the question it answers is an answer, even to a question that is forgotten
    return replyTo !== undefined || this.#parts.pending.isAwaited({ from: from.agentId, replyTo, conversationId })
  }

  /** A peer asks: it is answered once, if the law of conversations lets it. */
  async receiveQuestion(mail: Mail, intent: 'chat' | 'task-request'): Promise<void> {
    const { law, clock } = this.#parts
    const { conversationId, hops = 0 } = mail.envelope
    const text = readText(mail.payload)
    if (text === undefined) {
      this.#refuse(mail, 'bad_payload', 'There is no text in it')
      return
    }
    const turn = { peerId: mail.from.agentId, conversationId }
    const verdict = law.hear({ ...turn, text, now: clock.now() }, hops)
    if (!verdict.may) {
      await this.#end(mail, verdict)
      return
    }
    const answer = await this.#answer(mail, intent, text)
    if (answer === undefined) return
    const mayAnswer = law.say({ ...turn, text: answer, now: clock.now() })
    if (!mayAnswer.may) await this.#end(mail, mayAnswer)
    else await this.#reply(mail, ANSWER_INTENTS[intent], answer)
  }

  async #answer(mail: Mail, intent: 'chat' | 'task-request', text: string): Promise<string | undefined> {
    const { from: peer, isProven, envelope } = mail
    const { conversationId, hops = 0 } = envelope
    const question = { peer, isProven, intent, text, conversationId, hops }
    const answer = await this.#parts.answering.answer(peer.agentId, question)
    if (answer.status === 'answered') return answer.text
    if (answer.status === 'busy') await this.#fail(mail, 'The agent is busy; try again later.')
    else if (answer.status === 'broken') await this.#fail(mail, 'The agent could not answer.')
    return undefined
  }

  async #reply(mail: Mail, intent: 'chat' | 'task-response' | 'info', payload: unknown): Promise<void> {
    const { conversationId, hops = 0 } = mail.envelope
    const outcome = await this.#parts.courier.send(mail.from, {
      to: toRecipient(mail.from),
      intent,
      payload,
      conversationId,
      replyTo: mail.id,
      hops: Math.min(LIMITS.HOPS_MAX, hops + 1),
    })
    this.#parts.audit({ type: 'peer.answered', agentId: mail.from.agentId, intent, outcome })
  }

  /** An `info`, which nobody answers, so that a failure cannot begin a conversation. */
  #fail(mail: Mail, sentence: string): Promise<void> {
    return this.#reply(mail, 'info', { type: 'failure', text: sentence })
  }

  async #end(mail: Mail, { why, isFirst }: Exclude<Verdict, { may: true }>): Promise<void> {
    const { agentId } = mail.from
    this.#parts.audit({ type: 'peer.ended', agentId, why })
    if (why === 'rate') await this.#fail(mail, 'The agent answers this peer no more for a while.')
    const sentence = ENDINGS[why]
    if (!isFirst || sentence === undefined) return
    this.#parts.notice({ peer: mail.from, conversationId: mail.envelope.conversationId, sentence })
    await this.#reply(mail, 'info', { type: 'notice', text: sentence })
  }

  #refuse(mail: Mail, why: 'bad_payload' | 'late', detail: string): void {
    this.#parts.audit({ type: 'peer.refused', why, detail, carrier: mail.carrier, from: mail.from.agentId })
  }
}

const toReply = (intent: string, payload: Mail['payload'], text: string, isProven: boolean): Reply =>
  intent === 'info' && ['failure', 'notice'].includes(String(toMembers(payload)?.['type']))
    ? { status: 'failed', text }
    : { status: 'answered', text, isProven }
