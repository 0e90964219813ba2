import type { Dispatch } from './dispatch.ts'
import type { Observe } from './events.ts'
import type { Session } from './registry.ts'
import * as law from './task.ts'
import type { OpenTask, TaskBook } from './task-book.ts'

/** What the handover of a lost session's tasks needs. */
export interface HandoverParts {
  readonly book: TaskBook
  readonly dispatch: Dispatch
  readonly observe: Observe
  /** Ends a task for good. */
  readonly end: (ended: law.EndedTask) => void
}

/** Decides what becomes of the tasks of sessions that are lost, replaced or back. */
export class Handover {
  readonly #parts: HandoverParts

  constructor(parts: HandoverParts) {
    this.#parts = parts
  }

  /**
   * A session is gone: what it had not begun goes to another session of its
   * target; the rest waits for the same instance if that may return, else it
   * ends at once.
   */
  release(session: Session, mayReturn: boolean): void {
    const { book, dispatch, observe } = this.#parts
    for (const { open, task } of this.#heldBy(session)) {
      const unbegun = session.level === 2 && task.acceptedAt === null
      if (unbegun && dispatch.place(open, law.release(task)) === 'placed') {
        session.held.delete(task.id)
        observe({ type: 'task.released', taskId: task.id, agent: session.name })
      } else if (!mayReturn) {
        this.#endLost(task)
      } else if (unbegun) {
        book.orphan(task)
      }
    }
  }

  /** The instance of a lost session has not come back in time: its tasks end. */
  giveUp(session: Session): void {
    for (const { task } of this.#heldBy(session)) this.#endLost(task)
  }

  /**
   * The instance of a lost or replaced session is back: it gets its tasks
   * again, since it may have lost them. It deduplicates by `requestId`, and
   * this is no new attempt. Level 1 cannot deduplicate; its tasks end.
   */
  inherit(from: Session, to: Session): void {
    for (const { open, task } of this.#heldBy(from)) {
      if (from.level === 1) this.#endLost(task)
      else this.#parts.dispatch.handOn(open, task, to)
    }
    from.held.clear()
  }

  /** A new session is here: it gets the orphaned tasks that it may take. */
  placeOrphans(session: Session): void {
    for (const open of this.#parts.book.findOrphans(session.nameKey, session.skillKeys)) {
      if (open.task.state === 'working') this.#parts.dispatch.place(open, law.release(open.task))
    }
  }

  /** The tasks that this session holds, in the order in which they were submitted. */
  #heldBy(session: Session): { readonly open: OpenTask; readonly task: law.WorkingTask }[] {
    return [...session.held]
      .flatMap((id) => {
        const open = this.#parts.book.find(id)
        return open?.task.state === 'working' && open.task.holder === session.id ? [{ open, task: open.task }] : []
      })
      .sort((one, other) => one.task.createdAt - other.task.createdAt)
  }

  #endLost(task: law.WorkingTask): void {
    this.#parts.end(law.fail(task, 'agent_disconnected', `The agent "${task.agent}" disconnected before it answered.`))
  }
}
