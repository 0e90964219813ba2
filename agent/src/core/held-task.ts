import type { HubFrameOf } from '@ai-comms/shared'
import type { DeltaStream } from './delta-stream.ts'
import type { CallOff, TaskInput } from './ports.ts'

/** A task as the hub delivers it. */
export type TaskFrame = HubFrameOf<'task'>

/** Accepted into the queue; its work has not begun. */
export interface WaitingTask {
  readonly state: 'waiting'
  readonly frame: TaskFrame
  readonly attempt: number
  readonly arrivedAt: number
  /** The hub's deadline, in epoch milliseconds, when it gave one. */
  readonly deadlineAt: number | undefined
  readonly alarms: readonly CallOff[]
}

/** Its work is under way. */
export interface RunningTask {
  readonly state: 'running'
  readonly frame: TaskFrame
  readonly attempt: number
  readonly startedAt: number
  readonly abort: AbortController
  readonly stream: DeltaStream
  readonly alarms: readonly CallOff[]
}

/** A task that the agent owes an answer. */
export type HeldTask = WaitingTask | RunningTask

/** The hub's deadline in epoch milliseconds; undefined when there is none, or none that can be read. */
export const readDeadline = (frame: TaskFrame): number | undefined => {
  const deadlineAt = frame.deadline === undefined ? Number.NaN : Date.parse(frame.deadline)
  return Number.isNaN(deadlineAt) ? undefined : deadlineAt
}

/** Calls off everything that was to happen to a task. */
export const callOffAlarms = (held: HeldTask): void => {
  for (const callOff of held.alarms) callOff()
}

/** The task as its performer sees it. */
export const toInput = ({ frame, attempt, deadlineAt }: WaitingTask, workEndsAt: number): TaskInput => ({
  requestId: frame.requestId,
  message: frame.message,
  sender: frame.sender,
  deadlineAt: Math.min(deadlineAt ?? workEndsAt, workEndsAt),
  attempt,
  ...(frame.conversationId === undefined ? {} : { conversationId: frame.conversationId }),
  ...(frame.hops === undefined ? {} : { hops: frame.hops }),
  ...(frame.traceparent === undefined ? {} : { traceparent: frame.traceparent }),
})
