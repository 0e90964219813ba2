import { type DurableTaskRequest, LIMITS, ProtocolError, toMatchKey } from '@ai-comms/shared'
import { type DurableTarget, submit, type WaitingDurableTask } from './durable-task.ts'
import type { LiveTask } from './live-task.ts'
import { countChars, LIVE_CHARS_MAX, LIVE_TASKS_MAX, type LiveTasks, MAILBOX_TASKS_MAX } from './live-tasks.ts'
import { toBoxKey } from './mailboxes.ts'

/** How long a caller should wait where everything is full, in milliseconds. */
const FULL_RETRY_MS = 60_000

const toTarget = ({ agent, skill = '' }: DurableTaskRequest): DurableTarget =>
  agent === undefined
    ? { kind: 'skill', skill, key: toMatchKey(skill) }
    : { kind: 'agent', name: agent, key: toMatchKey(agent) }

/** What a request asks for, as a new task. @param createdAt epoch milliseconds */
export const toDurableTask = (
  request: DurableTaskRequest,
  {
    id,
    createdAt,
    traceparent,
  }: { readonly id: string; readonly createdAt: number; readonly traceparent: string | undefined },
): WaitingDurableTask => {
  const { message, sender, conversationId, hops = 0, timeoutMs, ttlMs = LIMITS.TTL_MS_DEFAULT } = request
  return submit({
    id,
    target: toTarget(request),
    message,
    sender,
    conversationId,
    hops,
    traceparent,
    createdAt,
    expiresAt: createdAt + ttlMs,
    timeoutAt: timeoutMs === undefined ? undefined : createdAt + timeoutMs,
  })
}

/** A new task in memory. @param now monotonic milliseconds of its submission */
export const toLiveTask = (task: WaitingDurableTask, order: number, now: number, eventId: number): LiveTask => ({
  id: task.id,
  order,
  expiresAt: now + task.expiresAt - task.createdAt,
  timeoutAt: task.timeoutAt === undefined ? Number.POSITIVE_INFINITY : now + task.timeoutAt - task.createdAt,
  phase: { name: 'waiting', task, notBefore: 0, claimUntil: 0, lastHolder: undefined },
  dueAt: Number.POSITIVE_INFINITY,
  eventId,
})

/** @throws {ProtocolError} `storage_unavailable` when no task has room, `agent_busy` when this mailbox has none */
export const refuseWithoutRoom = (tasks: LiveTasks, task: WaitingDurableTask): void => {
  if (tasks.count >= LIVE_TASKS_MAX || tasks.chars + countChars(task) > LIVE_CHARS_MAX) {
    throw new ProtocolError('storage_unavailable', 'The hub holds as many open tasks as it can; try again later.', {
      retryAfterMs: FULL_RETRY_MS,
    })
  }
  if (tasks.countOf(toBoxKey(task.target)) >= MAILBOX_TASKS_MAX) {
    throw new ProtocolError('agent_busy', `The mailbox holds its limit of ${MAILBOX_TASKS_MAX} open tasks.`, {
      retryAfterMs: FULL_RETRY_MS,
    })
  }
}
