import type { HubCalls } from '../hub-calls.ts'
import type { Chat } from '../message.ts'
import type { Clock } from '../ports.ts'
import type { Ask, Frame } from './ask.ts'
import type { ObserveTeam } from './events.ts'
import type { TeamOrder } from './team-run.ts'
import type { TeamStore } from './team-store.ts'

/** Times of a team's work, in milliseconds. */
export interface TeamTimes {
  /** Longest work on one step by one agent. */
  readonly stepMs: number
  /** After so long no step is begun any more. */
  readonly runMs: number
  /** Longest wait for the model, per question. */
  readonly askMs: number
}

/** Five minutes a step, an hour in all, two minutes for a plan or a report. */
export const TEAM_TIMES: TeamTimes = { stepMs: 300_000, runMs: 3_600_000, askMs: 120_000 }

/** What teams are made of. */
export interface TeamParts {
  /** The agent's own name: who asks, and whom no step is given to. */
  readonly self: string
  readonly hub: HubCalls
  readonly ask: Ask
  /** Whether it is worth to ask: an agent that only echoes, or whose providers all rest, has no plan. */
  readonly hasModel: () => boolean
  readonly frame: Frame
  readonly store: TeamStore
  readonly clock: Clock
  /** A number in [0, 1), as `Math.random` gives. */
  readonly random: () => number
  /** A new id of at most 64 printable ASCII characters. */
  readonly newId: () => string
  /**
   * Says something to a chat; resolves when it is safe. After a restart the same text may come again under the same key:
   * whoever keeps what was said can tell.
   */
  readonly say: (chat: Chat, text: string, key: string) => Promise<void> | void
  /** Shows how far the work is, in place of what was shown before. */
  readonly progress: (chat: Chat, text: string) => Promise<void> | void
  readonly observe: ObserveTeam
  /** Told when the hub has taken a step for an agent, with the order that it is a part of. */
  readonly onDelegated?: (order: TeamOrder, agent: string, taskId: string) => void
  readonly times?: Partial<TeamTimes>
}
