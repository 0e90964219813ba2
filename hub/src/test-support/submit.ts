import type { EndedTask } from '../core/task.ts'
import type { Hall } from './build-hall.ts'

/** Submits a task and keeps what its watcher is told. */
export const submit = (
  hall: Hall,
  given: { agent?: string; skill?: string; timeoutMs?: number; hops?: number } = {},
) => {
  const told: EndedTask[] = []
  const progress: unknown[] = []
  const request = {
    message: 'do it',
    sender: 'bot',
    ...(given.skill === undefined ? { agent: 'worker' } : {}),
    ...given,
  }
  const id = hall.hub.tasks.submit(request, {
    ended: (task) => told.push(task),
    progressed: (note) => progress.push(note),
    delta: (piece) => progress.push(piece),
  })
  return { id, told, progress }
}
