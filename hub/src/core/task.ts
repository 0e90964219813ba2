import { type ErrorCode, mayMove, type TaskState } from '@ai-comms/shared'

/** Whom a task is for: any session of a name, any session with a skill, or just one session (a broadcast's entry). */
export type Target =
  | { readonly kind: 'agent'; readonly name: string; readonly key: string }
  | { readonly kind: 'skill'; readonly skill: string; readonly key: string }
  | { readonly kind: 'session'; readonly sessionId: string; readonly name: string }

/** What stays the same over a task's whole life. Times are monotonic milliseconds of the hub's clock. */
export interface TaskFacts {
  readonly id: string
  readonly target: Target
  readonly message: string
  readonly sender: string
  readonly conversationId: string | undefined
  readonly hops: number
  readonly traceparent: string | undefined
  readonly createdAt: number
  readonly deadlineAt: number
  /** Deliveries so far; the first dispatch makes it 1. */
  readonly attempts: number
}

/** Waits for a session. */
export interface SubmittedTask extends TaskFacts {
  readonly state: 'submitted'
}

/** In the hands of a session. `acceptedAt` is null until the agent says that the work has begun. */
export interface WorkingTask extends TaskFacts {
  readonly state: 'working'
  readonly holder: string
  readonly agent: string
  readonly acceptedAt: number | null
}

/** Answered. */
export interface CompletedTask extends TaskFacts {
  readonly state: 'completed'
  readonly agent: string
  readonly response: string
}

/** Ended without an answer; `code` and `error` say why. `agent` is missing when nobody ever held it. */
export interface UnansweredTask extends TaskFacts {
  readonly state: 'failed' | 'canceled' | 'rejected'
  readonly agent: string | undefined
  readonly code: ErrorCode
  readonly error: string
}

/** A task that nothing can change any more. */
export type EndedTask = CompletedTask | UnansweredTask
/** A task that still waits or works. */
export type LiveTask = SubmittedTask | WorkingTask
/** A task in any state. */
export type Task = LiveTask | EndedTask

/** Raised when a rule is asked for a move that the table forbids: a bug in the caller, never a peer's fault. */
export class ForbiddenMoveError extends Error {
  override readonly name = 'ForbiddenMoveError'
  constructor(from: TaskState, to: TaskState) {
    super(`A task may not move from ${from} to ${to}`)
  }
}

const refuseForbidden = (from: TaskState, to: TaskState): void => {
  if (!mayMove(from, to)) throw new ForbiddenMoveError(from, to)
}

// One literal rather than a spread: this runs for every task, and nothing of the old state may slip through
const factsOf = (task: Task): TaskFacts => ({
  id: task.id,
  target: task.target,
  message: task.message,
  sender: task.sender,
  conversationId: task.conversationId,
  hops: task.hops,
  traceparent: task.traceparent,
  createdAt: task.createdAt,
  deadlineAt: task.deadlineAt,
  attempts: task.attempts,
})

const agentOf = (task: Task): string | undefined => {
  if (task.state === 'working') return task.agent
  return task.target.kind === 'skill' ? undefined : task.target.name
}

/** A new task, not yet in anybody's hands. */
export const submit = (facts: Omit<TaskFacts, 'attempts'>): SubmittedTask => ({
  ...facts,
  attempts: 0,
  state: 'submitted',
})

/** Hands the task to a session; this is a new delivery. */
export const dispatch = (task: SubmittedTask, holder: string, agent: string): WorkingTask => {
  refuseForbidden(task.state, 'working')
  return { ...task, attempts: task.attempts + 1, state: 'working', holder, agent, acceptedAt: null }
}

/** The agent has begun. A second acceptance changes nothing. */
export const accept = (task: WorkingTask, now: number): WorkingTask =>
  task.acceptedAt === null ? { ...task, acceptedAt: now } : task

/** The same instance came back under another session: it keeps the task, and this is no new delivery. */
export const adopt = (task: WorkingTask, holder: string): WorkingTask => ({ ...task, holder })

/** Takes the task out of a lost session's hands; it waits for its next delivery. */
export const release = (task: WorkingTask): SubmittedTask => {
  refuseForbidden(task.state, 'submitted')
  return { ...factsOf(task), state: 'submitted' }
}

/** Ends the task with the agent's answer. */
export const complete = (task: WorkingTask, response: string): CompletedTask => {
  refuseForbidden(task.state, 'completed')
  return { ...factsOf(task), state: 'completed', agent: task.agent, response }
}

/** Ends the task without an answer. */
export const fail = (task: LiveTask, code: ErrorCode, error: string): UnansweredTask => {
  refuseForbidden(task.state, 'failed')
  return { ...factsOf(task), state: 'failed', agent: agentOf(task), code, error }
}

/** Ends the task because the agent will not do it. */
export const reject = (task: LiveTask, error: string): UnansweredTask => ({
  ...fail(task, 'rejected', error),
  state: 'rejected',
})

/** Ends the task because its caller no longer wants it. */
export const cancel = (task: LiveTask, error: string): UnansweredTask => ({
  ...fail(task, 'task_canceled', error),
  state: 'canceled',
})
