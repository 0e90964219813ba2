import {
  type AgentFrame,
  type AgentView,
  LIMITS,
  ProtocolError,
  type RegisterFrame,
  toMatchKey,
} from '@ai-comms/shared'
import { toAgentView } from './agent-view.ts'
import { Attendance } from './attendance.ts'
import type { AgentSide } from './durable/agent-side.ts'
import { DurableDesk, type DurableSettings } from './durable/durable-desk.ts'
import type { TaskStore } from './durable/task-store.ts'
import type { Observe } from './events.ts'
import { type CredentialEnd, explainEnd, type Grant } from './grant.ts'
import type { Clock, Presence, Transport } from './ports.ts'
import { type BucketRate, fillBucket, takeToken } from './quota.ts'
import { findGone } from './reaper.ts'
import { Registry, type Session } from './registry.ts'
import { chooseSession, toNoAgent } from './router.ts'
import { TaskDesk, type TaskSettings } from './task-desk.ts'

/** The bounds that an operator may set. */
export interface HubSettings extends TaskSettings, DurableSettings {
  readonly maxAgents: number
  readonly maxPayloadBytes: number
  /** 0 = without a limit. */
  readonly maxFramesPerS: number
}

/** All that the hall asks of the world. */
export interface HubParts {
  readonly clock: Clock
  readonly presence: Presence
  readonly store: TaskStore
  readonly observe: Observe
  /** A new id that nobody can guess. */
  readonly newId: () => string
  readonly settings: HubSettings
}

/** Frames are averaged over this time before a session counts as flooding, in seconds. */
const FRAME_WINDOW_S = 5

/** The hall: sessions come and go here, messages pass, and the desk keeps the tasks. */
export class Hub {
  /** Tasks whose callers stay on the line. */
  readonly tasks: TaskDesk
  /** Tasks that are kept on disk. */
  readonly durable: DurableDesk
  readonly #parts: HubParts
  readonly #registry = new Registry()
  readonly #frameRate: BucketRate
  readonly #attendance: Attendance
  #isDraining = false

  constructor(parts: HubParts) {
    this.#parts = parts
    const perSecond = parts.settings.maxFramesPerS
    this.#frameRate = { capacity: perSecond * FRAME_WINDOW_S, perSecond }
    const lost = (session: Session) => this.closeSession(session)
    this.durable = new DurableDesk({ ...parts, registry: this.#registry, lost })
    this.#attendance = new Attendance({ ...parts, registry: this.#registry, reap: lost })
    const freed = (session: Session) => this.durable.serve(session)
    this.tasks = new TaskDesk({ ...parts, registry: this.#registry, lost, freed })
  }

  /** The desk that a task's frames are for. */
  deskOf(taskId: string): TaskDesk | AgentSide {
    return this.durable.agents.has(taskId) ? this.durable.agents : this.tasks
  }

  get isDraining(): boolean {
    return this.#isDraining
  }

  get sessionCount(): number {
    return this.#registry.count
  }

  /**
   * Registers an agent whose credential was checked. The same name and
   * instance replaces its older session and keeps its tasks.
   *
   * @throws {ProtocolError} `hub_draining`, or `hub_full`
   */
  openSession(register: RegisterFrame, transport: Transport, grant: Grant): Session {
    const { clock, presence, observe, newId, settings } = this.#parts
    if (this.#isDraining) throw new ProtocolError('hub_draining', 'The hub is shutting down; reconnect soon.')
    const older = this.#registry.findInstance(register)
    if (older === undefined && this.#registry.count >= settings.maxAgents) {
      throw new ProtocolError('hub_full', `The hub is full; it takes ${settings.maxAgents} agents.`)
    }
    if (older !== undefined) {
      this.#registry.remove(older)
      presence.leave(older.transport)
      older.transport.close('replaced')
      this.durable.agents.sessionClosed(older, true)
    }
    const now = clock.now()
    const frames = fillBucket(this.#frameRate, now)
    const session = this.#registry.add(register, { id: newId(), transport, grant, frames, now })
    const lost = older ?? this.#registry.takeDeparture(session)
    this.#welcome(session)
    if (lost === undefined) this.#announceJoined(session)
    presence.join(transport)
    observe({ type: 'session.opened', sessionId: session.id, agent: session.name, level: session.level })
    if (older !== undefined) {
      observe({ type: 'session.replaced', sessionId: older.id, agent: older.name, by: session.id })
    }
    if (lost !== undefined) this.tasks.handover.inherit(lost, session)
    this.tasks.handover.placeOrphans(session)
    this.durable.agents.sessionOpened(session)
    return session
  }

  /** Ends a session whose socket is gone. A late call for a session that was replaced changes nothing. */
  closeSession(session: Session, isWaitedFor = this.#registry.mayReturn(session)): void {
    if (!this.#registry.remove(session)) return
    const { clock, presence, observe } = this.#parts
    presence.leave(session.transport)
    observe({ type: 'session.closed', sessionId: session.id, agent: session.name, heldTasks: session.held.size })
    const mayReturn = isWaitedFor && !this.#isDraining
    this.tasks.handover.release(session, mayReturn)
    this.durable.agents.sessionClosed(session, mayReturn)
    if (!mayReturn) {
      this.#announceLeft(session)
      return
    }
    const forgotten = this.#registry.depart(session, clock.now() + LIMITS.GRACE_MS)
    if (forgotten !== undefined) this.#forget(forgotten)
  }

  /** Ends the sessions whose credential has ended and tells them why; nobody waits for their return. */
  endSessions(findEnd: (grant: Grant) => CredentialEnd | undefined): void {
    for (const session of [...this.#registry.sessions()]) {
      const why = findEnd(session.grant)
      if (why === undefined) continue
      const { id: sessionId, name: agent, grant, transport } = session
      this.#parts.observe({ type: 'session.credential-ended', sessionId, agent, jti: grant.id, why })
      transport.send({ type: 'error', error: explainEnd(why), code: 'unauthorized' })
      transport.close('unauthorized')
      this.closeSession(session, false)
    }
  }

  /** Counts an inbound frame as life; false when the session sends more than it may. */
  noteFrame(session: Session): boolean {
    const now = this.#parts.clock.now()
    session.lastSeenAt = now
    if (takeToken(session.frames, this.#frameRate, now)) return true
    this.#parts.observe({ type: 'session.flooding', sessionId: session.id, agent: session.name })
    return false
  }

  /** Counts a WebSocket ping or pong as life. */
  notePulse(session: Session): void {
    session.lastSeenAt = this.#parts.clock.now()
  }

  /**
   * Carries a direct message to another agent, at most once.
   *
   * @throws {ProtocolError} `agent_not_found`, `agent_disconnected`, `loop_detected`
   */
  relayMessage(session: Session, { target, message, hops }: Extract<AgentFrame, { type: 'agent-message' }>): void {
    if (hops !== undefined && hops > LIMITS.HOPS_MAX) {
      throw new ProtocolError('loop_detected', `The message was passed on more than ${LIMITS.HOPS_MAX} times.`)
    }
    const key = toMatchKey(target)
    const receivers = this.#registry.findByName(key)
    const choice = chooseSession(receivers, this.#parts.clock.now())
    // A session full of tasks can still hear a message
    const receiver = choice.kind === 'session' ? choice.session : receivers.at(-1)
    if (receiver === undefined) throw toNoAgent(this.#registry, { kind: 'agent', name: target, key })
    if (receiver.transport.send({ type: 'agent-message', from: session.name, message }) === 'offline') {
      throw new ProtocolError('agent_disconnected', 'The agent is disconnecting; the message was not delivered.')
    }
    this.#parts.observe({ type: 'message.relayed', from: session.id, target: receiver.id })
  }

  /** Everybody who is here, in order of registration, as callers see it. */
  listAgents(): AgentView[] {
    return Array.from(this.#registry.sessions(), (session) => toAgentView(session, this.#parts.clock))
  }

  /** One pass over what is overdue: deadlines, graces, pings, silent sessions. */
  sweep(): void {
    const now = this.#parts.clock.now()
    this.tasks.sweep(now)
    this.durable.sweep(now)
    for (const session of findGone(this.#registry.departures(), now)) {
      this.#registry.takeDeparture(session)
      this.#forget(session)
    }
    this.#attendance.sweep(now)
  }

  /** Takes nothing new from now on, tells the agents, and calls `whenIdle` once nobody is at work. */
  startDrain(whenIdle: () => void): void {
    this.#isDraining = true
    this.#parts.observe({ type: 'hub.draining', tasks: this.tasks.count, sessions: this.#registry.count })
    this.#parts.presence.announce({ type: 'event', event: 'hub-shutdown' })
    this.#parts.presence.flush()
    let busyDesks = 2
    const idle = () => {
      busyDesks -= 1
      if (busyDesks === 0) whenIdle()
    }
    this.tasks.startDrain(idle)
    this.durable.startDrain(idle)
  }

  /** Ends what is still open and says goodbye to every agent. */
  finishDrain(): void {
    this.tasks.close()
    this.durable.finishDrain()
    for (const session of [...this.#registry.sessions()]) session.transport.close('goingAway')
  }

  #welcome(session: Session): void {
    session.transport.send({
      type: 'registered',
      agentId: session.id,
      message: `Welcome, ${session.name}. ${this.#registry.count} agent(s) online.`,
      protocol: 2,
      heartbeatMs: LIMITS.HEARTBEAT_MS,
      limits: { maxPayload: this.#parts.settings.maxPayloadBytes, maxInFlight: LIMITS.IN_FLIGHT_MAX },
    })
  }

  #announceJoined({ name, workspace, skills }: Session): void {
    this.#parts.presence.announce({ type: 'event', event: 'agent-joined', name, workspace, skills: [...skills] })
  }

  #announceLeft({ name }: Session): void {
    this.#parts.presence.announce({ type: 'event', event: 'agent-left', name })
  }

  /** Ends what waited for an instance that has not come back in time. */
  #forget(session: Session): void {
    this.tasks.handover.giveUp(session)
    this.#announceLeft(session)
  }
}
