import { TaskError } from '../failures.ts'
import type { Performer, TaskInput } from '../ports.ts'
import { BLOCKED_SENTENCE } from './check-text.ts'
import type { Guard } from './guard.ts'

/** What guarding tasks takes. */
export interface GuardedTasksParts {
  readonly guard: Guard
  /** Epoch milliseconds. */
  readonly now: () => number
  /** Called with the rule's id when a task is not done. */
  readonly onBlocked: (ruleId: string, task: TaskInput) => void
}

/** A performer that is asked only for what the guard lets pass; who asks for anything else reads one neutral sentence. */
export const guardTasks =
  (perform: Performer, { guard, now, onBlocked }: GuardedTasksParts): Performer =>
  async (task, tools) => {
    const { history = [], message: text, sender } = task
    // tasks are read together only where a model reads them together
    const turns = history.filter(({ role }) => role === 'user').map((turn) => turn.text)
    const verdict = guard.checkMessage({ sender: `hub:${sender}`, text, turns, now: now() })
    if (verdict.action === 'pass') return perform(task, tools)
    onBlocked(verdict.ruleId ?? 'unnamed', task)
    throw new TaskError(BLOCKED_SENTENCE, { code: 'blocked', retryable: false })
  }
