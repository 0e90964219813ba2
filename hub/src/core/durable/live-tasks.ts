import { Deadlines } from '../deadlines.ts'
import type { LiveDurableTask } from './durable-task.ts'
import { findDueAt, type LivePhase, type LiveTask } from './live-task.ts'
import { Mailboxes, toBoxKey } from './mailboxes.ts'

/** Most durable tasks that are not over. */
export const LIVE_TASKS_MAX = 100_000
/** Most of them for one agent or skill. */
export const MAILBOX_TASKS_MAX = 10_000
/** Most text of all of them together, in UTF-16 units. */
export const LIVE_CHARS_MAX = 67_108_864

/** The part of a task that counts for {@link LIVE_CHARS_MAX}. */
export const countChars = ({ message }: { readonly message: string }): number => message.length

/**
 * The durable tasks that are not over: by id, by what is due, by mailbox, and
 * by the instance that may come back for them. Every change of a task's phase
 * goes through here, so the indexes cannot disagree with the tasks.
 */
export class LiveTasks {
  readonly #tasks = new Map<string, LiveTask>()
  readonly #deadlines = new Deadlines()
  readonly #claims = new Map<string, Set<LiveTask>>()
  readonly #perTarget = new Map<string, number>()
  readonly mailboxes = new Mailboxes()
  #chars = 0
  #held = 0
  #reserved = 0
  #order = 0

  /** Tasks that are not over, those on their way to disk among them. */
  get count(): number {
    return this.#tasks.size + this.#reserved
  }

  get chars(): number {
    return this.#chars
  }

  /** Tasks in the hands of sessions. */
  get heldCount(): number {
    return this.#held
  }

  countOf(boxKey: string): number {
    return this.#perTarget.get(boxKey) ?? 0
  }

  find(taskId: string): LiveTask | undefined {
    return this.#tasks.get(taskId)
  }

  /** Makes room for a task that is on its way to disk. @returns its place in the order of submissions */
  reserve(task: LiveDurableTask): number {
    this.#reserved += 1
    this.#weigh(task, 1)
    this.#order += 1
    return this.#order
  }

  /** Gives the room back: the task has not come to be. */
  unreserve(task: LiveDurableTask): void {
    this.#reserved -= 1
    this.#weigh(task, -1)
  }

  /** Takes a task in for which room was made. */
  enter(live: LiveTask, now: number): void {
    this.#reserved -= 1
    this.#tasks.set(live.id, live)
    this.#index(live, now)
  }

  /** Moves a task to another phase, or looks at the same phase anew because time has passed. */
  move(live: LiveTask, phase: LivePhase, now: number): void {
    this.#unindex(live)
    live.phase = phase
    this.#index(live, now)
  }

  /** Takes a settling task out for good. */
  remove(live: LiveTask): void {
    const { phase } = live
    if (phase.name === 'settled' || !this.#tasks.delete(live.id)) return
    this.#unindex(live)
    this.#weigh(phase.task, -1)
    live.phase = { name: 'settled' }
  }

  /** Tasks about which something must be done. */
  takeDue(now: number): LiveTask[] {
    return this.#deadlines.takeDue(now).flatMap((id) => this.#tasks.get(id) ?? [])
  }

  /** Tasks that wait for this instance to come back for them, in the order of submission. */
  findClaimed(instanceKey: string, now: number): LiveTask[] {
    const claimed = [...(this.#claims.get(instanceKey) ?? [])]
    return claimed
      .filter(({ phase }) => phase.name === 'waiting' && phase.claimUntil >= now)
      .sort((one, other) => one.order - other.order)
  }

  #weigh(task: LiveDurableTask, sign: 1 | -1): void {
    this.#chars += sign * countChars(task)
    const key = toBoxKey(task.target)
    const count = this.countOf(key) + sign
    if (count === 0) this.#perTarget.delete(key)
    else this.#perTarget.set(key, count)
  }

  #index(live: LiveTask, now: number): void {
    const { phase } = live
    live.dueAt = findDueAt(live, now)
    if (Number.isFinite(live.dueAt)) this.#deadlines.add(live.id, live.dueAt)
    if (phase.name === 'held') this.#held += 1
    if (phase.name !== 'waiting') return
    if (phase.notBefore <= now) this.mailboxes.add(toBoxKey(phase.task.target), live)
    const { instanceKey } = phase.task
    if (instanceKey === undefined || phase.claimUntil <= now) return
    const claimed = this.#claims.get(instanceKey)
    if (claimed === undefined) this.#claims.set(instanceKey, new Set([live]))
    else claimed.add(live)
  }

  #unindex(live: LiveTask): void {
    const { phase } = live
    if (Number.isFinite(live.dueAt)) this.#deadlines.remove(live.id, live.dueAt)
    if (phase.name === 'held') this.#held -= 1
    if (phase.name !== 'waiting') return
    this.mailboxes.remove(toBoxKey(phase.task.target), live)
    const { instanceKey } = phase.task
    const claimed = instanceKey === undefined ? undefined : this.#claims.get(instanceKey)
    if (instanceKey !== undefined && claimed?.delete(live) && claimed.size === 0) this.#claims.delete(instanceKey)
  }
}
