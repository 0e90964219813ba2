import { findNearest, toMatchKey } from '@ai-comms/shared'
import type { HubAgent, Peer, Presence } from './envelopes/ports.ts'

/** Most peers that are known by announcement: five times what a hub takes unless it is set otherwise. */
export const PEERS_MAX = 256
/** Most names of the hub that are remembered. */
export const NAMES_MAX = 2_048

/** What a peer told of itself, and whether a shared secret proves that it is a member. */
export interface Announcement {
  readonly peer: Peer
  readonly workspace: string
  readonly skills: readonly string[]
  readonly isProven: boolean
}

/** What became of an announcement: taken; of an id that has another name; no room for one more. */
export type Registration = 'registered' | 'conflict' | 'full'

/** An agent as people see it in a list. */
export interface AgentListing {
  readonly name: string
  /** Known from its announcement. */
  readonly agentId?: string
  readonly workspace: string
  readonly skills: readonly string[]
  /** Whether the hub has it at the moment; undefined where nobody can say. */
  readonly isOnline?: boolean
  /** Tasks that it holds, as the hub says. */
  readonly inFlight?: number
  /** Epoch milliseconds. */
  readonly lastSeenAt?: number
}

type KnownPeer = Announcement & { readonly lastSeenAt: number }

interface KnownName {
  readonly name: string
  readonly workspace: string
  readonly skills: readonly string[]
  /** Sessions of this name: replicas come and go one by one. */
  sessions: number
  /** One of several has gone, and the count may be off by one: an arrival may be told after the list that has it. */
  isUnsure?: boolean
  lastSeenAt: number
}

/**
 * Who else there is: by the hub's word, which knows names, and by announcements, which tell the id that envelopes are
 * addressed to. Bounded, and told the time. A name is not a proof: the hub's own is worth what its credentials are.
 */
export class Discovery {
  readonly #me: { readonly agentId: string; readonly agentName: string }
  readonly #peers = new Map<string, KnownPeer>()
  readonly #names = new Map<string, KnownName>()
  /** Whether a name that is not known is not there. */
  #knowsAll = false

  constructor(me: { readonly agentId: string; readonly agentName: string }) {
    this.#me = me
  }

  /** How many peers are known by announcement. */
  get size(): number {
    return this.#peers.size
  }

  /**
   * Takes an announcement. An id keeps the name it was announced with, so that nobody takes over another's talks; a name
   * may get a new id, as after a new installation. A stranger never takes the place of a proven member.
   */
  register(announcement: Announcement, now: number): Registration {
    const { peer } = announcement
    if (peer.agentId === this.#me.agentId || toMatchKey(peer.agentName) === toMatchKey(this.#me.agentName)) {
      return 'conflict'
    }
    const known = this.#peers.get(peer.agentId)
    if (known && toMatchKey(known.peer.agentName) !== toMatchKey(peer.agentName)) return 'conflict'
    const former = this.findPeer(peer.agentName)
    if (this.#isProven(known) && !announcement.isProven) return 'conflict'
    if (this.#isProven(former && this.#peers.get(former.agentId)) && !announcement.isProven) return 'conflict'
    if (!(known || former || this.#makeRoom(announcement.isProven))) return 'full'
    if (former) this.#peers.delete(former.agentId)
    const chats = { ...former?.chats, ...known?.peer.chats, ...peer.chats }
    const whole = Object.keys(chats).length === 0 ? peer : { ...peer, chats }
    this.#peers.delete(peer.agentId)
    this.#peers.set(peer.agentId, { ...announcement, peer: whole, lastSeenAt: now })
    return 'registered'
  }

  /** Something came from a peer: it was there. */
  noteHeard(agentId: string, now: number): void {
    const known = this.#peers.get(agentId)
    if (known) this.#peers.set(agentId, { ...known, lastSeenAt: now })
  }

  /** Takes the hub's word for who came and who went. */
  notePresence(presence: Presence, now: number): void {
    const key = toMatchKey(presence.name)
    const known = this.#names.get(key)
    if (presence.event === 'agent-joined') {
      const { name, workspace, skills } = presence
      this.#keepName({ name, workspace, skills, sessions: (known?.sessions ?? 0) + 1, lastSeenAt: now })
    } else if (known) {
      known.sessions = Math.max(0, known.sessions - 1)
      known.isUnsure = known.sessions > 0
      known.lastSeenAt = now
    } else {
      this.#keepName({ name: presence.name, workspace: '', skills: [], sessions: 0, lastSeenAt: now })
    }
  }

  /** A text came from this name through the hub, so it was there. */
  noteName(name: string, now: number): void {
    const known = this.#names.get(toMatchKey(name))
    if (!known) this.#keepName({ name, workspace: '', skills: [], sessions: 1, lastSeenAt: now })
    else {
      known.sessions = Math.max(1, known.sessions)
      known.isUnsure = false
      known.lastSeenAt = now
    }
  }

  /**
   * Takes the hub's whole list in the place of what was known of it; who came while it was asked for stays.
   * @param askedAt when it was asked for, in epoch milliseconds
   */
  noteHub(agents: readonly HubAgent[], askedAt: number, now: number): void {
    const newer = [...this.#names.values()].filter(({ lastSeenAt }) => lastSeenAt >= askedAt)
    this.#names.clear()
    this.#knowsAll = true
    for (const { name, workspace, skills } of agents) {
      const sessions = (this.#names.get(toMatchKey(name))?.sessions ?? 0) + 1
      this.#keepName({ name, workspace, skills, sessions, lastSeenAt: now })
    }
    for (const known of newer) if (!this.#names.has(toMatchKey(known.name))) this.#keepName(known)
  }

  /** The link was lost: nobody can say who is at the hub. */
  forgetPresence(): void {
    this.#names.clear()
    this.#knowsAll = false
  }

  /** Whether the hub has a name at the moment. */
  presenceOf(name: string): 'present' | 'left' | 'unknown' {
    const known = this.#names.get(toMatchKey(name))
    if (!known) return this.#knowsAll ? 'left' : 'unknown'
    if (known.isUnsure) return 'unknown'
    return known.sessions > 0 ? 'present' : 'left'
  }

  /** The peer of an id or a name, if it announced itself. */
  findPeer(idOrName: string): Peer | undefined {
    const byId = this.#peers.get(idOrName)
    if (byId) return byId.peer
    const key = toMatchKey(idOrName)
    for (const { peer } of this.#peers.values()) if (toMatchKey(peer.agentName) === key) return peer
    return undefined
  }

  /** Names that look like this one. */
  findNear(name: string): string[] {
    const names = new Map(this.list().map((each) => [toMatchKey(each.name), each.name]))
    return findNearest(toMatchKey(name), names.keys()).map((key) => names.get(key) ?? key)
  }

  /** Everybody who is known, by name; with the hub's own list, if it could be read. */
  list(hub?: readonly HubAgent[]): AgentListing[] {
    const listings = new Map<string, AgentListing>()
    for (const { name, workspace, skills, sessions, lastSeenAt } of this.#names.values()) {
      listings.set(toMatchKey(name), { name, workspace, skills, isOnline: sessions > 0, lastSeenAt })
    }
    for (const { peer, workspace, skills, lastSeenAt } of this.#peers.values()) {
      const key = toMatchKey(peer.agentName)
      const byHub = listings.get(key)
      const seenAt = Math.max(lastSeenAt, byHub?.lastSeenAt ?? 0)
      const about = { name: peer.agentName, workspace, skills }
      listings.set(key, { ...about, ...byHub, agentId: peer.agentId, lastSeenAt: seenAt })
    }
    for (const agent of hub ?? []) {
      const { name, workspace, skills, inFlight } = agent
      const seen = Date.parse(agent.lastSeen)
      const known = listings.get(toMatchKey(name))
      listings.set(toMatchKey(name), {
        ...known,
        ...{ name, workspace, skills, isOnline: true },
        inFlight: inFlight + (known?.inFlight ?? 0),
        ...(Number.isFinite(seen) ? { lastSeenAt: seen } : {}),
      })
    }
    return [...listings.values()].sort((one, other) => (toMatchKey(one.name) < toMatchKey(other.name) ? -1 : 1))
  }

  #isProven(known: KnownPeer | undefined): boolean {
    return known?.isProven === true
  }

  #keepName(known: KnownName): void {
    const key = toMatchKey(known.name)
    this.#names.delete(key)
    this.#names.set(key, known)
    const [oldest] = this.#names.keys()
    if (this.#names.size <= NAMES_MAX || oldest === undefined) return
    this.#names.delete(oldest)
    this.#knowsAll = false
  }

  /** Lets go of the peer that was silent longest: not of one that is there, nor of a member for a stranger. */
  #makeRoom(isProven: boolean): boolean {
    if (this.#peers.size < PEERS_MAX) return true
    const [oldest] = [...this.#peers.values()]
      .filter((known) => this.presenceOf(known.peer.agentName) !== 'present' && (isProven || !known.isProven))
      .sort((one, other) => one.lastSeenAt - other.lastSeenAt)
    return oldest !== undefined && this.#peers.delete(oldest.peer.agentId)
  }
}
