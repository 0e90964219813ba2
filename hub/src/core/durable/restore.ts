import { LIMITS } from '@ai-comms/shared'
import type { Clock } from '../ports.ts'
import { type LiveDurableTask, release } from './durable-task.ts'
import type { LiveTask } from './live-task.ts'

/**
 * How long after a start of the hub an instance may come back for its tasks
 * without that being a new delivery, in milliseconds: the hub was away, not
 * the agent, which comes back within its longest reconnect wait.
 */
const CLAIM_MS = 2 * LIMITS.RECONNECT_CAP_MS

const clamp = (value: number, max: number) => Math.min(Math.max(value, 0), max)

/**
 * A task as the last run of the hub left it on disk. What is left of its times
 * is reckoned by the wall clock, since the monotonic one has begun anew, and
 * never more than the whole.
 *
 * @param order its place in the order of submissions
 * @param eventId number of its last event
 */
export const restore = (task: LiveDurableTask, order: number, clock: Clock, eventId: number): LiveTask => {
  const now = clock.now()
  const epochMs = Math.round(clock.toEpochMs(now))
  const left = (until: number) => now + clamp(until - epochMs, until - task.createdAt)
  const wasDelivered = task.attempts > 0
  const backoffMs = LIMITS.REDELIVERY_BACKOFF_MS[task.attempts - 1] ?? 0
  const graceMs = task.instanceKey === undefined ? 0 : LIMITS.GRACE_MS
  const waitMs = task.state === 'working' ? graceMs : clamp(task.updatedAt + backoffMs - epochMs, backoffMs)
  return {
    id: task.id,
    order,
    expiresAt: left(task.expiresAt),
    timeoutAt: task.timeoutAt === undefined ? Number.POSITIVE_INFINITY : left(task.timeoutAt),
    phase: {
      name: 'waiting',
      task: task.state === 'working' ? release(task, epochMs) : task,
      notBefore: wasDelivered && waitMs > 0 ? now + waitMs : 0,
      claimUntil: wasDelivered ? now + CLAIM_MS : 0,
      lastHolder: undefined,
    },
    dueAt: Number.POSITIVE_INFINITY,
    eventId,
  }
}
