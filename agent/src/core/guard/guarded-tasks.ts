import { TaskError } from '../failures.ts'
import type { Performer, TaskInput } from '../ports.ts'
import { BLOCKED_SENTENCE } from './check-text.ts'
import type { Guard } from './guard.ts'

/** What guarding tasks takes. */
export interface TaskGuardParts {
  readonly guard: Guard
  /** Epoch milliseconds. */
  readonly now: () => number
  readonly onBlocked: (ruleId: string, task: TaskInput) => void
}

/**
 * Puts the guard before a performer. Whoever sends a task by the hub says itself who it is, so suspicion against a name is
 * suspicion against that name at the hub, and nobody else's.
 *
 * @throws {TaskError} `blocked`, with the one sentence that everybody gets
 */
export const guardTasks =
  (perform: Performer, { guard, now, onBlocked }: TaskGuardParts): Performer =>
  async (task, tools) => {
    const verdict = guard.checkMessage({ sender: `hub:${task.sender}`, text: task.message, now: now() })
    if (verdict.action === 'pass') return perform(task, tools)
    onBlocked(verdict.ruleId ?? 'unnamed', task)
    throw new TaskError(BLOCKED_SENTENCE, { code: 'blocked' })
  }
