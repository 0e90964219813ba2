import { type RegisterFrame, toMatchKey } from '@ai-comms/shared'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { toRegister } from '../test-support/build-hall.ts'
import { FakeTransport } from '../test-support/fake-transport.ts'
import { MASTER_GRANT } from './grant.ts'
import { Registry, type Session } from './registry.ts'

let lastId = 0
const add = (registry: Registry, given: Partial<RegisterFrame> = {}): Session =>
  registry.add(toRegister(given), {
    id: `session-${++lastId}`,
    transport: new FakeTransport(),
    grant: MASTER_GRANT,
    frames: { tokens: 1, at: 0 },
    now: 7,
  })

const anyRegister = fc.record(
  {
    name: fc.constantFrom('Ann', 'ann', 'Ｂｏｂ', 'bob', 'Çelik'),
    skills: fc.subarray(['Build', 'build', 'test', 'ＴＥＳＴ', 'draw']),
    instanceId: fc.constantFrom('one', 'two'),
    protocol: fc.constantFrom(1, 2, 3),
  },
  { requiredKeys: ['name', 'skills'] },
)
type Act =
  | { readonly kind: 'come'; readonly register: Partial<RegisterFrame> }
  | { readonly kind: 'go' | 'goAgain'; readonly place: number }
const anyAct: fc.Arbitrary<Act> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('come' as const), register: anyRegister }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('go' as const, 'goAgain' as const), place: fc.nat(20) }) },
)

describe('the registry', () => {
  test('every index agrees with the plain list of sessions, whatever comes, goes and is replaced', () => {
    fc.assert(
      fc.property(fc.array(anyAct, { maxLength: 40, size: 'max' }), (acts) => {
        const registry = new Registry()
        let here: Session[] = []
        const gone: Session[] = []
        const leave = (session: Session) => {
          here = here.filter((other) => other !== session)
          gone.push(session)
        }
        for (const act of acts) {
          if (act.kind === 'come') {
            const older = registry.findInstance(toRegister(act.register))
            if (older !== undefined) {
              expect(registry.remove(older)).toBe(true)
              leave(older)
            }
            here.push(add(registry, act.register))
          } else if (act.kind === 'go') {
            const session = here[act.place % here.length]
            if (session === undefined) continue
            expect(registry.remove(session)).toBe(true)
            leave(session)
          } else {
            const session = gone[act.place % gone.length]
            if (session !== undefined) expect(registry.remove(session)).toBe(false)
          }
          expect([...registry.sessions()]).toEqual(here)
          expect(registry.count).toBe(here.length)
          expect(new Set(registry.nameKeys())).toEqual(new Set(here.map(({ nameKey }) => nameKey)))
          for (const name of ['ann', 'bob', 'çelik', 'nobody']) {
            expect(registry.findByName(name)).toEqual(here.filter((session) => toMatchKey(session.name) === name))
          }
          for (const skill of ['build', 'test', 'draw', 'fly']) {
            const able = here.filter(({ skills }) => skills.some((own) => toMatchKey(own) === skill))
            expect(registry.findBySkill(skill)).toEqual(able)
          }
          for (const session of here) {
            expect(registry.find(session.id)).toBe(session)
            if (session.instanceId === undefined) continue
            const same = toRegister({ name: session.name, instanceId: session.instanceId })
            expect(registry.findInstance(same)).toBe(session)
          }
          for (const session of gone) expect(registry.find(session.id)).toBeUndefined()
        }
      }),
    )
  })

  test('a session says what its agent said, and counts up', () => {
    const registry = new Registry()
    const first = add(registry, { name: 'Ann', workspace: 'lab', protocol: 2, maxConcurrency: 3, version: '1.2' })
    const second = add(registry)
    expect(first).toMatchObject({ name: 'Ann', nameKey: 'ann', workspace: 'lab', level: 2, maxConcurrency: 3 })
    expect(first).toMatchObject({ connectedAt: 7, lastSeenAt: 7, pingedAt: 7, version: '1.2' })
    expect(second.level).toBe(1)
    expect(second.maxConcurrency).toBe(Number.POSITIVE_INFINITY)
    expect(second.order).toBeGreaterThan(first.order)
  })

  test('a late removal of a replaced session leaves the newer one findable', () => {
    const registry = new Registry()
    const older = add(registry, { instanceId: 'one' })
    const newer = add(registry, { instanceId: 'one' })
    expect([registry.remove(older), registry.remove(older)]).toEqual([true, false])
    expect(registry.findInstance(toRegister({ instanceId: 'one' }))).toBe(newer)
  })

  test('a departure is taken once, and only by the same name and instance', () => {
    const registry = new Registry()
    const lost = add(registry, { instanceId: 'one', protocol: 2 })
    registry.remove(lost)
    expect(registry.depart(lost, 100)).toBeUndefined()
    expect(registry.takeDeparture(add(registry, { instanceId: 'two' }))).toBeUndefined()
    expect(registry.takeDeparture(add(registry, { name: 'other', instanceId: 'one' }))).toBeUndefined()
    expect(registry.takeDeparture(add(registry))).toBeUndefined()
    const back = add(registry, { name: 'WORKER', instanceId: 'one', protocol: 2 })
    expect(registry.takeDeparture(back)).toBe(lost)
    expect(registry.takeDeparture(back)).toBeUndefined()
    expect([...registry.departures()]).toEqual([])
  })

  test('only a level-2 session with an instance may return', () => {
    const registry = new Registry()
    expect(registry.mayReturn(add(registry, { instanceId: 'one', protocol: 2 }))).toBe(true)
    expect(registry.mayReturn(add(registry, { instanceId: 'one' }))).toBe(false)
    expect(registry.mayReturn(add(registry, { protocol: 2 }))).toBe(false)
  })

  test('departures are bounded: the oldest is handed back to be given up', () => {
    const registry = new Registry()
    const departed = Array.from({ length: 10_001 }, (_, at) => {
      const session = add(registry, { instanceId: `instance-${at}`, protocol: 2 })
      return { session, forgotten: registry.depart(session, 100) }
    })
    expect(departed.slice(0, -1).every(({ forgotten }) => forgotten === undefined)).toBe(true)
    expect(departed.at(-1)?.forgotten).toBe(departed[0]?.session)
    expect([...registry.departures()]).toHaveLength(10_000)
  })
})
