import type { TaskWatcher } from './ports.ts'
import { type EndedTask, fail, submit } from './task.ts'

/** All answers of one broadcast together, in UTF-16 units; further ones are left out, and said so. */
const ANSWERS_CHARS_MAX = 64 * 1_048_576

/** Gathers the ends of a broadcast's tasks. */
export interface BroadcastGathering {
  /** The watcher of the task at this place. */
  watch(place: number): TaskWatcher
}

const leaveOut = (ended: EndedTask): EndedTask => ({
  ...fail(
    submit(ended),
    'payload_too_large',
    'The answers to this broadcast are too large together; this one is left out.',
  ),
  agent: ended.agent,
  attempts: ended.attempts,
})

/** Waits for `size` ends and tells them all at once, in the order of their places. With nobody to wait for, at once. */
export const gatherBroadcast = (size: number, ended: (ends: readonly EndedTask[]) => void): BroadcastGathering => {
  const ends = new Array<EndedTask>(size)
  let missing = size
  let chars = 0
  if (size === 0) ended([])
  return {
    watch: (place) => ({
      ended: (task) => {
        chars += task.state === 'completed' ? task.response.length : task.error.length
        ends[place] = chars <= ANSWERS_CHARS_MAX ? task : leaveOut(task)
        missing -= 1
        if (missing > 0) return
        // Taken out, since an old list that is dead would keep the young ends alive for another collection
        ended(ends.splice(0))
      },
    }),
  }
}
