import { LIMITS } from '@ai-comms/shared'
import type { Departure, Session } from './registry.ts'

/** Sessions that were silent for too long. */
export const findSilent = (sessions: Iterable<Session>, now: number): Session[] => {
  const silent: Session[] = []
  for (const session of sessions) if (now - session.lastSeenAt >= LIMITS.SILENCE_MS_MAX) silent.push(session)
  return silent
}

/** Sessions whose next ping is due. */
export const findUnpinged = (sessions: Iterable<Session>, now: number): Session[] => {
  const unpinged: Session[] = []
  for (const session of sessions) if (now - session.pingedAt >= LIMITS.HEARTBEAT_MS) unpinged.push(session)
  return unpinged
}

/** Lost sessions whose instance has not come back in time. */
export const findGone = (departures: Iterable<Departure>, now: number): Session[] => {
  const gone: Session[] = []
  for (const { session, expiresAt } of departures) if (expiresAt <= now) gone.push(session)
  return gone
}
