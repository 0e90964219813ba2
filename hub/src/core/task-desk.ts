import { type AgentFrame, type BroadcastRequest, ProtocolError, type TaskRequest, toMatchKey } from '@ai-comms/shared'
import { gatherBroadcast } from './broadcast.ts'
import type { Observe } from './events.ts'
import type { Clock, TaskFrame, TaskWatcher } from './ports.ts'
import type { Registry, Session } from './registry.ts'
import { route, toNoAgent } from './router.ts'
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
}

type FrameOf<Type extends AgentFrame['type']> = Extract<AgentFrame, { type: Type }>

type Phase =
  | { readonly name: 'open' }
  | { readonly name: 'draining'; readonly whenIdle: () => void }
  | { readonly name: 'closed' }

/** Where tasks are taken, handed out, answered, taken back and ended. */
export class TaskDesk {
  readonly #parts: TaskDeskParts
  readonly #book = new TaskBook()
  #phase: Phase = { name: 'open' }
  #broadcastAllowedAt = 0

  constructor(parts: TaskDeskParts) {
    this.#parts = parts
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
    switch (this.#place({ task, watcher }, task)) {
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
      const placed = this.#place({ task, watcher }, task)
      if (placed === 'busy')
        watcher.ended(law.fail(task, 'agent_busy', 'The agent holds its limit of unanswered tasks.'))
      if (placed === 'nobody') watcher.ended(law.fail(task, 'agent_disconnected', 'The agent has just disconnected.'))
      return task.id
    })
  }

  /** Ends a task because its caller no longer wants it; the agent is told to stop. Nothing happens to a task that is over. */
  cancel(taskId: string, reason: string): void {
    const open = this.#book.find(taskId)
    if (open === undefined) return
    this.#tellCancel(open.task, reason)
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
    const reason = error ?? 'The agent failed and gave no reason.'
    this.#end(code === 'rejected' ? law.reject(task, reason) : law.fail(task, 'agent_error', reason))
    if (error === null) throw new ProtocolError('bad_request', 'error must be a string.', { requestId })
  }

  /**
   * Decides what becomes of the tasks of a session that is gone: what it had
   * not begun goes to another session of its target; the rest waits for the
   * same instance if that may return, else it ends at once.
   */
  releaseAll(session: Session, mayReturn: boolean): void {
    for (const { open, task } of this.#heldBy(session)) {
      const unbegun = session.level === 2 && task.acceptedAt === null
      if (unbegun && this.#place(open, law.release(task)) === 'placed') {
        session.held.delete(task.id)
        this.#parts.observe({ type: 'task.released', taskId: task.id, agent: session.name })
      } else if (!mayReturn) {
        this.#endLost(task)
      } else if (unbegun) {
        this.#book.orphan(task)
      }
    }
  }

  /** Ends the tasks of a lost session whose instance has not come back in time. */
  giveUp(session: Session): void {
    for (const { task } of this.#heldBy(session)) this.#endLost(task)
  }

  /**
   * Gives a lost or replaced session's tasks to the session of the same
   * instance. They are sent again, since the agent may have lost them; it
   * deduplicates by `requestId`, and this is no new attempt.
   */
  inherit(from: Session, to: Session): void {
    for (const { open, task } of this.#heldBy(from)) {
      if (from.level === 1) {
        this.#endLost(task)
        continue
      }
      this.#book.claim(task.id, task.target)
      const adopted = law.adopt(task, to.id)
      open.task = adopted
      to.held.add(task.id)
      to.transport.send(this.#toFrame(adopted, to))
    }
    from.held.clear()
  }

  /** Hands the orphaned tasks that a new session may take to it. */
  placeOrphans(session: Session): void {
    for (const open of this.#book.findOrphans(session.nameKey, session.skillKeys)) {
      if (open.task.state === 'working') this.#place(open, law.release(open.task))
    }
  }

  /** Ends what is past its deadline. */
  sweep(now: number): void {
    for (const { task } of this.#book.takeOverdue(now)) {
      this.#tellCancel(task, 'The deadline has passed.')
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
    for (const { task } of [...this.#book.all()]) {
      this.#tellCancel(task, 'The hub is shutting down.')
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

  /** Hands a task that nobody holds to a session of its target. */
  #place(open: OpenTask, task: law.SubmittedTask): 'placed' | 'busy' | 'nobody' {
    const { registry, clock, observe, lost } = this.#parts
    for (;;) {
      const choice = route(registry, task.target, clock.now())
      if (choice.kind !== 'session') return choice.kind
      const { session } = choice
      const working = law.dispatch(task, session.id, session.name)
      if (session.transport.send(this.#toFrame(working, session)) === 'sent') {
        open.task = working
        session.held.add(task.id)
        this.#book.put(open)
        observe({ type: 'task.dispatched', taskId: task.id, agent: session.name, attempt: working.attempts })
        return 'placed'
      }
      lost(session)
    }
  }

  #toFrame(task: law.WorkingTask, session: Session): TaskFrame {
    const { id: requestId, message, sender } = task
    if (session.level === 1) return { type: 'task', requestId, message, sender }
    return {
      type: 'task',
      requestId,
      message,
      sender,
      deadline: new Date(this.#parts.clock.toEpochMs(task.deadlineAt)).toISOString(),
      attempt: task.attempts,
      hops: task.hops,
      ...(task.conversationId === undefined ? {} : { conversationId: task.conversationId }),
      ...(task.traceparent === undefined ? {} : { traceparent: task.traceparent }),
    }
  }

  /** The tasks that this session holds, in the order in which they were submitted. */
  #heldBy(session: Session): { readonly open: OpenTask; readonly task: law.WorkingTask }[] {
    return [...session.held]
      .flatMap((id) => {
        const open = this.#book.find(id)
        return open?.task.state === 'working' && open.task.holder === session.id ? [{ open, task: open.task }] : []
      })
      .sort((one, other) => one.task.createdAt - other.task.createdAt)
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

  #tellCancel(task: law.LiveTask, reason: string): void {
    const holder = task.state === 'working' ? this.#parts.registry.find(task.holder) : undefined
    if (holder?.level === 2) holder.transport.send({ type: 'task-cancel', requestId: task.id, reason })
  }

  #endLost(task: law.WorkingTask): void {
    this.#end(law.fail(task, 'agent_disconnected', `The agent "${task.agent}" disconnected before it answered.`))
  }

  #end(ended: law.EndedTask): void {
    const open = this.#book.take(ended)
    if (open === undefined) return
    const { task, watcher } = open
    if (task.state === 'working') this.#parts.registry.find(task.holder)?.held.delete(ended.id)
    watcher.ended(ended)
    this.#parts.observe({
      type: 'task.ended',
      taskId: ended.id,
      agent: ended.agent,
      state: ended.state,
      code: ended.state === 'completed' ? undefined : ended.code,
      tookMs: this.#parts.clock.now() - ended.createdAt,
    })
    if (this.#phase.name === 'draining' && this.#book.count === 0) this.#phase.whenIdle()
  }
}
