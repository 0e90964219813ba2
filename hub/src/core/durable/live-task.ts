import type { EndedDurableTask, LiveDurableTask, WaitingDurableTask, WorkingDurableTask } from './durable-task.ts'

/** In its mailbox, or kept back until the wait before its next delivery is over. All times are monotonic milliseconds. */
export interface WaitingPhase {
  readonly name: 'waiting'
  readonly task: WaitingDurableTask
  /** Not handed out before. */
  readonly notBefore: number
  /** Until when a return of the instance that had it is no new delivery. */
  readonly claimUntil: number
  /** The session that had it last, which may still be at it. */
  readonly lastHolder: string | undefined
}

/** In the hands of a session. */
export interface HeldPhase {
  readonly name: 'held'
  readonly task: WorkingDurableTask
  /** Id of the session. */
  readonly holder: string
  /** Until when the agent must say that it has it; never when it has, or cannot (level 1). */
  readonly ackBy: number
  /** When the hub stops waiting for the answer. */
  readonly workUntil: number
}

/** Over, and not yet on disk; until it is, the task is shown as it was. */
export interface SettlingPhase {
  readonly name: 'settling'
  readonly task: LiveDurableTask
  readonly ended: EndedDurableTask
}

/** Over and on disk: nothing is left to say. Its text is let go of, whoever still holds the entry. */
export interface SettledPhase {
  readonly name: 'settled'
}

/** Where a durable task in memory stands. */
export type LivePhase = WaitingPhase | HeldPhase | SettlingPhase | SettledPhase

/** A durable task in memory. Times are monotonic milliseconds. */
export interface LiveTask {
  readonly id: string
  /** Counts up over all submissions: the smaller, the earlier. */
  readonly order: number
  readonly expiresAt: number
  /** `Infinity` where the caller set none. */
  readonly timeoutAt: number
  phase: LivePhase
  /** When it is to be looked at next. */
  dueAt: number
  /** Number of the last event that its followers could have heard. */
  eventId: number
}

/** The first moment at which something must be done about a task. */
export const findDueAt = ({ phase, expiresAt, timeoutAt }: LiveTask, now: number): number => {
  switch (phase.name) {
    case 'waiting':
      return Math.min(phase.notBefore > now ? phase.notBefore : Number.POSITIVE_INFINITY, expiresAt, timeoutAt)
    case 'held':
      return Math.min(phase.ackBy, phase.workUntil)
    case 'settling':
    case 'settled':
      return Number.POSITIVE_INFINITY
    default:
      return phase satisfies never
  }
}
