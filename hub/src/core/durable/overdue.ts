import { fail, type UnansweredDurableTask } from './durable-task.ts'
import type { LiveTask } from './live-task.ts'

/** The end of a task whose time is over, or undefined while it is not. @param epochMs the same moment by the wall clock */
export const findOverdueEnd = (live: LiveTask, now: number, epochMs: number): UnansweredDurableTask | undefined => {
  const { phase } = live
  if (phase.name === 'settling' || phase.name === 'settled') return undefined
  if (live.timeoutAt <= now || (phase.name === 'held' && phase.workUntil <= now)) {
    return fail(phase.task, 'task_timeout', 'The task was not done in time.', epochMs)
  }
  if (phase.name === 'waiting' && live.expiresAt <= now) {
    return fail(phase.task, 'expired', 'No agent took the task within its time to live.', epochMs)
  }
  return undefined
}
