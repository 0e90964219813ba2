import { type EnvelopeDraft, type Intent, type KeyRing, type Recipient, seal, toPlainEnvelope } from '@ai-comms/shared'
import type { Clock } from '../ports.ts'
import type { Carrier, PeerAddress } from './ports.ts'

/** What an agent says to another; the courier adds who it is, an id and the seal. */
export interface Letter {
  readonly to: Recipient
  readonly intent: Intent
  readonly payload: unknown
  readonly conversationId: string
  /** The id of the envelope that this answers. */
  readonly replyTo?: string | undefined
  readonly group?: { readonly groupId: string; readonly groupName: string } | undefined
  readonly hops?: number
  /** The envelope's own id; a new one unless set. */
  readonly id?: string
}

/** What became of a letter: given to a carrier; given up by all that know a way; no way known; too large to be one. */
export type PostOutcome = 'sent' | 'failed' | 'unreachable' | 'refused'

/** What a courier is made of. */
export interface CourierParts {
  readonly me: { readonly agentId: string; readonly agentName: string }
  /** Null for an agent that shares no secret: its envelopes are unsigned. */
  readonly keyRing: KeyRing | null
  /** In the order of preference: the hub first. */
  readonly carriers: readonly Carrier[]
  readonly clock: Clock
  readonly newId: () => string
}

/** Seals what this agent says, and gives it to the first carrier that knows a way; the next one, if that fails. */
export class Courier {
  readonly #parts: CourierParts

  constructor(parts: CourierParts) {
    this.#parts = parts
  }

  /** Whether some carrier knows a way to the agent. */
  isReachable(peer: PeerAddress): boolean {
    return this.#parts.carriers.some((carrier) => carrier.isReachable(peer))
  }

  /** Whether the way that would be tried first takes its time. */
  isSlow(peer: PeerAddress): boolean {
    return this.#parts.carriers.find((carrier) => carrier.isReachable(peer))?.isSlow === true
  }

  /** Seals a letter, anew each time: what is sent again must not look like a replay. */
  async send(peer: PeerAddress, letter: Letter): Promise<PostOutcome> {
    const text = this.#write(letter)
    return text === undefined ? 'refused' : this.carry(peer, text)
  }

  /** Gives a text to whoever knows a way. */
  async carry(peer: PeerAddress, text: string): Promise<PostOutcome> {
    const ways = this.#parts.carriers.filter((carrier) => carrier.isReachable(peer))
    for (const carrier of ways) if ((await carrier.carry(peer, text)) === 'sent') return 'sent'
    return ways.length === 0 ? 'unreachable' : 'failed'
  }

  #write(letter: Letter): string | undefined {
    const { me, keyRing, clock, newId } = this.#parts
    const draft: EnvelopeDraft = { hops: 0, ...letter, id: letter.id ?? newId(), from: me }
    const options = { now: clock.now() }
    const written = keyRing === null ? toPlainEnvelope(draft, options) : seal(draft, keyRing, options)
    return written.ok ? written.text : undefined
  }
}
