import { ProtocolError } from '@ai-comms/shared'
import type { Observe } from '../events.ts'
import type { Clock } from '../ports.ts'
import type { Registry, Session } from '../registry.ts'
import type { EndedDurableTask } from './durable-task.ts'
import { type Journal, toStorageRefusal } from './journal.ts'
import type { HeldPhase, LiveTask } from './live-task.ts'
import { LIVE_CHARS_MAX, type LiveTasks } from './live-tasks.ts'

/** Who waits for the end of a task to be on disk. */
interface Waiter {
  readonly resolve: (ended: EndedDurableTask) => void
  readonly reject: (refusal: ProtocolError) => void
}

/** What settling needs. */
export interface SettlementParts {
  readonly tasks: LiveTasks
  readonly journal: Journal
  readonly registry: Registry
  readonly clock: Clock
  readonly observe: Observe
  /** Takes a task back whose answer cannot be kept. */
  readonly release: (live: LiveTask, phase: HeldPhase) => void
  /** A session has room again. */
  readonly freed: (session: Session) => void
  /** The end is on disk. */
  readonly settled: (live: LiveTask, ended: EndedDurableTask) => void
}

const countAnswer = (ended: EndedDurableTask): number => (ended.state === 'completed' ? ended.response.length : 0)

/** Ends tasks: first in memory, so that nothing else happens to them, then on disk, and only then for all to see. */
export class Settlement {
  readonly #parts: SettlementParts
  readonly #waiters = new Map<string, Set<Waiter>>()
  #chars = 0

  constructor(parts: SettlementParts) {
    this.#parts = parts
  }

  /**
   * Ends a task for good. Nothing happens to one that is over.
   *
   * @throws {ProtocolError} `storage_unavailable` when too many answers wait for the disk; the task is delivered again
   */
  end(live: LiveTask, ended: EndedDurableTask): void {
    const { tasks, journal, registry, clock, freed } = this.#parts
    const { phase } = live
    if (phase.name === 'settling' || phase.name === 'settled') return
    this.#refuseWithoutRoom(live, phase.name === 'held' ? phase : undefined, ended)
    this.#chars += countAnswer(ended)
    const session = phase.name === 'held' ? registry.find(phase.holder) : undefined
    session?.held.delete(live.id)
    tasks.move(live, { name: 'settling', task: phase.task, ended }, clock.now())
    journal.write(live)
    if (session !== undefined) freed(session)
  }

  /** The end of a task is on disk: now it is told. */
  settle(live: LiveTask, ended: EndedDurableTask): void {
    this.#chars -= countAnswer(ended)
    this.#parts.tasks.remove(live)
    this.#parts.settled(live, ended)
    for (const waiter of this.#takeWaiters(live.id)) waiter.resolve(ended)
    this.#parts.observe({
      type: 'task.ended',
      taskId: ended.id,
      agent: ended.agent,
      state: ended.state,
      code: ended.state === 'completed' ? undefined : ended.code,
      tookMs: Math.max(0, ended.updatedAt - ended.createdAt),
    })
  }

  /**
   * Waits until the end of a task is on disk.
   *
   * @throws {ProtocolError} `storage_unavailable` when it cannot be written at the moment
   */
  wait(live: LiveTask): Promise<EndedDurableTask> {
    if (live.phase.name === 'settling' && this.#parts.journal.status === 'degraded') {
      return Promise.reject(toStorageRefusal(undefined))
    }
    return new Promise((resolve, reject) => {
      const waiters = this.#waiters.get(live.id) ?? new Set<Waiter>()
      this.#waiters.set(live.id, waiters.add({ resolve, reject }))
    })
  }

  /** Sends everybody away who waits. */
  refuseWaiters(refusal: ProtocolError): void {
    for (const taskId of [...this.#waiters.keys()]) {
      for (const waiter of this.#takeWaiters(taskId)) waiter.reject(refusal)
    }
  }

  #refuseWithoutRoom(live: LiveTask, phase: HeldPhase | undefined, ended: EndedDurableTask): void {
    const chars = countAnswer(ended)
    if (phase === undefined || chars === 0 || this.#chars + chars <= LIVE_CHARS_MAX) return
    this.#parts.release(live, phase)
    throw new ProtocolError(
      'storage_unavailable',
      'The answer cannot be kept at the moment; the task will be delivered again.',
      { requestId: live.id },
    )
  }

  #takeWaiters(taskId: string): Iterable<Waiter> {
    const waiters = this.#waiters.get(taskId) ?? []
    this.#waiters.delete(taskId)
    return waiters
  }
}
