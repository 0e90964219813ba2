import { type ErrorCode, mayMove, type TaskState } from '@ai-comms/shared'
import { ForbiddenMoveError, type Target } from '../task.ts'

/** Whom a durable task is for. It outlives sessions, so it is never for just one of them. */
export type DurableTarget = Exclude<Target, { readonly kind: 'session' }>

/**
 * What stays the same over a durable task's whole life, and what every state
 * has. It is kept over restarts, so its times are epoch milliseconds; they are
 * shown and stored, and never compared with the wall clock while the hub runs.
 */
export interface DurableFacts {
  readonly id: string
  readonly target: DurableTarget
  readonly message: string
  readonly sender: string
  readonly conversationId: string | undefined
  readonly hops: number
  readonly traceparent: string | undefined
  readonly createdAt: number
  readonly updatedAt: number
  /** Until when it may wait for an agent. */
  readonly expiresAt: number
  /** When it must be done, where its caller said so. */
  readonly timeoutAt: number | undefined
  /** Deliveries so far; the first makes it 1. */
  readonly attempts: number
}

/** Waits for an agent. After a delivery it remembers who had it: a late answer counts, and a return is no new delivery. */
export interface WaitingDurableTask extends DurableFacts {
  readonly state: 'submitted'
  readonly agent: string | undefined
  readonly instanceKey: string | undefined
}

/** Delivered. `instanceKey` names the agent's installation, where it gave one. */
export interface WorkingDurableTask extends DurableFacts {
  readonly state: 'working'
  readonly agent: string
  readonly instanceKey: string | undefined
}

/** Answered. */
export interface CompletedDurableTask extends DurableFacts {
  readonly state: 'completed'
  readonly agent: string
  readonly response: string
}

/** Ended without an answer. */
export interface UnansweredDurableTask extends DurableFacts {
  readonly state: 'failed' | 'canceled' | 'rejected'
  readonly agent: string | undefined
  readonly code: ErrorCode
  readonly error: string
}

/** A durable task that is not over. */
export type LiveDurableTask = WaitingDurableTask | WorkingDurableTask
/** A durable task that nothing can change any more. */
export type EndedDurableTask = CompletedDurableTask | UnansweredDurableTask
/** A durable task in any state. */
export type DurableTask = LiveDurableTask | EndedDurableTask

/** Who takes a delivery. */
export interface Receiver {
  readonly agent: string
  readonly instanceKey: string | undefined
}

// A literal rather than a spread, so that nothing of the old state slips into the new one
const advance = (task: DurableTask, to: TaskState, at: number): DurableFacts => {
  if (!mayMove(task.state, to)) throw new ForbiddenMoveError(task.state, to)
  return {
    id: task.id,
    target: task.target,
    message: task.message,
    sender: task.sender,
    conversationId: task.conversationId,
    hops: task.hops,
    traceparent: task.traceparent,
    createdAt: task.createdAt,
    // The wall clock may have been set back; the order of changes may not
    updatedAt: Math.max(task.updatedAt, at),
    expiresAt: task.expiresAt,
    timeoutAt: task.timeoutAt,
    attempts: task.attempts,
  }
}

/** A new durable task. */
export const submit = (facts: Omit<DurableFacts, 'attempts' | 'updatedAt'>): WaitingDurableTask => ({
  ...facts,
  updatedAt: facts.createdAt,
  attempts: 0,
  state: 'submitted',
  agent: undefined,
  instanceKey: undefined,
})

const handTo = (task: WaitingDurableTask, { agent, instanceKey }: Receiver, at: number): WorkingDurableTask => ({
  ...advance(task, 'working', at),
  state: 'working',
  agent,
  instanceKey,
})

/** Hands the task out: a new delivery. */
export const deliver = (task: WaitingDurableTask, to: Receiver, at: number): WorkingDurableTask => ({
  ...handTo(task, to, at),
  attempts: task.attempts + 1,
})

/** Gives the task back to whoever had it last; this is no new delivery. */
export const resume = (task: WaitingDurableTask, to: Receiver, at: number): WorkingDurableTask => handTo(task, to, at)

/** Takes the task out of hands that are lost or silent; it waits for its next delivery. */
export const release = (task: WorkingDurableTask, at: number): WaitingDurableTask => ({
  ...advance(task, 'submitted', at),
  state: 'submitted',
  agent: task.agent,
  instanceKey: task.instanceKey,
})

/** Ends the task with the agent's answer. */
export const complete = (task: WorkingDurableTask, response: string, at: number): CompletedDurableTask => ({
  ...advance(task, 'completed', at),
  state: 'completed',
  agent: task.agent,
  response,
})

const toAgent = (task: LiveDurableTask): string | undefined =>
  task.agent ?? (task.target.kind === 'agent' ? task.target.name : undefined)

/** Ends the task without an answer. */
export const fail = (task: LiveDurableTask, code: ErrorCode, error: string, at: number): UnansweredDurableTask => ({
  ...advance(task, 'failed', at),
  state: 'failed',
  agent: toAgent(task),
  code,
  error,
})

/** Ends the task because the agent will not do it. */
export const reject = (task: LiveDurableTask, error: string, at: number): UnansweredDurableTask => ({
  ...fail(task, 'rejected', error, at),
  state: 'rejected',
})

/** Ends the task because its caller no longer wants it. */
export const cancel = (task: LiveDurableTask, error: string, at: number): UnansweredDurableTask => ({
  ...fail(task, 'task_canceled', error, at),
  state: 'canceled',
})
