import type { Clock } from '../ports.ts'
import type { Delivery } from './delivery.ts'
import type { EndedDurableTask } from './durable-task.ts'
import type { LiveTask } from './live-task.ts'
import type { LiveTasks } from './live-tasks.ts'
import { toBoxKey } from './mailboxes.ts'
import { findOverdueEnd } from './overdue.ts'

/** What looking at a task needs. */
export interface ExamineParts {
  readonly tasks: LiveTasks
  readonly delivery: Delivery
  readonly clock: Clock
  readonly end: (live: LiveTask, ended: EndedDurableTask) => void
}

/** Does what is due about a task: its time is over, its delivery is unacknowledged, or its wait for the next one is. */
export const examine = (live: LiveTask, now: number, { tasks, delivery, clock, end }: ExamineParts): void => {
  const { phase } = live
  if (phase.name === 'settling' || phase.name === 'settled') return
  const overdueEnd = findOverdueEnd(live, now, Math.round(clock.toEpochMs(now)))
  if (overdueEnd !== undefined) {
    delivery.tellCancel(live, 'The time of the task is over.')
    end(live, overdueEnd)
  } else if (phase.name === 'held') {
    delivery.release(live, phase, false)
  } else {
    tasks.move(live, phase, now)
    delivery.serveBox(toBoxKey(phase.task.target))
  }
}
