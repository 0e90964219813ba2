import { type Envelope, type KeyRing, type Opened, open, ReplayWindow, toMatchKey } from '@ai-comms/shared'
import type { Discovery } from '../discovery.ts'
import { StorageError } from '../failures.ts'
import type { Clock } from '../ports.ts'
import { type Mail, type Me, toMailId } from './mail.ts'
import type { Arrival, Audit, Peer, PeerRefusal, ReplayStore } from './ports.ts'

/** The carrier whose addresses are names that the hub vouches for. */
export const HUB_CARRIER = 'hub'

/** What a reception is made of. */
export interface ReceptionParts {
  readonly me: Me
  readonly keyRing: KeyRing | null
  /** Refuse what is not signed. */
  readonly requireAuth: boolean
  readonly replay: ReplayStore
  readonly discovery: Discovery
  readonly clock: Clock
  readonly audit: Audit
  /** The groups whose envelopes are for this agent. */
  readonly groupIds: () => ReadonlySet<string>
}

/**
 * Where envelopes come in: each is opened by the law of the wire, and then by what only an agent knows. What is refused
 * is told to the audit log and to nobody else.
 */
export class Reception {
  readonly #parts: ReceptionParts
  readonly #window: ReplayWindow

  /** @throws {StorageError} when it cannot be read which envelopes came before */
  constructor(parts: ReceptionParts) {
    this.#parts = parts
    this.#window = new ReplayWindow(parts.replay.read(parts.clock.now()))
  }

  /** Opens an envelope; undefined when it is not to be acted on. */
  receive(arrival: Arrival): Mail | undefined {
    const { me, keyRing, requireAuth, clock, groupIds } = this.#parts
    const opened = open(arrival.text, {
      now: clock.now(),
      me: { agentId: me.agentId, groupIds: groupIds() },
      keyRing,
      replay: this.#window,
      requireAuth,
      requireEncryption: false,
    })
    if (!opened.ok) return this.#refuse(arrival.carrier, opened.refusal, opened.detail, opened.claimedFrom)
    const { from } = opened.envelope
    const fault = this.#findFault(arrival, opened)
    if (fault) return this.#refuse(arrival.carrier, fault.why, fault.detail, from.agentId)
    const { envelope, payload, authenticated } = opened
    const peer = this.#toPeer(arrival, envelope)
    this.#parts.discovery.noteHeard(peer.agentId, clock.now())
    return { from: peer, isProven: authenticated, envelope, payload, carrier: arrival.carrier, id: toMailId(envelope) }
  }

  /** Tells the audit log, and nobody else. */
  #refuse(carrier: string, why: PeerRefusal, detail: string, from: string | undefined): undefined {
    this.#parts.audit({ type: 'peer.refused', why, detail, carrier, from })
    return undefined
  }

  #findFault(arrival: Arrival, opened: Opened): { readonly why: PeerRefusal; readonly detail: string } | undefined {
    const { agentId, agentName } = opened.envelope.from
    if (agentId === this.#parts.me.agentId) return { why: 'own', detail: 'Its own envelope came back' }
    if (arrival.carrier === HUB_CARRIER && toMatchKey(arrival.address) !== toMatchKey(agentName)) {
      return { why: 'name_mismatch', detail: 'The hub knows the sender by another name' }
    }
    return this.#remember(opened) ? undefined : { why: 'storage', detail: 'It cannot be written down that it came' }
  }

  /** What cannot be remembered is not acted on: after a restart it could come again. */
  #remember({ received }: Opened): boolean {
    if (received === null) return true
    try {
      this.#parts.replay.add(received)
      return true
    } catch (error) {
      if (!(error instanceof StorageError)) throw error
      return false
    }
  }

  /** The way back is the way it came, and whatever a member announced before. */
  #toPeer({ carrier, address }: Arrival, { from: { agentId, agentName } }: Envelope): Peer {
    const { discovery } = this.#parts
    const known = discovery.findPeer(agentId)
    const isKnown = known !== undefined && toMatchKey(known.agentName) === toMatchKey(agentName)
    const chats = {
      ...(isKnown ? known.chats : {}),
      ...(carrier === HUB_CARRIER ? {} : { [carrier]: address }),
    }
    return { agentId, agentName, ...(Object.keys(chats).length === 0 ? {} : { chats }) }
  }
}
