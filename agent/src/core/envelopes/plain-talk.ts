import type { Clock } from '../ports.ts'
import type { Answering } from './answering.ts'
import type { Courier } from './courier.ts'
import type { ExchangeLaw } from './exchange-law.ts'
import type { PeerNotice } from './mail.ts'
import { PEER_TEXT_CHARS_MAX } from './payloads.ts'
import type { Audit } from './ports.ts'

/** What plain talk is made of. */
export interface PlainTalkParts {
  readonly courier: Courier
  readonly law: ExchangeLaw
  readonly clock: Clock
  readonly audit: Audit
  readonly answering: Answering
  readonly notice: (notice: PeerNotice) => void
  /** Whether a text without signature and encryption may come in at all. */
  readonly isWelcome: boolean
}

/** All plain texts of a name are one conversation: nothing in them tells where another begins. */
const CONVERSATION = 'plain'

/**
 * Plain texts of agents that know no envelopes. Where signatures are required they are refused as unsigned; elsewhere
 * they are untrusted chat of whoever the hub says, answered by plain text within the same turns, and then silence.
 */
export class PlainTalk {
  readonly #parts: PlainTalkParts

  constructor(parts: PlainTalkParts) {
    this.#parts = parts
  }

  /** A text came over the hub from this name. */
  async receive(agentName: string, text: string): Promise<void> {
    const { isWelcome, audit, law, clock, notice, courier } = this.#parts
    const peerId = `hub:${agentName}`
    const fault = this.#findFault(text)
    if (!isWelcome || fault) {
      const why = isWelcome ? 'bad_payload' : 'bad_signature'
      audit({ type: 'peer.refused', why, detail: fault ?? 'A plain text', carrier: 'hub', from: agentName })
      return
    }
    const turn = { peerId, conversationId: CONVERSATION }
    const heard = law.hear({ ...turn, text, now: clock.now() }, 0)
    const answer = heard.may ? await this.#ask(agentName, text) : undefined
    const verdict = answer === undefined ? heard : law.say({ ...turn, text: answer, now: clock.now() })
    if (!verdict.may) {
      audit({ type: 'peer.ended', agentId: peerId, why: verdict.why })
      // nothing is said to the peer: it would take that for one more text to answer
      const sentence = 'A conversation with an agent that knows no envelopes has ended by itself.'
      if (verdict.isFirst) notice({ peer: { agentName }, conversationId: CONVERSATION, sentence })
    } else if (answer !== undefined) {
      const outcome = await courier.carry({ agentName }, answer)
      audit({ type: 'peer.answered', agentId: peerId, intent: 'chat', outcome })
    }
  }

  #findFault(text: string): string | undefined {
    if (text.trim() === '') return 'An empty text'
    return text.length > PEER_TEXT_CHARS_MAX ? 'A text that is too long' : undefined
  }

  async #ask(agentName: string, text: string): Promise<string | undefined> {
    const peer = { agentId: `hub:${agentName}`, agentName }
    const question = { peer, isProven: false, intent: 'chat', text, conversationId: CONVERSATION, hops: 0 } as const
    const answer = await this.#parts.answering.answer(peer.agentId, question)
    return answer.status === 'answered' ? answer.text : undefined
  }
}
