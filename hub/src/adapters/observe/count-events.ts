import type { HubEvent, Observe } from '../../core/events.ts'

/** How often each kind of event has happened since the start. */
export interface EventCounts {
  readonly observe: Observe
  /** Ended tasks by state, and everything else by type. */
  read(): Readonly<Record<string, number>>
}

const ENDED = {
  completed: 'task.completed',
  failed: 'task.failed',
  canceled: 'task.canceled',
  rejected: 'task.rejected',
} as const

/** Counts events by type; ended tasks by their state. The set of keys is closed, so this cannot grow. */
export const countEvents = (): EventCounts => {
  const counts = new Map<string, number>()
  const keyOf = (event: HubEvent) => (event.type === 'task.ended' ? ENDED[event.state] : event.type)
  return {
    observe: (event) => {
      const key = keyOf(event)
      counts.set(key, (counts.get(key) ?? 0) + 1)
    },
    read: () => Object.fromEntries(counts),
  }
}
