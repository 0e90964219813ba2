import type { TaskView } from '@ai-comms/shared'
import { toEndView } from '../task-end-view.ts'
import type { DurableTask } from './durable-task.ts'

const toIso = (at: number) => new Date(at).toISOString()

const toTarget = (task: DurableTask): { readonly agent?: string; readonly skill?: string } => {
  const { target } = task
  if (target.kind === 'agent') return { agent: task.agent ?? target.name }
  return { ...(task.agent === undefined ? {} : { agent: task.agent }), skill: target.skill }
}

/** A durable task as callers see it. Without a `timeoutMs` its deadline is the end of its stay in the mailbox. */
export const toTaskView = (task: DurableTask): TaskView => ({
  id: task.id,
  state: task.state,
  ...toTarget(task),
  message: task.message,
  sender: task.sender,
  ...(task.conversationId === undefined ? {} : { conversationId: task.conversationId }),
  createdAt: toIso(task.createdAt),
  updatedAt: toIso(task.updatedAt),
  deadline: toIso(task.timeoutAt ?? task.expiresAt),
  attempts: task.attempts,
  ...toEndView(task),
})
