import { BROADCAST_ID, LIMITS, toMatchKey } from '@ai-comms/shared'
import type { Discovery } from '../discovery.ts'
import type { Clock } from '../ports.ts'
import type { Courier } from './courier.ts'
import type { Mail, Me } from './mail.ts'
import { readAbout, toMembers } from './payloads.ts'
import type { Pending } from './pending.ts'
import type { Audit, HubAgent, HubDirectory, Peer, PeerAddress } from './ports.ts'

/** How long an agent that was announced to may take to say who it is, in milliseconds. */
export const CONTACT_WAIT_MS = 3_000
/** How often it is asked before nobody seems to be there. */
export const CONTACT_TRIES = 3
/** How long it may take over a channel of people, where both write as slowly as people do; it is asked once there. */
export const SLOW_CONTACT_WAIT_MS = 60_000
/** How often one peer's announcements are answered at most, in milliseconds. */
export const ANSWER_EVERY_MS = 1_000
/** Peers of which it is remembered when they were answered. */
const ANSWERED_MAX = 1_000
/** The level from which on agents know envelopes. */
const ENVELOPE_LEVEL = 2

/** What introductions are made of. */
export interface IntroductionParts {
  readonly me: Me
  readonly courier: Courier
  readonly discovery: Discovery
  readonly pending: Pending
  readonly clock: Clock
  readonly newId: () => string
  readonly audit: Audit
  readonly directory?: HubDirectory | undefined
  /** Told when a peer is there, perhaps again. */
  readonly onPeer: (peer: Peer) => void
}

/** The payload by which a peer answers an announcement. */
const IDENTITY = 'identity'

/** Whether a payload says who its sender is. */
export const isIdentity = ({ payload }: Mail): boolean => toMembers(payload)?.['type'] === IDENTITY

/**
 * How agents get to know each other: who comes announces itself to those who are there, and each answers once, with an
 * `info` that says who it is and that nobody answers.
 */
export class Introductions {
  readonly #parts: IntroductionParts
  readonly #answeredAt = new Map<string, number>()

  constructor(parts: IntroductionParts) {
    this.#parts = parts
  }

  /** Announces this agent to everybody whom the hub lists and who knows envelopes. */
  async join(): Promise<void> {
    const { me } = this.#parts
    const agents = await this.#look()
    const others = agents.filter((each) => toMatchKey(each.name) !== toMatchKey(me.name) && knowsEnvelopes(each))
    const names = new Map(others.map(({ name }) => [toMatchKey(name), name]))
    for (const agentName of names.values()) await this.#announce({ agentName }, this.#parts.newId())
  }

  /** The peer of a name: known, or asked who it is. Undefined when nobody answers in time. */
  async contact(address: PeerAddress): Promise<Peer | undefined> {
    const { discovery, courier } = this.#parts
    const known = discovery.findPeer(address.agentName)
    if (known) return address.chats ? { ...known, chats: { ...address.chats, ...known.chats } } : known
    // the hub tells arrivals a moment late, and its list at once
    if (!courier.isReachable(address)) await this.#look()
    const isSlow = courier.isSlow(address)
    const [triesMax, waitMs] = isSlow ? [1, SLOW_CONTACT_WAIT_MS] : [CONTACT_TRIES, CONTACT_WAIT_MS]
    for (let tries = 0; tries < triesMax && courier.isReachable(address); tries++) {
      const peer = await this.#ask(address, waitMs)
      if (peer) return peer
    }
    return undefined
  }

  /** A peer announces itself: it is registered, and told who this agent is, unless it only answered. */
  receiveAnnouncement(mail: Mail): void {
    if (!this.#register(mail) || mail.envelope.replyTo !== undefined) return
    const { clock, courier } = this.#parts
    const now = clock.now()
    if (now - (this.#answeredAt.get(mail.from.agentId) ?? Number.NEGATIVE_INFINITY) < ANSWER_EVERY_MS) return
    this.#answeredAt.delete(mail.from.agentId)
    this.#answeredAt.set(mail.from.agentId, now)
    const [oldest] = this.#answeredAt.keys()
    if (this.#answeredAt.size > ANSWERED_MAX && oldest !== undefined) this.#answeredAt.delete(oldest)
    void courier.send(mail.from, {
      to: toRecipient(mail.from),
      intent: 'info',
      payload: { type: IDENTITY, ...this.#about() },
      conversationId: mail.envelope.conversationId,
      replyTo: mail.id,
      hops: Math.min(LIMITS.HOPS_MAX, (mail.envelope.hops ?? 0) + 1),
    })
  }

  /** A peer says who it is, because it was asked. */
  receiveIdentity(mail: Mail): void {
    if (!this.#register(mail)) return
    const { replyTo, conversationId } = mail.envelope
    const { agentId } = mail.from
    const reply = { status: 'answered', text: agentId, isProven: mail.isProven } as const
    this.#parts.pending.answer({ from: agentId, replyTo, conversationId }, reply)
  }

  #register(mail: Mail): boolean {
    const { discovery, clock, audit, onPeer } = this.#parts
    const { workspace, skills } = readAbout(mail.payload)
    const { from, isProven, carrier } = mail
    const outcome = discovery.register({ peer: from, workspace, skills, isProven }, clock.now())
    if (outcome === 'registered') {
      audit({ type: 'peer.registered', agentId: from.agentId, carrier, proven: isProven })
      onPeer(discovery.findPeer(from.agentId) ?? from)
      return true
    }
    const why = outcome === 'full' ? 'no_room' : 'identity_conflict'
    audit({ type: 'peer.refused', why, detail: 'The announcement was not taken', carrier, from: from.agentId })
    return false
  }

  /** Reads the hub's list, and so who is there; nobody, where it cannot be read. */
  async #look(): Promise<readonly HubAgent[]> {
    const { directory, discovery, clock } = this.#parts
    const askedAt = clock.now()
    const agents = await directory?.list()
    if (!agents) return []
    discovery.noteHub(agents, askedAt, clock.now())
    return agents
  }

  async #ask(address: PeerAddress, waitMs: number): Promise<Peer | undefined> {
    const { discovery, pending, newId } = this.#parts
    if (!pending.hasRoom) return undefined
    const id = newId()
    const identity = pending.wait(id, { from: undefined, conversationId: id }, waitMs)
    if ((await this.#announce(address, id)) !== 'sent') pending.giveUp(id)
    const reply = await identity
    return reply.status === 'answered' ? discovery.findPeer(reply.text) : undefined
  }

  #announce(peer: PeerAddress, id: string) {
    return this.#parts.courier.send(peer, {
      // whoever is announced to has an id that is not known yet
      to: { agentId: BROADCAST_ID },
      intent: 'announce',
      payload: { type: IDENTITY, ...this.#about() },
      conversationId: id,
      id,
    })
  }

  #about() {
    const { workspace, skills, description } = this.#parts.me
    return { workspace, skills: [...skills], ...(description === undefined ? {} : { description }) }
  }
}

const knowsEnvelopes = (agent: HubAgent): boolean => agent.protocol >= ENVELOPE_LEVEL

/** A peer as an envelope addresses it. */
export const toRecipient = ({ agentId, agentName }: Peer) => ({ agentId, agentName })
