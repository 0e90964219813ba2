import type { KeyRing } from '@ai-comms/shared'
import { type AgentListing, Discovery } from './discovery.ts'
import { Answering } from './envelopes/answering.ts'
import { Courier } from './envelopes/courier.ts'
import { type Asked, Desk } from './envelopes/desk.ts'
import { ExchangeLaw } from './envelopes/exchange-law.ts'
import { Introductions, isIdentity } from './envelopes/introductions.ts'
import { isEnvelopeText, type Mail, type Me, type PeerNotice } from './envelopes/mail.ts'
import { Pending } from './envelopes/pending.ts'
import { PlainTalk } from './envelopes/plain-talk.ts'
import type {
  AnswerPeer,
  Arrival,
  Audit,
  Carrier,
  HubDirectory,
  Peer,
  PeerAddress,
  Presence,
  ReplayStore,
} from './envelopes/ports.ts'
import { HUB_CARRIER, Reception } from './envelopes/reception.ts'
import { GroupDesk, type GroupDeskParts } from './groups/group-desk.ts'
import { GROUP_TURNS_MAX } from './groups/group-turns.ts'
import type { GroupStore } from './groups/ports.ts'
import type { Clock } from './ports.ts'

/** How long an answer of another agent is waited for unless set, in milliseconds: what a hub gives a task. */
export const ASK_WAIT_MS = 175_000

/** What dealing with other agents takes. */
export interface PeersParts {
  readonly me: Me
  /** Null for an agent that shares no secret with others. */
  readonly keyRing: KeyRing | null
  /** Refuse what is not signed. */
  readonly requireAuth: boolean
  readonly replay: ReplayStore
  readonly groupStore: GroupStore
  /** Makes the carriers, the hub's first; they may ask who is there. */
  readonly carriers: (presenceOf: Discovery['presenceOf']) => readonly Carrier[]
  readonly clock: Clock
  /** A text that was never used before. */
  readonly newId: () => string
  readonly audit: Audit
  readonly answerPeer: AnswerPeer
  /** Told once when a conversation ends by law. */
  readonly notice: (notice: PeerNotice) => void
  readonly showGroupMessage: GroupDeskParts['showMessage']
  readonly noteGroupAnswer?: GroupDeskParts['noteAnswer']
  readonly mayJoinGroup?: GroupDeskParts['mayJoin']
  readonly directory?: HubDirectory | undefined
  /** Turns of a conversation between agents without a person. */
  readonly turnsMax?: number | undefined
  /** Answers in a group to one message of a person. */
  readonly groupTurnsMax?: number | undefined
}

/** Something that a person, or the model for a person, asks another agent. */
export interface PeerRequest {
  readonly to: PeerAddress
  readonly text: string
  readonly intent?: 'chat' | 'task-request'
  /** How often the work was passed on before: 0 where a person asks. */
  readonly hops?: number
  readonly conversationId?: string
  readonly waitMs?: number
}

/** What came of it; `near` are names that look like the one that nobody answers to. */
export type PeerAnswer = Asked | { readonly status: 'unknown'; readonly near: readonly string[] }

/** All that this agent has to do with others: envelopes over every carrier, who there is, and groups. */
export class Peers {
  readonly discovery: Discovery
  readonly groups: GroupDesk
  readonly #parts: PeersParts
  readonly #pending: Pending
  readonly #answering: Answering
  readonly #introductions: Introductions
  readonly #reception: Reception
  readonly #desk: Desk
  readonly #plain: PlainTalk

  /** @throws {StorageError} when it cannot be read what is kept */
  constructor(parts: PeersParts) {
    this.#parts = parts
    const { me, clock, keyRing, requireAuth, newId, audit, notice } = parts
    const who = { agentId: me.agentId, agentName: me.name }
    const discovery = new Discovery(who)
    const carriers = parts.carriers((name) => discovery.presenceOf(name))
    const courier = new Courier({ me: who, keyRing, carriers, clock, newId })
    const pending = new Pending(clock)
    const law = new ExchangeLaw(parts.turnsMax === undefined ? {} : { turnsMax: parts.turnsMax })
    const answering = new Answering(parts)
    const all = { ...parts, discovery, courier, pending, law, answering }
    this.discovery = discovery
    this.#pending = pending
    this.#answering = answering
    this.#introductions = new Introductions({ ...all, onPeer: (peer) => this.groups.resume(peer.agentId) })
    this.groups = new GroupDesk({
      ...{ me, clock, courier, audit, answering, newId, store: parts.groupStore, mayJoin: parts.mayJoinGroup },
      turnsMax: parts.groupTurnsMax ?? GROUP_TURNS_MAX,
      contact: (address) => this.#introductions.contact(address),
      showMessage: parts.showGroupMessage,
      noteAnswer: parts.noteGroupAnswer,
    })
    this.#reception = new Reception({ ...all, groupIds: () => this.groups.groupIds })
    this.#desk = new Desk(all)
    const isWelcome = !(requireAuth || keyRing?.encrypts)
    this.#plain = new PlainTalk({ courier, law, clock, audit, answering, notice, isWelcome })
  }

  /** Takes a text that a carrier brought from another agent. From a human channel, only what `isEnvelopeText`. */
  async receive(arrival: Arrival): Promise<void> {
    const isByHub = arrival.carrier === HUB_CARRIER
    if (isByHub) this.discovery.noteName(arrival.address, this.#parts.clock.now())
    if (isEnvelopeText(arrival.text)) {
      const mail = this.#reception.receive(arrival)
      if (mail) await this.#take(mail)
    } else if (isByHub) {
      await this.#plain.receive(arrival.address, arrival.text)
    }
  }

  /** The same for whoever cannot wait. A bug that a peer's text sets off is told to the audit log, and ends nothing. */
  deliver(arrival: Arrival): void {
    this.receive(arrival).catch((err: unknown) =>
      this.#parts.audit({ type: 'peer.broken', agentId: arrival.address, err }),
    )
  }

  /** Takes the hub's word for who came and who went. Whoever comes back gets what it lacks. */
  receivePresence(presence: Presence): void {
    this.discovery.notePresence(presence, this.#parts.clock.now())
    if (presence.event === 'agent-joined') this.groups.resume(presence.name)
  }

  /** The link is there: who was at the hub before is no news, and this agent announces itself. */
  async goOnline(): Promise<void> {
    this.discovery.forgetPresence()
    await this.#introductions.join()
    this.groups.resume()
  }

  /** Sends nothing any more; whoever waits for an answer gets none. */
  stop(): void {
    this.groups.stop()
    this.#answering.stop()
    this.#pending.stop()
  }

  /** The peer of a name: known, or asked who it is. */
  contact(address: PeerAddress): Promise<Peer | undefined> {
    return this.#introductions.contact(address)
  }

  /** Asks another agent, and waits for its answer, which is text from elsewhere. */
  async ask({ to, text, ...request }: PeerRequest): Promise<PeerAnswer> {
    const { intent = 'task-request', hops = 0, conversationId, waitMs = ASK_WAIT_MS } = request
    const peer = await this.contact(to)
    if (!peer) return { status: 'unknown', near: this.discovery.findNear(to.agentName) }
    return this.#desk.ask({ peer, text, intent, hops, conversationId, waitMs })
  }

  /** Everybody whom the hub lists or who announced itself. */
  async listAgents(): Promise<AgentListing[]> {
    return this.discovery.list(await this.#parts.directory?.list())
  }

  async #take(mail: Mail): Promise<void> {
    const { intent } = mail.envelope
    switch (intent) {
      case 'announce':
        this.#introductions.receiveAnnouncement(mail)
        break
      case 'info':
        if (isIdentity(mail)) this.#introductions.receiveIdentity(mail)
        else if (!this.groups.inbox.receiveNote(mail)) this.#desk.receiveAnswer(mail)
        break
      case 'task-response':
        this.#desk.receiveAnswer(mail)
        break
      case 'chat':
      case 'task-request':
        if (this.#desk.isAnswer(mail)) this.#desk.receiveAnswer(mail)
        else await this.#desk.receiveQuestion(mail, intent)
        break
      case 'group-chat':
        this.groups.inbox.receiveMessage(mail)
        break
      case 'group-invite':
        this.groups.inbox.receiveInvitation(mail)
        break
      default:
        intent satisfies never
    }
  }
}
