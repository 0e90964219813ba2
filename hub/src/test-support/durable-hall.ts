import { setImmediate as nextTurn } from 'node:timers/promises'
import type { DurableTaskRequest, RegisterFrame } from '@ai-comms/shared'
import type { DurableTask } from '../core/durable/durable-task.ts'
import type { FeedEvent } from '../core/durable/task-feed.ts'
import type { HubSettings } from '../core/hub.ts'
import { buildHall, type Guest, type Hall } from './build-hall.ts'
import { ScriptedStore } from './scripted-store.ts'

/** A hall whose store is open, and the words with which tests about durable tasks are told. */
export class DurableHall {
  readonly hall: Hall
  readonly store: ScriptedStore

  constructor(hall: Hall, store: ScriptedStore) {
    this.hall = hall
    this.store = store
  }

  get desk() {
    return this.hall.hub.durable
  }

  /** An agent of level 2, unless the test says otherwise. */
  open(given: Partial<RegisterFrame> = {}): Guest {
    return this.hall.open({ protocol: 2, ...given })
  }

  async submit(given: Partial<DurableTaskRequest> = {}): Promise<DurableTask> {
    const target = given.skill === undefined ? { agent: 'worker' } : {}
    const { task } = await this.desk.submit({ message: 'do it', sender: 'bot', ...target, ...given })
    return task
  }

  /** Lets time pass in steps, with a sweep and room for the store's answers after each. */
  async pass(ms: number, stepMs = 500): Promise<void> {
    for (let left = ms; left > 0; left -= stepMs) {
      this.hall.clock.advance(Math.min(left, stepMs))
      this.hall.hub.sweep()
      await this.settle()
    }
  }

  /** Lets everything that the store has answered be heard. */
  async settle(): Promise<void> {
    await nextTurn()
    await nextTurn()
  }

  /** The task as a caller sees it now. */
  find(task: { readonly id: string }): Promise<DurableTask> {
    return this.desk.lookup.find(task.id)
  }

  answer({ session }: Guest, { id: requestId }: { readonly id: string }, response = 'done'): void {
    this.hall.hub.deskOf(requestId).answer(session, { type: 'task-response', requestId, response })
  }

  accept({ session }: Guest, { id: requestId }: { readonly id: string }): void {
    this.hall.hub.deskOf(requestId).accept(session, { type: 'task-accepted', requestId })
  }

  /** A connection that breaks. */
  lose(guest: Guest): void {
    guest.transport.break()
    this.hall.hub.closeSession(guest.session)
  }

  /** Ids and attempts of the deliveries that a guest got. */
  deliveries(guest: Guest): string[] {
    return guest.transport.sentOf('task').map(({ requestId, attempt }) => `${requestId}#${attempt ?? '-'}`)
  }

  /** Follows a task and keeps what is told. */
  async follow(
    { id }: { readonly id: string },
    lastHeardId?: number,
  ): Promise<{
    readonly events: FeedEvent[]
    readonly isOver: () => boolean
    readonly leave: (() => void) | undefined
  }> {
    const events: FeedEvent[] = []
    let isOver = false
    const reader = {
      tell: (event: FeedEvent) => void events.push(event),
      end: () => {
        isOver = true
      },
    }
    const leave = await this.desk.lookup.follow(id, reader, lastHeardId)
    return { events, isOver: () => isOver, leave }
  }
}

/**
 * Builds a hall and opens its store.
 *
 * @param startAt what the clock shows then: a restart goes on where the run before ended
 */
export const openDurableHall = async (
  settings: Partial<HubSettings> = {},
  store = new ScriptedStore(),
  startAt = 0,
): Promise<DurableHall> => {
  const hall = buildHall(settings, store)
  hall.clock.advance(startAt)
  await hall.hub.durable.start()
  return new DurableHall(hall, store)
}
