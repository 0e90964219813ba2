import type { Chat } from '../message.ts'
import type { Plan } from './plan.ts'

/** Who was asked for a step, and why it did not do it. */
export interface FailedTry {
  readonly agent: string
  readonly reason: string
}

/** A delivery of a step, written down before the hub hears of it, so that it can be repeated word for word. */
export interface StepTry {
  /** 1 for the first agent that is asked, 2 for the one that steps in. */
  readonly number: number
  readonly agent: string
  readonly message: string
  readonly timeoutMs: number
  /** When it is given up, in epoch milliseconds. */
  readonly deadlineAt: number
  /** Known once the hub has taken it. */
  readonly taskId?: string
}

/** One step of a run. `done` to `canceled` are ends: nothing leaves them. */
export type StepState =
  | { readonly state: 'waiting'; readonly failed: readonly FailedTry[] }
  | { readonly state: 'running'; readonly failed: readonly FailedTry[]; readonly current: StepTry }
  | { readonly state: 'done'; readonly failed: readonly FailedTry[]; readonly agent: string; readonly result: string }
  | { readonly state: 'failed'; readonly failed: readonly FailedTry[] }
  | { readonly state: 'skipped'; readonly reason: string }
  | { readonly state: 'canceled'; readonly agent?: string }

/** The end of a step. */
export type StepEnd = Exclude<StepState, { readonly state: 'waiting' | 'running' }>

/** A step that nobody has begun. */
export const WAITING: StepState = { state: 'waiting', failed: [] }

/** Whether a step is over. */
export const isEnd = (step: StepState): step is StepEnd => step.state !== 'waiting' && step.state !== 'running'

/** What a person asked a team for. */
export interface TeamOrder {
  readonly chat: Chat
  /** Who asked, in its canonical form. */
  readonly person: string
  readonly text: string
}

/** An order that is being worked on. Its plan is missing until there is one. */
export interface TeamRun extends TeamOrder {
  readonly id: string
  /** In epoch milliseconds. */
  readonly startedAt: number
  readonly plan?: Plan
  /** What was read into the plan. */
  readonly notes: readonly string[]
  /** Somebody said `!team stop`. */
  readonly isStopped: boolean
  /** Steps by their id; one that is missing waits. */
  readonly steps: ReadonlyMap<string, StepState>
}
