import { type AgentFrame, ProtocolError, toMatchKey } from '@ai-comms/shared'
import { readEpochMs } from '../epoch.ts'
import type { Clock } from '../ports.ts'
import { LEAVING_CODE, type Session, toReturnKey } from '../registry.ts'
import type { Delivery } from './delivery.ts'
import * as law from './durable-task.ts'
import type { HeldPhase, LiveTask } from './live-task.ts'
import type { LiveTasks } from './live-tasks.ts'

type FrameOf<Type extends AgentFrame['type']> = Extract<AgentFrame, { type: Type }>

/** What the agents' side needs. */
export interface AgentSideParts {
  readonly tasks: LiveTasks
  readonly delivery: Delivery
  readonly clock: Clock
  readonly isOpen: () => boolean
  /** Ends a task for good. @throws {ProtocolError} `storage_unavailable` when the end cannot be kept at the moment */
  readonly end: (live: LiveTask, ended: law.EndedDurableTask) => void
  readonly tell: (live: LiveTask, event: ProgressEvent | DeltaEvent) => void
}

/** A sign of life of a task. */
export interface ProgressEvent {
  readonly event: 'progress'
  readonly data: { message?: string; percent?: number }
}

/** A piece of an answer. */
export interface DeltaEvent {
  readonly event: 'delta'
  readonly data: { seq: number; text: string }
}

/** What agents say about durable tasks, and what becomes of them as sessions come and go. */
export class AgentSide {
  readonly #parts: AgentSideParts

  constructor(parts: AgentSideParts) {
    this.#parts = parts
  }

  /** Whether a task is known here, so that what agents say about it is for this desk. */
  has(taskId: string): boolean {
    return this.#parts.tasks.find(taskId) !== undefined
  }

  /** The work has begun. @throws {ProtocolError} `unknown_task`, `not_your_task` */
  accept(session: Session, { requestId }: FrameOf<'task-accepted'>): void {
    this.#begin(session, requestId)
  }

  /** The agent is still at it. @throws {ProtocolError} `unknown_task`, `not_your_task` */
  progress(session: Session, { requestId, message, percent }: FrameOf<'task-progress'>): void {
    const live = this.#begin(session, requestId)
    const data = { ...(message === undefined ? {} : { message }), ...(percent === undefined ? {} : { percent }) }
    this.#parts.tell(live, { event: 'progress', data })
  }

  /** A piece of the answer. @throws {ProtocolError} `unknown_task`, `not_your_task` */
  stream(session: Session, { requestId, seq, text }: FrameOf<'task-delta'>): void {
    this.#parts.tell(this.#begin(session, requestId), { event: 'delta', data: { seq, text } })
  }

  /** @throws {ProtocolError} `unknown_task`, `not_your_task`, `bad_response` (the task ends all the same), `storage_unavailable` */
  answer(session: Session, { requestId, response }: FrameOf<'task-response'>): void {
    const { live, phase } = this.#findHeld(session, requestId)
    if (response !== null) {
      this.#parts.end(live, law.complete(phase.task, response, readEpochMs(this.#parts.clock)))
      return
    }
    const reason = 'The agent answered with something that is no string.'
    this.#parts.end(live, law.fail(phase.task, 'bad_response', reason, readEpochMs(this.#parts.clock)))
    throw new ProtocolError('bad_response', 'response must be a string.', { requestId })
  }

  /**
   * The agent could not do it. What may succeed later is delivered again;
   * everything else ends.
   *
   * @throws {ProtocolError} `unknown_task`, `not_your_task`, `storage_unavailable`, or `bad_request` without a readable
   *   reason (the task ends all the same)
   */
  fail(session: Session, { requestId, error, code, retryable }: FrameOf<'task-error'>): void {
    const { live, phase } = this.#findHeld(session, requestId)
    const reason = error ?? 'The agent failed and gave no reason.'
    if (code === 'rejected') this.#parts.end(live, law.reject(phase.task, reason, readEpochMs(this.#parts.clock)))
    else if (retryable !== true)
      this.#parts.end(live, law.fail(phase.task, 'agent_error', reason, readEpochMs(this.#parts.clock)))
    else {
      if (code === LEAVING_CODE) session.isLeaving = true
      this.#parts.delivery.release(live, phase, false)
    }
    if (error === null) throw new ProtocolError('bad_request', 'error must be a string.', { requestId })
  }

  /** A session is here: it gets back what its instance had, then what waits for its name and skills. */
  sessionOpened(session: Session): void {
    const { tasks, delivery, clock } = this.#parts
    const returnKey = toReturnKey(session)
    if (returnKey !== undefined && this.#parts.isOpen()) {
      for (const live of tasks.findClaimed(returnKey, clock.now())) if (!delivery.giveBack(live, session)) return
    }
    delivery.serve(session)
  }

  /**
   * A session is gone. While the hub drains its tasks stay on disk as they
   * are: the next start of the hub finds them in its hands.
   */
  sessionClosed(session: Session, mayReturn: boolean): void {
    const { tasks, delivery, isOpen } = this.#parts
    const held = [...session.held].flatMap((id) => tasks.find(id) ?? [])
    for (const live of held.sort((one, other) => one.order - other.order)) {
      const { phase } = live
      if (phase.name !== 'held' || phase.holder !== session.id) continue
      if (isOpen()) delivery.release(live, phase, mayReturn)
      else delivery.leaveBehind(live, phase)
    }
  }

  #begin(session: Session, taskId: string): LiveTask {
    const { live, phase } = this.#findHeld(session, taskId)
    this.#parts.delivery.acknowledge(live, phase)
    return live
  }

  #findHeld(session: Session, taskId: string): { readonly live: LiveTask; readonly phase: HeldPhase } {
    const live = this.#parts.tasks.find(taskId)
    if (live === undefined || live.phase.name === 'settling' || live.phase.name === 'settled') {
      throw new ProtocolError('unknown_task', 'No such task, or it is over already.', { requestId: taskId })
    }
    if (live.phase.name === 'waiting' && this.#hadIt(session, live.phase.task)) {
      this.#parts.delivery.recognize(live, session)
    }
    const { phase } = live
    if (phase.name !== 'held' || phase.holder !== session.id) {
      throw new ProtocolError('not_your_task', 'Another session holds this task.', { requestId: taskId })
    }
    return { live, phase }
  }

  /** Whether the task was in the hands of this session's agent last, by name. */
  #hadIt(session: Session, { agent }: law.WaitingDurableTask): boolean {
    return agent !== undefined && toMatchKey(agent) === session.nameKey
  }
}
