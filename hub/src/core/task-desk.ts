import {
  type AgentFrame,
  type BroadcastRequest,
  ProtocolError,
  type TaskRequest,
  type TaskView,
  toMatchKey,
} from '@ai-comms/shared'
import { gatherBroadcast } from './broadcast.ts'
import { toCallView } from './call-view.ts'
import { Dispatch } from './dispatch.ts'
import type { Observe } from './events.ts'
import { Handover } from './handover.ts'
import type { Clock, TaskWatcher } from './ports.ts'
import { LEAVING_CODE, type Registry, type Session } from './registry.ts'
import { toNoAgent } from './router.ts'
import * as law from './task.ts'
import { type OpenTask, TaskBook } from './task-book.ts'

/** The bounds of tasks that an operator may set. */
export interface TaskSettings {
  readonly taskTimeoutMs: number
  /** 0 = none. */
  readonly broadcastCooldownMs: number
}

/** All that the desk needs. */
export interface TaskDeskParts {
  readonly registry: Registry
  readonly clock: Clock
  readonly observe: Observe
  readonly newId: () => string
  readonly settings: TaskSettings
  /** A session turned out to take nothing any more. */
  readonly lost: (session: Session) => void
  /** A session holds one task less. */
  readonly freed: (session: Session) => void
}

type FrameOf<Type extends AgentFrame['type']> = Extract<AgentFrame, { type: Type }>

type Phase =
  | { readonly name: 'open' }
  | { readonly name: 'draining'; readonly whenIdle: () => void }
  | { readonly name: 'closed' }

/** Where tasks are taken, answered and ended. */
export class TaskDesk {
  readonly #parts: TaskDeskParts
  /** What becomes of the tasks of sessions that are lost, replaced or back. */
  readonly handover: Handover
  readonly #book = new TaskBook()
  readonly #dispatch: Dispatch
  #phase: Phase = { name: 'open' }
  #broadcastAllowedAt = 0

  constructor(parts: TaskDeskParts) {
    this.#parts = parts
    const { observe } = parts
    this.#dispatch = new Dispatch({ ...parts, book: this.#book })
    const end = (ended: law.EndedTask) => this.#end(ended)
    this.handover = new Handover({ book: this.#book, dispatch: this.#dispatch, observe, end })
  }

  /** Tasks that are not over. */
  get count(): number {
    return this.#book.count
  }

  /**
   * Takes a task and hands it to an agent. The watcher hears its one end.
   * Delivery is at most once.
   *
   * @param traceparent the caller's trace context, passed on as it is (W3C Trace Context)
   * @returns the task's id, for {@link cancel}
   * @throws {ProtocolError} `hub_draining`, `agent_not_found`, `no_agent_with_skill`, `agent_busy`
   */
  submit(request: TaskRequest, watcher: TaskWatcher, traceparent?: string): string {
    this.#refuseUnlessOpen()
    const target: law.Target =
      request.agent === undefined
        ? { kind: 'skill', skill: request.skill ?? '', key: toMatchKey(request.skill ?? '') }
        : { kind: 'agent', name: request.agent, key: toMatchKey(request.agent) }
    const task = this.#newTask(target, request, traceparent)
    switch (this.#dispatch.place({ task, watcher }, task)) {
      case 'placed':
        return task.id
      case 'busy':
        throw new ProtocolError(
          'agent_busy',
          'Every agent that could take the task holds its limit of unanswered tasks.',
          {
            retryAfterMs: 1_000,
          },
        )
      case 'nobody':
        throw toNoAgent(this.#parts.registry, target)
    }
  }

  /**
   * Sends one message to every session as a task each and tells all ends at
   * once, in order of registration.
   *
   * @returns the ids of the tasks, for {@link cancel}
   * @throws {ProtocolError} `hub_draining`, or `rate_limited` during the cooldown
   */
  broadcast(request: BroadcastRequest, ended: (ends: readonly law.EndedTask[]) => void): string[] {
    this.#refuseUnlessOpen()
    const now = this.#parts.clock.now()
    const waitMs = this.#broadcastAllowedAt - now
    if (waitMs > 0) {
      throw new ProtocolError('rate_limited', `The next broadcast is allowed in ${Math.ceil(waitMs / 1_000)} s.`, {
        retryAfterMs: waitMs,
      })
    }
    this.#broadcastAllowedAt = now + this.#parts.settings.broadcastCooldownMs
    const sessions = [...this.#parts.registry.sessions()]
    const gathering = gatherBroadcast(sessions.length, ended)
    return sessions.map((session, place) => {
      const task = this.#newTask({ kind: 'session', sessionId: session.id, name: session.name }, request)
      const watcher = gathering.watch(place)
      const placed = this.#dispatch.place({ task, watcher }, task)
      if (placed === 'busy')
        watcher.ended(law.fail(task, 'agent_busy', 'The agent holds its limit of unanswered tasks.'))
      if (placed === 'nobody') watcher.ended(law.fail(task, 'agent_disconnected', 'The agent has just disconnected.'))
      return task.id
    })
  }

  /** A task of this desk as callers see it. */
  toView(task: law.Task): TaskView {
    return toCallView(task, this.#parts.clock)
  }

  /** Ends a task because its caller no longer wants it; the agent is told to stop. Nothing happens to a task that is over. */
  cancel(taskId: string, reason: string): void {
    const open = this.#book.find(taskId)
    if (open === undefined) return
    this.#dispatch.tellCancel(open.task, reason)
    this.#end(law.cancel(open.task, reason))
  }

  /** The work has begun. @throws {ProtocolError} `unknown_task`, `not_your_task` */
  accept(session: Session, { requestId }: FrameOf<'task-accepted'>): void {
    this.#begin(session, requestId)
  }

  /** The agent is still at it. @throws {ProtocolError} `unknown_task`, `not_your_task` */
  progress(session: Session, { requestId, message, percent }: FrameOf<'task-progress'>): void {
    this.#begin(session, requestId).watcher.progressed?.({ message, percent })
  }

  /** A piece of the answer. @throws {ProtocolError} `unknown_task`, `not_your_task` */
  stream(session: Session, { requestId, seq, text }: FrameOf<'task-delta'>): void {
    this.#begin(session, requestId).watcher.delta?.({ seq, text })
  }

  /** @throws {ProtocolError} `unknown_task`, `not_your_task`, `bad_response` (the task ends all the same) */
  answer(session: Session, { requestId, response }: FrameOf<'task-response'>): void {
    const { task } = this.#findHeld(session, requestId)
    if (response !== null) {
      this.#end(law.complete(task, response))
      return
    }
    this.#end(law.fail(task, 'bad_response', 'The agent answered with something that is no string.'))
    throw new ProtocolError('bad_response', 'response must be a string.', { requestId })
  }

  /** @throws {ProtocolError} `unknown_task`, `not_your_task`, or `bad_request` without a readable reason (the task ends all the same) */
  fail(session: Session, { requestId, error, code }: FrameOf<'task-error'>): void {
    const { task } = this.#findHeld(session, requestId)
    if (code === LEAVING_CODE) session.isLeaving = true
    const reason = error ?? 'The agent failed and gave no reason.'
    this.#end(code === 'rejected' ? law.reject(task, reason) : law.fail(task, 'agent_error', reason))
    if (error === null) throw new ProtocolError('bad_request', 'error must be a string.', { requestId })
  }

  /** Ends what is past its deadline. */
  sweep(now: number): void {
    for (const { task } of this.#book.takeOverdue(now)) {
      this.#dispatch.tellCancel(task, 'The deadline has passed.')
      this.#end(law.fail(task, 'task_timeout', 'The agent did not answer in time.'))
    }
  }

  /** Takes nothing new from now on, and calls `whenIdle` once no task is left. */
  startDrain(whenIdle: () => void): void {
    this.#phase = { name: 'draining', whenIdle }
    if (this.#book.count === 0) whenIdle()
  }

  /** Ends what is still open. */
  close(): void {
    this.#phase = { name: 'closed' }
    for (const { task } of this.#book.all()) {
      this.#dispatch.tellCancel(task, 'The hub is shutting down.')
      this.#end(law.fail(task, 'hub_draining', 'The hub shut down before the agent answered.'))
    }
  }

  #refuseUnlessOpen(): void {
    if (this.#phase.name === 'open') return
    throw new ProtocolError('hub_draining', 'The hub is shutting down; try again soon.', { retryAfterMs: 5_000 })
  }

  #newTask(
    target: law.Target,
    request: BroadcastRequest & Partial<TaskRequest>,
    traceparent?: string,
  ): law.SubmittedTask {
    const createdAt = this.#parts.clock.now()
    return law.submit({
      id: this.#parts.newId(),
      target,
      message: request.message,
      sender: request.sender,
      conversationId: request.conversationId,
      hops: request.hops ?? 0,
      traceparent,
      createdAt,
      deadlineAt: createdAt + (request.timeoutMs ?? this.#parts.settings.taskTimeoutMs),
    })
  }

  #findHeld(session: Session, taskId: string): { readonly open: OpenTask; readonly task: law.WorkingTask } {
    const open = this.#book.find(taskId)
    if (open === undefined) {
      throw new ProtocolError('unknown_task', 'No such task, or it is over already.', { requestId: taskId })
    }
    const { task } = open
    if (task.state !== 'working' || task.holder !== session.id) {
      throw new ProtocolError('not_your_task', 'Another session holds this task.', { requestId: taskId })
    }
    return { open, task }
  }

  #begin(session: Session, taskId: string): OpenTask {
    const { open, task } = this.#findHeld(session, taskId)
    open.task = law.accept(task, this.#parts.clock.now())
    return open
  }

  #end(ended: law.EndedTask): void {
    const open = this.#book.take(ended)
    if (open === undefined) return
    const { task, watcher } = open
    const session = task.state === 'working' ? this.#parts.registry.find(task.holder) : undefined
    session?.held.delete(ended.id)
    watcher.ended(ended)
    this.#parts.observe({
      type: 'task.ended',
      taskId: ended.id,
      agent: ended.agent,
      state: ended.state,
      code: ended.state === 'completed' ? undefined : ended.code,
      tookMs: this.#parts.clock.now() - ended.createdAt,
    })
    if (session !== undefined) this.#parts.freed(session)
    if (this.#phase.name === 'draining' && this.#book.count === 0) this.#phase.whenIdle()
  }
}
