import { Deadlines } from './deadlines.ts'
import type { TaskWatcher } from './ports.ts'
import type { EndedTask, LiveTask, Target } from './task.ts'

/** A task that is not over yet, and who waits for it. */
export interface OpenTask {
  task: LiveTask
  readonly watcher: TaskWatcher
}

/**
 * What the map of open tasks holds. A map that grows and shrinks for days
 * replaces its table ever again, and a dead table that has grown old keeps
 * alive whatever it held; emptied, the slot is all that is kept.
 */
interface Slot {
  open: OpenTask | undefined
}

const toTargetKey = (target: Target): string | undefined => {
  switch (target.kind) {
    case 'agent':
      return `agent\n${target.key}`
    case 'skill':
      return `skill\n${target.key}`
    case 'session':
      return undefined
    default:
      return target satisfies never
  }
}

/**
 * The tasks that are not over: by id, by deadline, and those whose session is
 * lost and that any other session of their target may take. An ended task is
 * let go of at once; its text must not outlive the answer.
 */
export class TaskBook {
  readonly #open = new Map<string, Slot>()
  readonly #deadlines = new Deadlines()
  readonly #orphans = new Map<string, Set<string>>()

  get count(): number {
    return this.#open.size
  }

  /** Writes a task in, or takes back the offer of an orphaned one that somebody has now. */
  put(open: OpenTask): void {
    const { id, target, deadlineAt } = open.task
    this.claim(id, target)
    if (this.#open.has(id)) return
    this.#open.set(id, { open })
    this.#deadlines.add(id, deadlineAt)
  }

  find(taskId: string): OpenTask | undefined {
    return this.#open.get(taskId)?.open
  }

  all(): OpenTask[] {
    return [...this.#open.values()].flatMap(({ open }) => open ?? [])
  }

  /** Takes a task out for good; undefined when it was over already. */
  take({ id, target, deadlineAt }: EndedTask): OpenTask | undefined {
    const slot = this.#open.get(id)
    const open = slot?.open
    if (slot === undefined || open === undefined) return undefined
    slot.open = undefined
    this.#open.delete(id)
    this.#deadlines.remove(id, deadlineAt)
    this.claim(id, target)
    return open
  }

  /** Tasks whose deadline has passed. */
  takeOverdue(now: number): OpenTask[] {
    return this.#deadlines.takeDue(now).flatMap((id) => this.find(id) ?? [])
  }

  /** Offers a lost session's task to any other session of its target. */
  orphan({ id, target }: LiveTask): void {
    const key = toTargetKey(target)
    if (key === undefined) return
    const ids = this.#orphans.get(key)
    if (ids === undefined) this.#orphans.set(key, new Set([id]))
    else ids.add(id)
  }

  /** Takes the offer back: somebody has the task, or it is over. */
  claim(taskId: string, target: Target): void {
    if (this.#orphans.size === 0) return
    const key = toTargetKey(target)
    const ids = key === undefined ? undefined : this.#orphans.get(key)
    if (key !== undefined && ids?.delete(taskId) && ids.size === 0) this.#orphans.delete(key)
  }

  /** Orphaned tasks that a session of this name and these skills may take. */
  findOrphans(nameKey: string, skillKeys: Iterable<string>): OpenTask[] {
    if (this.#orphans.size === 0) return []
    const keys = [`agent\n${nameKey}`, ...[...skillKeys].map((key) => `skill\n${key}`)]
    const ids = keys.flatMap((key) => [...(this.#orphans.get(key) ?? [])])
    return ids.flatMap((id) => this.find(id) ?? [])
  }
}
