import { LIMITS } from '@ai-comms/shared'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { toRegister } from '../test-support/build-hall.ts'
import { catchRefusal } from '../test-support/catch-refusal.ts'
import { FakeTransport } from '../test-support/fake-transport.ts'
import { MASTER_GRANT } from './grant.ts'
import { Registry, type Session } from './registry.ts'
import { chooseSession, route, toNoAgent } from './router.ts'

interface Load {
  readonly held: number
  readonly maxConcurrency: number | undefined
  readonly silentMs: number
}

const NOW = 1_000_000
const anyLoad: fc.Arbitrary<Load> = fc.record({
  held: fc.oneof(fc.nat(4), fc.constantFrom(255, 256, 257)),
  maxConcurrency: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }),
  silentMs: fc.constantFrom(0, 1_000, 44_999, 45_000, 45_001, 89_000),
})

const addSessions = (registry: Registry, loads: readonly Load[], name = 'worker'): Session[] =>
  loads.map(({ held, maxConcurrency, silentMs }, place) => {
    const register = toRegister({
      name,
      skills: ['Build'],
      ...(maxConcurrency === undefined ? {} : { maxConcurrency }),
    })
    const parts = {
      id: `${name}-${place}`,
      transport: new FakeTransport(),
      grant: MASTER_GRANT,
      frames: { tokens: 1, at: 0 },
      now: 0,
    }
    const session = registry.add(register, parts)
    session.lastSeenAt = NOW - silentMs
    for (let task = 0; task < held; task++) session.held.add(`${session.id}/${task}`)
    return session
  })

/** The same choice, said as a sort: fresh, with room, least loaded, newest. */
const sortByRule = (sessions: readonly Session[]): Session[] => {
  const isStale = (session: Session) => Number(NOW - session.lastSeenAt > LIMITS.STALE_AFTER_MS)
  const isFull = (session: Session) => Number(session.held.size >= session.maxConcurrency)
  return sessions
    .filter(({ held }) => held.size < LIMITS.IN_FLIGHT_MAX)
    .toSorted(
      (one, other) =>
        isStale(one) - isStale(other) ||
        isFull(one) - isFull(other) ||
        one.held.size - other.held.size ||
        other.order - one.order,
    )
}

describe('the router', () => {
  test('chooses what a full sort would put first', () => {
    fc.assert(
      fc.property(fc.array(anyLoad, { maxLength: 8 }), (loads) => {
        const sessions = addSessions(new Registry(), loads)
        const [best] = sortByRule(sessions)
        const nothing = { kind: sessions.length === 0 ? 'nobody' : 'busy' }
        expect(chooseSession(sessions, NOW)).toEqual(best === undefined ? nothing : { kind: 'session', session: best })
      }),
      { numRuns: 500 },
    )
  })

  test('ten tasks for two idle replicas go five to each', () => {
    const registry = new Registry()
    const sessions = addSessions(registry, [
      { held: 0, maxConcurrency: undefined, silentMs: 0 },
      { held: 0, maxConcurrency: undefined, silentMs: 0 },
    ])
    for (let task = 0; task < 10; task++) {
      const choice = chooseSession(sessions, NOW)
      if (choice.kind === 'session') choice.session.held.add(`task-${task}`)
    }
    expect(sessions.map(({ held }) => held.size)).toEqual([5, 5])
  })

  test('a target by name, by skill and by session finds its own sessions only', () => {
    const registry = new Registry()
    const idle = { held: 0, maxConcurrency: undefined, silentMs: 0 }
    const [ann] = addSessions(registry, [idle], 'Ann')
    const [, bob] = addSessions(registry, [idle, idle], 'Bob')
    expect(route(registry, { kind: 'agent', name: 'ann', key: 'ann' }, NOW)).toEqual({ kind: 'session', session: ann })
    expect(route(registry, { kind: 'skill', skill: 'build', key: 'build' }, NOW)).toEqual({
      kind: 'session',
      session: bob,
    })
    const own = { kind: 'session', sessionId: 'Bob-0', name: 'Bob' } as const
    expect(route(registry, own, NOW)).toMatchObject({ session: { id: 'Bob-0' } })
    expect(route(registry, { ...own, sessionId: 'gone' }, NOW)).toEqual({ kind: 'nobody' })
    expect(route(registry, { kind: 'skill', skill: 'fly', key: 'fly' }, NOW)).toEqual({ kind: 'nobody' })
  })

  test('nobody of that name: the refusal suggests near names as they are written', () => {
    const registry = new Registry()
    addSessions(registry, [{ held: 0, maxConcurrency: undefined, silentMs: 0 }], 'Builder')
    const refusal = toNoAgent(registry, { kind: 'agent', name: 'Bilder', key: 'bilder' })
    expect(refusal).toMatchObject({ code: 'agent_not_found', extras: { suggestions: ['Builder'] } })
    expect(refusal.detail).toContain('Did you mean Builder?')
    expect(toNoAgent(registry, { kind: 'agent', name: 'zzz', key: 'zzz' })).toMatchObject({
      detail: 'No agent of this name is connected.',
      extras: { suggestions: [] },
    })
  })

  test('nobody with that skill: the refusal says which', () => {
    const refusal = catchRefusal(() => {
      throw toNoAgent(new Registry(), { kind: 'skill', skill: 'Fly', key: 'fly' })
    })
    expect(refusal).toMatchObject({ code: 'no_agent_with_skill', extras: { skill: 'Fly' } })
  })
})
