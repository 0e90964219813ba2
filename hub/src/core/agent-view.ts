import type { AgentView } from '@ai-comms/shared'
import type { Clock } from './ports.ts'
import type { Session } from './registry.ts'

/** A session as callers see it. */
export const toAgentView = (session: Session, clock: Clock): AgentView => {
  const toIso = (at: number) => new Date(clock.toEpochMs(at)).toISOString()
  return {
    id: session.id,
    name: session.name,
    workspace: session.workspace,
    skills: [...session.skills],
    connectedAt: toIso(session.connectedAt),
    lastSeen: toIso(session.lastSeenAt),
    inFlight: session.held.size,
    protocol: session.level,
    ...(Number.isFinite(session.maxConcurrency) ? { maxConcurrency: session.maxConcurrency } : {}),
    ...(session.description === undefined ? {} : { description: session.description }),
    ...(session.version === undefined ? {} : { version: session.version }),
  }
}
