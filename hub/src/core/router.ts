import { findNearest, LIMITS, ProtocolError } from '@ai-comms/shared'
import type { Registry, Session } from './registry.ts'
import type { Target } from './task.ts'

/** Who takes a task: a session, or why none does. */
export type Route =
  | { readonly kind: 'session'; readonly session: Session }
  | { readonly kind: 'busy' }
  | { readonly kind: 'nobody' }

const NOBODY: Route = { kind: 'nobody' }
const BUSY: Route = { kind: 'busy' }

const isFresh = (session: Session, now: number) =>
  !session.isLeaving && now - session.lastSeenAt <= LIMITS.STALE_AFTER_MS
const hasRoom = (session: Session) => session.held.size < session.maxConcurrency

/** Whether `one` should get a task rather than `other`, which is the newer of the two. */
const isBetter = (one: Session, other: Session, now: number): boolean => {
  const fresh = isFresh(one, now)
  if (fresh !== isFresh(other, now)) return fresh
  const room = hasRoom(one)
  if (room !== hasRoom(other)) return room
  return one.held.size < other.held.size
}

/**
 * The session of a list (oldest first) that should get a task: fresh ones
 * first, then those below their concurrency, then the fewest tasks in flight,
 * then the newest.
 *
 * An idle fresh session cannot be beaten, so the search ends at the first one:
 * its cost grows with the tasks in flight, not with the number of agents.
 */
export const chooseSession = (sessions: readonly Session[], now: number): Route => {
  let best: Session | undefined
  for (let at = sessions.length - 1; at >= 0; at--) {
    const session = sessions[at]
    if (session === undefined || session.held.size >= LIMITS.IN_FLIGHT_MAX) continue
    if (best === undefined || isBetter(session, best, now)) best = session
    if (best.held.size === 0 && isFresh(best, now)) break
  }
  if (best !== undefined) return { kind: 'session', session: best }
  return sessions.length === 0 ? NOBODY : BUSY
}

/** The session that should get a task for this target. */
export const route = (registry: Registry, target: Target, now: number): Route => {
  switch (target.kind) {
    case 'agent':
      return chooseSession(registry.findByName(target.key), now)
    case 'skill':
      return chooseSession(registry.findBySkill(target.key), now)
    case 'session': {
      const session = registry.find(target.sessionId)
      if (session === undefined) return NOBODY
      return session.held.size < LIMITS.IN_FLIGHT_MAX ? { kind: 'session', session } : BUSY
    }
    default:
      return target satisfies never
  }
}

/** Registered names that look like the one asked for, nearest first. */
const suggestNames = (registry: Registry, nameKey: string): string[] =>
  findNearest(nameKey, registry.nameKeys()).map((key) => registry.findByName(key)[0]?.name ?? key)

/** The refusal for a target that nobody matches: `agent_not_found` with near names, or `no_agent_with_skill`. */
export const toNoAgent = (registry: Registry, target: Exclude<Target, { kind: 'session' }>): ProtocolError => {
  if (target.kind === 'skill') {
    return new ProtocolError('no_agent_with_skill', 'No connected agent has this skill.', { skill: target.skill })
  }
  const suggestions = suggestNames(registry, target.key)
  const hint = suggestions.length === 0 ? '' : ` Did you mean ${suggestions.join(', ')}?`
  return new ProtocolError('agent_not_found', `No agent of this name is connected.${hint}`, { suggestions })
}
