import type { TaskView } from '@ai-comms/shared'
import type { Clock } from './ports.ts'
import type { Task } from './task.ts'
import { toEndView } from './task-end-view.ts'

const toTarget = (task: Task): { readonly agent?: string; readonly skill?: string } => {
  const { target } = task
  const agent = 'agent' in task ? task.agent : undefined
  if (target.kind === 'skill') return { ...(agent === undefined ? {} : { agent }), skill: target.skill }
  return { agent: agent ?? target.name }
}

/** A task whose caller is on the line, in the shape of a durable one. It changes now. */
export const toCallView = (task: Task, clock: Clock): TaskView => {
  const toIso = (at: number) => new Date(clock.toEpochMs(at)).toISOString()
  return {
    id: task.id,
    state: task.state,
    ...toTarget(task),
    message: task.message,
    sender: task.sender,
    ...(task.conversationId === undefined ? {} : { conversationId: task.conversationId }),
    createdAt: toIso(task.createdAt),
    updatedAt: toIso(clock.now()),
    deadline: toIso(task.deadlineAt),
    attempts: task.attempts,
    ...toEndView(task),
  }
}
