import type { Observe } from './events.ts'
import type { Clock, Performer, ReplyLink } from './ports.ts'
import type { TaskMemory } from './task-memory.ts'
import type { TaskQueue } from './task-queue.ts'

/** What an agent is made of. */
export interface AgentParts {
  readonly link: ReplyLink
  readonly perform: Performer
  readonly clock: Clock
  readonly observe: Observe
  readonly maxConcurrency: number
  /** Longest work on one task, in milliseconds; the hub's deadline counts when it is sooner. */
  readonly workMsMax: number
  /** What is remembered of tasks; in memory unless set. */
  readonly memory?: TaskMemory
  readonly queue?: TaskQueue
}
