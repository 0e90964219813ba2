import type { Observe } from './events.ts'
import type { Clock, TaskFrame } from './ports.ts'
import type { Registry, Session } from './registry.ts'
import { route } from './router.ts'
import * as law from './task.ts'
import type { OpenTask, TaskBook } from './task-book.ts'
import { toTaskFrame } from './task-frame.ts'

/** What became of a task that was to be handed out. */
export type Placement = 'placed' | 'busy' | 'nobody'

/** What handing out needs. */
export interface DispatchParts {
  readonly registry: Registry
  readonly book: TaskBook
  readonly clock: Clock
  readonly observe: Observe
  /** A session turned out to take nothing any more. */
  readonly lost: (session: Session) => void
}

/** Hands tasks to sessions, and tells sessions about them. */
export class Dispatch {
  readonly #parts: DispatchParts

  constructor(parts: DispatchParts) {
    this.#parts = parts
  }

  /** Hands a task that nobody holds to a session of its target. */
  place(open: OpenTask, task: law.SubmittedTask): Placement {
    const { registry, book, clock, observe, lost } = this.#parts
    for (;;) {
      const choice = route(registry, task.target, clock.now())
      if (choice.kind !== 'session') return choice.kind
      const { session } = choice
      const working = law.dispatch(task, session.id, session.name)
      if (session.transport.send(this.#toFrame(working, session)) === 'sent') {
        open.task = working
        session.held.add(task.id)
        book.put(open)
        open.watcher.moved?.(working)
        observe({ type: 'task.dispatched', taskId: task.id, agent: session.name, attempt: working.attempts })
        return 'placed'
      }
      lost(session)
    }
  }

  /** Gives a task to the session of the same instance and sends it again. */
  handOn(open: OpenTask, task: law.WorkingTask, to: Session): void {
    const adopted = law.adopt(task, to.id)
    open.task = adopted
    to.held.add(task.id)
    this.#parts.book.claim(task.id, task.target)
    to.transport.send(this.#toFrame(adopted, to))
  }

  /** Tells the task's holder to stop, if it can understand that. */
  tellCancel(task: law.LiveTask, reason: string): void {
    const holder = task.state === 'working' ? this.#parts.registry.find(task.holder) : undefined
    if (holder?.level === 2) holder.transport.send({ type: 'task-cancel', requestId: task.id, reason })
  }

  #toFrame(task: law.WorkingTask, session: Session): TaskFrame {
    return toTaskFrame(task, session, this.#parts.clock.toEpochMs(task.deadlineAt))
  }
}
