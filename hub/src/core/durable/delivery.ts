import { LIMITS } from '@ai-comms/shared'
import { readEpochMs } from '../epoch.ts'
import type { Observe } from '../events.ts'
import type { Clock } from '../ports.ts'
import { type Registry, type Session, toReturnKey } from '../registry.ts'
import { chooseSession } from '../router.ts'
import { toTaskFrame } from '../task-frame.ts'
import * as law from './durable-task.ts'
import type { HeldPhase, LiveTask } from './live-task.ts'
import type { LiveTasks } from './live-tasks.ts'
import { toBoxKey } from './mailboxes.ts'
import { findOverdueEnd } from './overdue.ts'

/** What delivery needs. */
export interface DeliveryParts {
  readonly registry: Registry
  readonly tasks: LiveTasks
  readonly clock: Clock
  readonly observe: Observe
  /** False while nothing new may be handed out. */
  readonly isOpen: () => boolean
  /** A task is in other hands, or in none. */
  readonly changed: (live: LiveTask) => void
  /** Ends a task for good. */
  readonly end: (live: LiveTask, ended: law.EndedDurableTask) => void
  /** One task less is in hands, while the hub drains. */
  readonly leftBehind: () => void
  /** A session turned out to take nothing any more. */
  readonly lost: (session: Session) => void
}

const hasPlace = (session: Session): boolean => !session.isLeaving && session.held.size < session.maxConcurrency

/** Hands durable tasks to sessions and takes them back. */
export class Delivery {
  readonly #parts: DeliveryParts
  /** Sessions that have places and read too slowly to be handed more. */
  readonly #backlogged = new Set<Session>()

  constructor(parts: DeliveryParts) {
    this.#parts = parts
  }

  /** Hands out what waits for this session's name and skills, the earliest first, as long as somebody has room. */
  serve(session: Session): void {
    const { mailboxes } = this.#parts.tasks
    if (mailboxes.count === 0) return
    const boxKeys = new Set([
      toBoxKey({ kind: 'agent', key: session.nameKey }),
      ...[...session.skillKeys].map((key) => toBoxKey({ kind: 'skill', key })),
    ])
    while (boxKeys.size > 0) {
      let earliest: { readonly boxKey: string; readonly live: LiveTask } | undefined
      for (const boxKey of boxKeys) {
        const live = mailboxes.findFirst(boxKey)
        if (live === undefined) boxKeys.delete(boxKey)
        else if (earliest === undefined || live.order < earliest.live.order) earliest = { boxKey, live }
      }
      if (earliest !== undefined && !this.place(earliest.live)) boxKeys.delete(earliest.boxKey)
    }
  }

  /** Hands out the first tasks of a mailbox as long as somebody has room. */
  serveBox(boxKey: string): void {
    const { mailboxes } = this.#parts.tasks
    for (;;) {
      const first = mailboxes.findFirst(boxKey)
      if (first === undefined || !this.place(first)) return
    }
  }

  /** Sessions that have caught up with what was written to them since they were passed over. */
  takeCaughtUp(): Session[] {
    const caughtUp: Session[] = []
    for (const session of this.#backlogged) {
      if (session.transport.isBacklogged && this.#parts.registry.find(session.id) === session) continue
      this.#backlogged.delete(session)
      if (!session.transport.isBacklogged) caughtUp.push(session)
    }
    return caughtUp
  }

  /** Hands a waiting task to a session with room; false when it has to go on waiting. */
  place(live: LiveTask): boolean {
    const { phase } = live
    if (phase.name !== 'waiting' || !this.#parts.isOpen()) return false
    const end =
      findOverdueEnd(live, this.#parts.clock.now(), readEpochMs(this.#parts.clock)) ??
      this.#findUndeliverableEnd(phase.task)
    if (end !== undefined) {
      this.#parts.end(live, end)
      return true
    }
    for (;;) {
      const session = this.#findSession(phase.task.target)
      if (session === undefined) return false
      const receiver = { agent: session.name, instanceKey: toReturnKey(session) }
      const working = law.deliver(phase.task, receiver, readEpochMs(this.#parts.clock))
      if (this.#hand(live, working, session)) {
        if (phase.lastHolder !== session.id) this.#stop(phase.lastHolder, live.id, 'The task went to another session.')
        return true
      }
      this.#parts.lost(session)
      // The loss may have changed this very task
      if (live.phase !== phase) return true
    }
  }

  /** Gives a task back to the session or instance that had it before: no new delivery. False when it takes nothing now. */
  giveBack(live: LiveTask, session: Session): boolean {
    const { phase } = live
    if (phase.name !== 'waiting' || this.#isBacklogged(session)) return false
    const receiver = { agent: session.name, instanceKey: toReturnKey(session) }
    return this.#hand(live, law.resume(phase.task, receiver, readEpochMs(this.#parts.clock)), session)
  }

  /** An agent speaks up for a task that was taken from it and that nobody has: it is its again, and has begun. */
  recognize(live: LiveTask, session: Session): void {
    const { phase } = live
    if (phase.name !== 'waiting') return
    const receiver = { agent: session.name, instanceKey: toReturnKey(session) }
    const working = law.resume(phase.task, receiver, readEpochMs(this.#parts.clock))
    this.#hold(live, working, session, Number.POSITIVE_INFINITY)
  }

  /** The agent has said that it has the task. */
  acknowledge(live: LiveTask, phase: HeldPhase): void {
    if (phase.ackBy === Number.POSITIVE_INFINITY) return
    this.#parts.tasks.move(live, { ...phase, ackBy: Number.POSITIVE_INFINITY }, this.#parts.clock.now())
  }

  /**
   * Takes a task out of a session's hands; after a wait it is delivered again.
   *
   * @param mayReturn whether the session's instance is waited for: what it has begun is not given to others meanwhile
   */
  release(live: LiveTask, phase: HeldPhase, mayReturn: boolean): void {
    const { clock, tasks, observe, registry, changed } = this.#parts
    const now = clock.now()
    const { task } = phase
    const holder = registry.find(phase.holder)
    holder?.held.delete(live.id)
    const isLast = task.attempts >= LIMITS.ATTEMPTS_MAX
    const backoffMs = isLast ? 0 : (LIMITS.REDELIVERY_BACKOFF_MS[task.attempts - 1] ?? 0)
    const hasBegun = phase.ackBy === Number.POSITIVE_INFINITY
    const graceMs = mayReturn && (hasBegun || isLast) ? LIMITS.GRACE_MS : 0
    const waiting = law.release(task, readEpochMs(this.#parts.clock))
    const notBefore = now + Math.max(backoffMs, graceMs)
    const claimUntil = mayReturn ? now + LIMITS.GRACE_MS : 0
    tasks.move(live, { name: 'waiting', task: waiting, notBefore, claimUntil, lastHolder: phase.holder }, now)
    observe({ type: 'task.released', taskId: live.id, agent: task.agent })
    changed(live)
    // Without a wait it is not found by time
    if (notBefore <= now) this.place(live)
    // A task that its agent does not get done must not keep those behind it from getting its place
    if (holder !== undefined) this.serve(holder)
  }

  /** Nobody is at work on the task any more, and nobody will be before the next start of the hub, which reads it from disk. */
  leaveBehind(live: LiveTask, phase: HeldPhase): void {
    const never = Number.POSITIVE_INFINITY
    const task = law.release(phase.task, readEpochMs(this.#parts.clock))
    const left = { name: 'waiting', task, notBefore: never, claimUntil: 0, lastHolder: undefined } as const
    this.#parts.tasks.move(live, left, this.#parts.clock.now())
    this.#parts.leftBehind()
  }

  /** Tells whoever has the task, or had it last, to stop. */
  tellCancel(live: LiveTask, reason: string): void {
    const { phase } = live
    if (phase.name === 'held') this.#stop(phase.holder, live.id, reason)
    if (phase.name === 'waiting') this.#stop(phase.lastHolder, live.id, reason)
  }

  /**
   * The session that should get a task. One with all its places taken gets
   * none: a mailbox keeps better than an agent's queue, and a replica that
   * comes later can help. Nor does one that has much to read: it would be cut
   * off for our own haste.
   */
  #findSession(target: law.DurableTarget): Session | undefined {
    const { registry, clock } = this.#parts
    const all = target.kind === 'agent' ? registry.findByName(target.key) : registry.findBySkill(target.key)
    const choice = chooseSession(all, clock.now())
    if (choice.kind !== 'session') return undefined
    if (!this.#isBacklogged(choice.session)) return hasPlace(choice.session) ? choice.session : undefined
    const other = chooseSession(
      all.filter((session) => !this.#isBacklogged(session)),
      clock.now(),
    )
    return other.kind === 'session' && hasPlace(other.session) ? other.session : undefined
  }

  #isBacklogged(session: Session): boolean {
    if (!session.transport.isBacklogged) return false
    this.#backlogged.add(session)
    return true
  }

  #hand(live: LiveTask, working: law.WorkingDurableTask, session: Session): boolean {
    const { clock, observe } = this.#parts
    const now = clock.now()
    const workUntil = this.#findWorkEnd(live, now)
    if (session.transport.send(toTaskFrame(working, session, clock.toEpochMs(workUntil))) !== 'sent') return false
    this.#hold(live, working, session, session.level === 1 ? Number.POSITIVE_INFINITY : now + LIMITS.ACK_WAIT_MS)
    observe({ type: 'task.dispatched', taskId: live.id, agent: session.name, attempt: working.attempts })
    return true
  }

  #hold(live: LiveTask, working: law.WorkingDurableTask, session: Session, ackBy: number): void {
    const now = this.#parts.clock.now()
    const workUntil = this.#findWorkEnd(live, now)
    this.#parts.tasks.move(live, { name: 'held', task: working, holder: session.id, ackBy, workUntil }, now)
    session.held.add(live.id)
    this.#parts.changed(live)
  }

  /** Without a time of its caller, a task that begins late still gets the longest time that a caller could ask for. */
  #findWorkEnd({ timeoutAt, expiresAt }: LiveTask, now: number): number {
    return Number.isFinite(timeoutAt) ? timeoutAt : Math.max(expiresAt, now + LIMITS.TIMEOUT_MS_MAX)
  }

  #stop(sessionId: string | undefined, taskId: string, reason: string): void {
    const session = sessionId === undefined ? undefined : this.#parts.registry.find(sessionId)
    if (session?.level === 2) session.transport.send({ type: 'task-cancel', requestId: taskId, reason })
  }

  #findUndeliverableEnd(task: law.WaitingDurableTask): law.UnansweredDurableTask | undefined {
    if (task.attempts < LIMITS.ATTEMPTS_MAX) return undefined
    const sentence = `The task was delivered ${task.attempts} times and never answered.`
    return law.fail(task, 'undeliverable', sentence, readEpochMs(this.#parts.clock))
  }
}
