import { LIMITS } from '@ai-comms/shared'
import type { Observe } from './events.ts'
import type { Clock } from './ports.ts'
import { findSilent, findUnpinged } from './reaper.ts'
import type { Registry, Session } from './registry.ts'

/** Sessions are looked through this often, in milliseconds. */
const SCAN_MS = 1_000
/** A gap between two sweeps that means the process stood still, in milliseconds. */
const STALL_MS = 10_000
/** After a standstill nobody is reaped for this long, in milliseconds: one ping and its answer. */
const STALL_GRACE_MS = LIMITS.HEARTBEAT_MS + 5_000

/** What watching over sessions needs. */
export interface AttendanceParts {
  readonly registry: Registry
  readonly clock: Clock
  readonly observe: Observe
  /** A session is ended for its silence. */
  readonly reap: (session: Session) => void
}

/** Pings the sessions, and ends those that have been silent for too long. */
export class Attendance {
  readonly #parts: AttendanceParts
  #sweptAt: number
  #scanAt = 0
  #reapNotBefore = 0

  constructor(parts: AttendanceParts) {
    this.#parts = parts
    this.#sweptAt = parts.clock.now()
  }

  /** One look at everybody, at most once a second. */
  sweep(now: number): void {
    this.#noteStall(now)
    if (now < this.#scanAt) return
    this.#scanAt = now + SCAN_MS
    const { registry } = this.#parts
    for (const session of findUnpinged(registry.sessions(), now)) {
      session.pingedAt = now
      session.transport.ping()
    }
    if (now >= this.#reapNotBefore) for (const session of findSilent(registry.sessions(), now)) this.#reap(session, now)
  }

  /**
   * Notices that the process stood still (a suspended machine, a stopped
   * process): what agents sent meanwhile has still to be read, so nobody may
   * be reaped for a silence that was ours.
   */
  #noteStall(now: number): void {
    const gapMs = now - this.#sweptAt
    this.#sweptAt = now
    if (gapMs <= STALL_MS) return
    this.#reapNotBefore = now + STALL_GRACE_MS
    this.#parts.observe({ type: 'hub.stalled', gapMs })
  }

  #reap(session: Session, now: number): void {
    const silentMs = now - session.lastSeenAt
    this.#parts.observe({ type: 'session.silent', sessionId: session.id, agent: session.name, silentMs })
    session.transport.terminate()
    this.#parts.reap(session)
  }
}
