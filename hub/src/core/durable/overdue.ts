import type { Clock } from '../ports.ts'
import type { Delivery } from './delivery.ts'
import { type EndedDurableTask, fail } from './durable-task.ts'
import type { LiveTask } from './live-task.ts'
import type { LiveTasks } from './live-tasks.ts'
import { toBoxKey } from './mailboxes.ts'

/** What looking at overdue tasks needs. */
export interface OverdueParts {
  readonly tasks: LiveTasks
  readonly delivery: Delivery
  readonly clock: Clock
  readonly end: (live: LiveTask, ended: EndedDurableTask) => void
}

/** Does what is due about a task: its time is over, its delivery is unacknowledged, or its wait for the next one is. */
export const examine = (live: LiveTask, now: number, { tasks, delivery, clock, end }: OverdueParts): void => {
  const { phase } = live
  if (phase.name === 'settling' || phase.name === 'settled') return
  const epochMs = Math.round(clock.toEpochMs(now))
  if (live.timeoutAt <= now || (phase.name === 'held' && phase.workUntil <= now)) {
    delivery.tellCancel(live, 'The deadline has passed.')
    end(live, fail(phase.task, 'task_timeout', 'The task was not done in time.', epochMs))
  } else if (phase.name === 'held') {
    delivery.release(live, phase, false)
  } else if (live.expiresAt <= now) {
    delivery.tellCancel(live, 'The task has expired.')
    end(live, fail(phase.task, 'expired', 'No agent took the task within its time to live.', epochMs))
  } else {
    tasks.move(live, phase, now)
    delivery.serveBox(toBoxKey(phase.task.target))
  }
}
