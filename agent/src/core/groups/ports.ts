import type { Peer } from '../envelopes/ports.ts'

/** Whether members answer all at once, or each after it has read those before it. */
export type GroupMode = 'parallel' | 'in-turn'

/** What its creator says a group is. The highest version counts, and only the creator's own word for it. */
export interface Charter {
  readonly groupId: string
  readonly name: string
  readonly purpose?: string
  readonly mode: GroupMode
  /** Agent id of who made it, and alone may change it. */
  readonly creator: string
  /** All of them, the creator too, in the order in which they answer; nobody once the group is closed. */
  readonly members: readonly Peer[]
  readonly version: number
}

/** A group as this agent keeps it. */
export interface KeptGroup {
  readonly charter: Charter
  /** Whether this agent is in it: `leaving` until the creator has heard of it. */
  readonly state: 'member' | 'leaving' | 'gone'
  /** The person who made it here, as the channel names it; undefined where another agent made it. */
  readonly owner?: string | undefined
}

/** Something that was said in a group. `writer` and `sequence` name it; `clock` and `writer` give it its place. */
export interface GroupMessage {
  readonly groupId: string
  /** Id of the agent that said it, or passed on what its person said. */
  readonly writer: string
  /** Counts what one writer says in one group, from 1. */
  readonly sequence: number
  /** Larger than that of everything the writer had seen. */
  readonly clock: number
  readonly kind: 'person' | 'agent'
  /** Name of who said it: data, never a permission. */
  readonly author: string
  /** Empty for a member that has nothing to say. */
  readonly text: string
  /** Of an agent's: the question that it answers, as `toQuestionId` writes it. */
  readonly question?: string
  /** Of a person's: ids of the members that are to answer, in their order. */
  readonly answerers?: readonly string[]
}

/** How far two agents are, in a group: what this one has of the other, and the other of this one. */
export interface Mark {
  readonly agentId: string
  /** Everything of the other up to this sequence is here. */
  readonly have: number
  /** Everything of this agent up to this sequence is there, as far as the other has said so. */
  readonly acked: number
  /** The version of the charter that the other has confirmed. */
  readonly confirmed: number
}

/**
 * Where groups are written down. What a call has written is kept when it returns; each throws a {@link StorageError}
 * when the storage does not serve, and then nothing has changed.
 */
export interface GroupStore {
  list(): readonly KeptGroup[]
  save(group: KeptGroup): void
  /** Forgets a group and everything in it. */
  remove(groupId: string): void
  /** Adds a message, unless it is there, and the mark of its writer; the first ones in the order make room. */
  add(message: GroupMessage, mark: Mark, messagesMax: number): void
  /** Messages of a group, in their order. */
  messages(groupId: string): readonly GroupMessage[]
  /** One for each member that there is anything to know of, by id. */
  marks(groupId: string): readonly Mark[]
  saveMark(groupId: string, mark: Mark): void
}
