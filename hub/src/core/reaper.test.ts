import { LIMITS } from '@ai-comms/shared'
import { describe, expect, test } from 'vitest'
import { toRegister } from '../test-support/build-hall.ts'
import { FakeTransport } from '../test-support/fake-transport.ts'
import { MASTER_GRANT } from './grant.ts'
import { findGone, findSilent, findUnpinged } from './reaper.ts'
import { Registry, type Session } from './registry.ts'

const addSession = (registry: Registry, id: string): Session =>
  registry.add(toRegister({ instanceId: id, protocol: 2 }), {
    id,
    transport: new FakeTransport(),
    grant: MASTER_GRANT,
    frames: { tokens: 1, at: 0 },
    now: 0,
  })

describe('the reaper', () => {
  test('finds who was silent for 90 s, not a moment sooner', () => {
    const registry = new Registry()
    const session = addSession(registry, 'one')
    addSession(registry, 'two').lastSeenAt = 1
    expect(findSilent(registry.sessions(), LIMITS.SILENCE_MS_MAX - 1)).toEqual([])
    expect(findSilent(registry.sessions(), LIMITS.SILENCE_MS_MAX)).toEqual([session])
  })

  test('finds whose ping is due every 30 s', () => {
    const registry = new Registry()
    const session = addSession(registry, 'one')
    expect(findUnpinged(registry.sessions(), LIMITS.HEARTBEAT_MS - 1)).toEqual([])
    expect(findUnpinged(registry.sessions(), LIMITS.HEARTBEAT_MS)).toEqual([session])
    session.pingedAt = LIMITS.HEARTBEAT_MS
    expect(findUnpinged(registry.sessions(), LIMITS.HEARTBEAT_MS)).toEqual([])
  })

  test('finds whose grace is over', () => {
    const registry = new Registry()
    const session = addSession(registry, 'one')
    registry.depart(session, 500)
    expect(findGone(registry.departures(), 499)).toEqual([])
    expect(findGone(registry.departures(), 500)).toEqual([session])
  })

  test('takes nobody away, so that a list may be changed while it is acted on', () => {
    const registry = new Registry()
    addSession(registry, 'one')
    for (const session of findSilent(registry.sessions(), 1e6)) registry.remove(session)
    expect(registry.count).toBe(0)
  })
})
