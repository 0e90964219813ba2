import { type ErrorCode, LIMITS } from '@ai-comms/shared'
import { TaskError } from './failures.ts'
import type { Answer } from './ports.ts'

const refusal = (code: ErrorCode, sentence: string, retryable: boolean): TaskError =>
  new TaskError(sentence, { code, retryable })

/** Longest sentence about a failure, in characters: more than anybody reads, and far below every limit of a frame. */
export const SENTENCE_CHARS_MAX = 4_096

/** More work than the queue holds. */
export const TOO_BUSY = refusal('agent_busy', 'The agent has too many tasks waiting.', true)
/** The agent goes away; another session, or this one when it is back, may do it. */
export const HANDED_BACK = refusal('agent_disconnected', 'The agent is shutting down and gave the task back.', true)
/** The agent cannot write down that it took the task, so it does not take it; another session, or this one later, may. */
export const NO_STORAGE = refusal(
  'storage_unavailable',
  'The agent cannot write to its disk at the moment and did not take the task.',
  true,
)
/** The work took too long. */
export const OUT_OF_TIME = refusal('task_timeout', 'The agent did not finish the task in time.', true)
/** A bug: the reason is in the agent's log, not on the wire. */
export const BROKEN = refusal('internal', 'The agent failed while it worked on the task.', false)

/** A delivery whose deadline is past. Only two clocks that differ can make it wrong, so it says that too. */
export const tooLate = (lateMs: number): TaskError =>
  refusal(
    'task_timeout',
    `The task's deadline passed ${Math.ceil(lateMs / 1_000)} s ago by this agent's clock; if it did not, the clocks of hub and agent differ.`,
    false,
  )

/** Whether a refusal speaks of the agent's own condition only: it is never kept as the task's answer. */
export const isPassing = (error: TaskError): boolean => error === HANDED_BACK || error === NO_STORAGE

/** A failure as the frame that ends its task. */
export const toErrorFrame = (requestId: string, { message, code, retryable }: TaskError): Answer => ({
  type: 'task-error',
  requestId,
  error: message.slice(0, SENTENCE_CHARS_MAX),
  // the hub refuses a frame with a longer code, and the task would wait for its deadline
  code: code.slice(0, LIMITS.AGENT_ERROR_CODE_CHARS_MAX),
  retryable,
})
