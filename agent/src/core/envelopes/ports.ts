import type { ReplayEntry, ReplayState } from '@ai-comms/shared'
import type { PeerAudit } from './events.ts'

export type { EndReason, PeerAudit, PeerRefusal } from './events.ts'

/** Where an agent is written to: its name on the hub, and its chats on human channels, by the channel's name. */
export interface PeerAddress {
  readonly agentName: string
  readonly chats?: Readonly<Record<string, string>> | undefined
}

/** Another agent, by the id that envelopes carry. */
export interface Peer extends PeerAddress {
  readonly agentId: string
}

/** What became of a text: given away, or not. Whether it arrives is the carrier's promise. */
export type CarryOutcome = 'sent' | 'failed'

/** Something that takes texts to other agents: the hub, or a human channel. */
export interface Carrier {
  /** `hub`, or the name of a messenger. */
  readonly name: string
  /** Whether it takes a person's time to write, so that an answer may take a minute. */
  readonly isSlow?: boolean
  /** Whether it knows a way to the agent at the moment. */
  isReachable(peer: PeerAddress): boolean
  /** Never throws; what cannot be carried is an outcome. */
  carry(peer: PeerAddress, text: string): Promise<CarryOutcome>
}

/** A text of another agent as a carrier brought it. `address` is the carrier's own word for the sender, not the sender's. */
export interface Arrival {
  readonly carrier: string
  /** The registered name on the hub; the chat's id on a human channel. */
  readonly address: string
  readonly text: string
}

/**
 * Where it is written down which envelopes came. What `add` has written is kept when it returns; both throw a
 * {@link StorageError} when the storage does not serve.
 */
export interface ReplayStore {
  /** All that is still worth remembering at `now`. */
  read(now: number): ReplayState
  /** Adds one, and lets go of what is too old. */
  add(entry: ReplayEntry): void
}

/** Takes an entry to the audit log. */
export type Audit = (entry: PeerAudit) => void

/** One line of what was said in a group. */
export interface TranscriptLine {
  readonly author: string
  readonly kind: 'person' | 'agent'
  readonly text: string
}

/** What a group's member should know before it answers. */
export interface GroupContext {
  readonly groupId: string
  readonly name: string
  readonly purpose?: string | undefined
  /** Who asks: data, never a permission. */
  readonly author: string
  /** What was said last, the question included, the oldest first. */
  readonly transcript: readonly TranscriptLine[]
}

/** Something another agent, or a group, wants to know of this one. All of it is untrusted text. */
export interface PeerQuestion {
  /** Undefined in a group whose question came from this agent's own person. */
  readonly peer: Peer | undefined
  /** Whether a shared secret proves that the peer is a member. It never proves which one. */
  readonly isProven: boolean
  readonly intent: 'chat' | 'task-request' | 'group-chat'
  readonly text: string
  readonly conversationId: string
  readonly hops: number
  readonly group?: GroupContext
}

/** Makes an answer, or none. Whoever gives it to a model frames it as what it is: text from elsewhere. */
export type AnswerPeer = (question: PeerQuestion) => Promise<string | undefined>

/** An agent as the hub lists it. */
export interface HubAgent {
  readonly name: string
  readonly workspace: string
  readonly skills: readonly string[]
  readonly inFlight: number
  /** ISO 8601. */
  readonly lastSeen: string
  /** Its level on the wire; agents of level 1 know no envelopes. */
  readonly protocol: number
}

/** The hub's list of agents. Undefined when it cannot be read. */
export interface HubDirectory {
  list(): Promise<readonly HubAgent[] | undefined>
}

/** What the hub says of who comes and goes. */
export type Presence =
  | {
      readonly event: 'agent-joined'
      readonly name: string
      readonly workspace: string
      readonly skills: readonly string[]
    }
  | { readonly event: 'agent-left'; readonly name: string }
