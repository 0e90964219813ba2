import type { GroupMessage, GroupMode } from './ports.ts'
import type { Room } from './rooms.ts'

/** A group as people see it. */
export interface GroupView {
  readonly groupId: string
  readonly name: string
  readonly purpose: string | undefined
  readonly mode: GroupMode
  /** Names, in the order in which they answer. */
  readonly members: readonly string[]
  /** Name of the agent that made it. */
  readonly creator: string
  /** The person who made it here; undefined where another agent made it. */
  readonly owner: string | undefined
  readonly messages: number
  /** Messages that are known to be missing here, and may still come. */
  readonly missing: number
}

/** Something that was said, for people. */
export interface ShownMessage {
  readonly author: string
  readonly kind: 'person' | 'agent'
  readonly text: string
  /** The agent that said it, or passed on what its person said. */
  readonly writer: string
}

/** Turns a room into what people may see of it. */
export const toView = ({ kept: { charter, owner }, transcript }: Room): GroupView => ({
  groupId: charter.groupId,
  name: charter.name,
  purpose: charter.purpose,
  mode: charter.mode,
  members: charter.members.map(({ agentName }) => agentName),
  creator: charter.members.find(({ agentId }) => agentId === charter.creator)?.agentName ?? charter.creator,
  owner,
  messages: transcript.list().length,
  missing: transcript.missing,
})

/** Turns a message into what people may see of it. */
export const toShown = ({ author, kind, text, writer }: GroupMessage): ShownMessage => ({ author, kind, text, writer })
