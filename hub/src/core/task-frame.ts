import type { TaskFrame } from './ports.ts'
import type { Session } from './registry.ts'

/** What every task frame is made of. */
export interface TaskDelivery {
  readonly id: string
  readonly message: string
  readonly sender: string
  readonly conversationId: string | undefined
  readonly hops: number
  readonly traceparent: string | undefined
  readonly attempts: number
}

/**
 * A task as a session's level knows it.
 *
 * @param deadlineAt when the hub stops waiting, in epoch milliseconds
 */
export const toTaskFrame = (task: TaskDelivery, { level }: Pick<Session, 'level'>, deadlineAt: number): TaskFrame => {
  const { id: requestId, message, sender } = task
  if (level === 1) return { type: 'task', requestId, message, sender }
  return {
    type: 'task',
    requestId,
    message,
    sender,
    deadline: new Date(deadlineAt).toISOString(),
    attempt: task.attempts,
    hops: task.hops,
    ...(task.conversationId === undefined ? {} : { conversationId: task.conversationId }),
    ...(task.traceparent === undefined ? {} : { traceparent: task.traceparent }),
  }
}
