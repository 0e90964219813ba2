/** States of a task; the names are those of the A2A specification. @see https://a2a-protocol.org/latest/specification/ */
export const TASK_STATES = ['submitted', 'working', 'completed', 'failed', 'canceled', 'rejected'] as const

/** One state of a task. */
export type TaskState = (typeof TASK_STATES)[number]

/** States that nothing leaves. */
export type TerminalTaskState = 'completed' | 'failed' | 'canceled' | 'rejected'

/**
 * Allowed moves. `working → submitted` is a release: the session that held the
 * task is lost and the task waits for its next delivery.
 */
export const TASK_MOVES: { readonly [State in TaskState]: readonly TaskState[] } = {
  submitted: ['working', 'failed', 'canceled', 'rejected'],
  working: ['submitted', 'completed', 'failed', 'canceled', 'rejected'],
  completed: [],
  failed: [],
  canceled: [],
  rejected: [],
}

/** Whether nothing leaves this state. */
export const isTerminal = (state: TaskState): state is TerminalTaskState => TASK_MOVES[state].length === 0

/** Whether a task may move from one state to the other. */
export const mayMove = (from: TaskState, to: TaskState): boolean => TASK_MOVES[from].includes(to)
