import { type DurableTaskRequest, LIMITS, ProtocolError } from '@ai-comms/shared'
import { readEpochMs } from '../epoch.ts'
import type { Observe } from '../events.ts'
import type { Clock } from '../ports.ts'
import type { Registry, Session } from '../registry.ts'
import { AgentSide } from './agent-side.ts'
import { Delivery } from './delivery.ts'
import * as law from './durable-task.ts'
import { examine } from './examine.ts'
import { Feeds } from './feeds.ts'
import { refuseWithoutRoom, toDurableTask, toLiveTask } from './intake.ts'
import { Journal, type StorageStatus, toStorageRefusal } from './journal.ts'
import type { LiveTask } from './live-task.ts'
import { LiveTasks } from './live-tasks.ts'
import { Lookup } from './lookup.ts'
import { toBoxKey } from './mailboxes.ts'
import { restore } from './restore.ts'
import { Settlement } from './settlement.ts'
import type { Addition, IdempotencyKey, StoreSize, TaskStore } from './task-store.ts'
import { toTaskView } from './task-view.ts'
import { Upkeep } from './upkeep.ts'

/** The bounds of durable tasks that an operator may set. */
export interface DurableSettings {
  /** How long a task that is over is kept, in milliseconds. */
  readonly taskRetentionMs: number
}

/** All that the desk needs. */
export interface DurableDeskParts {
  readonly registry: Registry
  readonly store: TaskStore
  readonly clock: Clock
  readonly observe: Observe
  readonly newId: () => string
  readonly settings: DurableSettings
  /** A session turned out to take nothing any more. */
  readonly lost: (session: Session) => void
}

/** What came of a submission. */
export interface Submission {
  readonly task: law.DurableTask
  /** It was submitted before, under the same key. */
  readonly isReplay: boolean
}

type Phase =
  | { readonly name: 'open' }
  | { readonly name: 'draining'; readonly whenIdle: () => void }
  | { readonly name: 'closed' }

/** Where durable tasks are taken and canceled, and where everything that happens to them comes together. */
export class DurableDesk {
  /** What agents say about durable tasks. */
  readonly agents: AgentSide
  /** What callers ask about durable tasks. */
  readonly lookup: Lookup
  readonly #parts: DurableDeskParts
  readonly #tasks = new LiveTasks()
  readonly #feeds = new Feeds()
  readonly #journal: Journal
  readonly #delivery: Delivery
  readonly #upkeep: Upkeep
  readonly #settlement: Settlement
  #phase: Phase = { name: 'open' }

  constructor(parts: DurableDeskParts) {
    this.#parts = parts
    const tasks = this.#tasks
    const isOpen = () => this.#phase.name === 'open'
    const end = (live: LiveTask, ended: law.EndedDurableTask) => this.#settlement.end(live, ended)
    this.lookup = new Lookup({ ...parts, tasks, feeds: this.#feeds })
    this.#journal = new Journal({
      ...parts,
      settled: (live, ended) => this.#settlement.settle(live, ended),
      failed: (refusal) => this.#settlement.refuseWaiters(refusal),
      idle: () => this.#noteIdle(),
    })
    this.#delivery = new Delivery({
      ...parts,
      tasks,
      isOpen,
      changed: (live) => this.#change(live),
      end,
      leftBehind: () => this.#noteIdle(),
    })
    this.#settlement = new Settlement({
      ...parts,
      tasks,
      journal: this.#journal,
      release: (live, phase) => this.#delivery.release(live, phase, false),
      freed: (session) => this.#delivery.serve(session),
      settled: (live, ended) => this.#tellEnd(live, ended),
    })
    this.agents = new AgentSide({
      ...parts,
      tasks,
      delivery: this.#delivery,
      isOpen,
      end,
      tell: (live, event) => this.#feeds.tell(live.id, event, ++live.eventId),
    })
    this.#upkeep = new Upkeep({ ...parts, journal: this.#journal, opened: (boot) => this.#restore(boot) })
  }

  /** Tasks that are not over. */
  get count(): number {
    return this.#tasks.count
  }

  get storageStatus(): StorageStatus {
    return this.#journal.status
  }

  /** How much the store held when it was last asked. */
  get storeSize(): StoreSize | undefined {
    return this.#upkeep.size
  }

  /**
   * Opens the store and takes up the tasks that are in it. Trouble that may
   * pass is no failure: the desk refuses work until the store can be opened.
   *
   * @throws {StorageError} that needs a person
   */
  async start(): Promise<void> {
    await this.#upkeep.open()
  }

  /**
   * Takes a task once it is on disk. It is then neither lost by a crash of the
   * hub, nor by an absent agent, nor by a caller that hung up; it is delivered
   * at least once, or ends with a reason.
   *
   * @throws {ProtocolError} `hub_draining`, `agent_busy`, `storage_unavailable`, `idempotency_conflict`
   */
  async submit(
    request: DurableTaskRequest,
    traceparent?: string,
    key?: Omit<IdempotencyKey, 'expiresAt'>,
  ): Promise<Submission> {
    const { newId, clock } = this.#parts
    this.#refuseUnlessOpen()
    const task = toDurableTask(request, { id: newId(), createdAt: readEpochMs(this.#parts.clock), traceparent })
    refuseWithoutRoom(this.#tasks, task)
    const order = this.#tasks.reserve(task)
    const now = clock.now()
    const addition = await this.#add(task, key)
    if (addition.kind === 'added') {
      this.#tasks.enter(toLiveTask(task, order, now, this.#feeds.firstId + 1), clock.now())
      this.#delivery.serveBox(toBoxKey(task.target))
      return { task: this.lookup.findLive(task.id) ?? task, isReplay: false }
    }
    this.#tasks.unreserve(task)
    if (addition.kind === 'replayed') {
      return { task: this.lookup.findLive(addition.task.id) ?? addition.task, isReplay: true }
    }
    throw new ProtocolError('idempotency_conflict', 'This Idempotency-Key was used for another request; use a new one.')
  }

  /**
   * Ends a task because its caller no longer wants it; whoever works on it is
   * told to stop. A task that is over stays as it is.
   *
   * @returns the task, once that is on disk
   * @throws {ProtocolError} `unknown_task`, `storage_unavailable`
   */
  async cancel(taskId: string): Promise<law.DurableTask> {
    const live = this.#tasks.find(taskId)
    if (live === undefined || live.phase.name === 'settled') return this.lookup.find(taskId)
    const settled = this.#settlement.wait(live)
    if (live.phase.name !== 'settling') {
      const reason = 'The task was canceled.'
      this.#delivery.tellCancel(live, reason)
      this.#settlement.end(live, law.cancel(live.phase.task, reason, readEpochMs(this.#parts.clock)))
    }
    return settled
  }

  /** One pass over what is due. */
  sweep(now: number): void {
    const parts = {
      ...this.#parts,
      tasks: this.#tasks,
      delivery: this.#delivery,
      end: (live: LiveTask, ended: law.EndedDurableTask) => this.#settlement.end(live, ended),
    }
    for (const live of this.#tasks.takeDue(now)) examine(live, now, parts)
    for (const session of this.#delivery.takeCaughtUp()) this.agents.sessionOpened(session)
    this.#journal.sweep(now)
    this.#feeds.sweep(now)
    this.#upkeep.sweep(now)
  }

  /** A session has room again: it gets what waits for it. */
  serve(session: Session): void {
    this.#delivery.serve(session)
  }

  /** Takes and hands out nothing new from now on, and calls `whenIdle` once no agent is at work and all is written. */
  startDrain(whenIdle: () => void): void {
    this.#phase = { name: 'draining', whenIdle }
    this.#noteIdle()
  }

  /** Lets followers go; what is not over waits on disk for the next start. */
  finishDrain(): void {
    this.#phase = { name: 'closed' }
    this.#feeds.interrupt()
    this.#settlement.refuseWaiters(new ProtocolError('hub_draining', 'The hub is shutting down; ask again soon.'))
  }

  #refuseUnlessOpen(): void {
    if (this.#phase.name !== 'open') {
      throw new ProtocolError('hub_draining', 'The hub is shutting down; try again soon.', { retryAfterMs: 5_000 })
    }
    if (this.#journal.status === 'opening') throw toStorageRefusal(undefined)
  }

  async #add(task: law.WaitingDurableTask, key: Omit<IdempotencyKey, 'expiresAt'> | undefined): Promise<Addition> {
    const expiring = key && { ...key, expiresAt: task.createdAt + LIMITS.IDEMPOTENCY_MS }
    try {
      const addition = await this.#parts.store.add(task, expiring)
      this.#journal.noteSuccess()
      return addition
    } catch (error) {
      this.#tasks.unreserve(task)
      this.#journal.noteFailure(error)
      throw toStorageRefusal(error)
    }
  }

  async #restore(boot: number): Promise<void> {
    this.#feeds.startAt(boot)
    const { store, clock, registry, observe } = this.#parts
    let openTasks = 0
    for await (const page of store.readOpen()) {
      for (const task of page) {
        if (this.#tasks.find(task.id) !== undefined) continue
        openTasks += 1
        const live = restore(task, this.#tasks.reserve(task), clock, this.#feeds.firstId + 1)
        this.#tasks.enter(live, clock.now())
        if (task.state === 'working') this.#journal.write(live)
      }
    }
    observe({ type: 'storage.opened', openTasks, boot })
    for (const session of [...registry.sessions()]) this.agents.sessionOpened(session)
  }

  #change(live: LiveTask): void {
    this.#journal.write(live)
    this.#tellState(live, this.lookup.findLive(live.id))
  }

  #tellState(live: LiveTask, task: law.DurableTask | undefined): void {
    live.eventId += 1
    if (task === undefined || !this.#feeds.has(live.id)) return
    this.#feeds.tell(live.id, { event: 'state', data: toTaskView(task) }, live.eventId)
  }

  #tellEnd(live: LiveTask, ended: law.EndedDurableTask): void {
    this.#tellState(live, ended)
    this.#feeds.finish(live.id, this.#parts.clock.now())
  }

  #noteIdle(): void {
    if (this.#phase.name !== 'draining' || this.#tasks.heldCount > 0 || !this.#journal.isIdle) return
    const { whenIdle } = this.#phase
    this.#phase = { name: 'closed' }
    whenIdle()
  }
}
