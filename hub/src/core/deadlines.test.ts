import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Deadlines } from './deadlines.ts'

type Act =
  | { readonly kind: 'add'; readonly inMs: number }
  | { readonly kind: 'remove'; readonly place: number }
  | { readonly kind: 'pass'; readonly ms: number }

const anyAct: fc.Arbitrary<Act> = fc.oneof(
  fc.record({ kind: fc.constant('add' as const), inMs: fc.integer({ min: -500, max: 3_000 }) }),
  fc.record({ kind: fc.constant('remove' as const), place: fc.nat(40) }),
  fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 0, max: 1_500 }) }),
)

describe('deadlines', () => {
  test('nothing is found early, nothing later than a slot, nothing twice, nothing that was removed, and nothing is lost', () => {
    fc.assert(
      fc.property(fc.array(anyAct, { maxLength: 60, size: 'max' }), (acts) => {
        const deadlines = new Deadlines()
        const waiting = new Map<string, number>()
        /** What is overdue already when it is added can only be found from then on. */
        const noticedAt = new Map<string, number>()
        let now = 0
        let lastId = 0
        const take = () => {
          for (const id of deadlines.takeDue(now)) {
            expect(waiting.get(id)).toBeLessThanOrEqual(now)
            waiting.delete(id)
          }
          for (const id of waiting.keys()) expect(noticedAt.get(id)).toBeGreaterThan(now - 100)
        }
        for (const act of acts) {
          if (act.kind === 'add') {
            const id = `id-${++lastId}`
            waiting.set(id, now + act.inMs)
            noticedAt.set(id, Math.max(now, now + act.inMs))
            deadlines.add(id, now + act.inMs)
          } else if (act.kind === 'remove') {
            const [id, at] = [...waiting][act.place % waiting.size] ?? []
            if (id === undefined || at === undefined) continue
            deadlines.remove(id, at)
            waiting.delete(id)
          } else {
            now += act.ms
            take()
          }
        }
        now += 10_000
        take()
        expect(waiting).toEqual(new Map())
      }),
      { numRuns: 200 },
    )
  })

  test('what is due comes earliest first', () => {
    const deadlines = new Deadlines()
    deadlines.add('late', 900)
    deadlines.add('early', 100)
    deadlines.add('middle', 500)
    expect(deadlines.takeDue(1_000)).toEqual(['early', 'middle', 'late'])
  })

  test('a moment exactly due is due', () => {
    const deadlines = new Deadlines()
    deadlines.add('now', 500)
    expect(deadlines.takeDue(499)).toEqual([])
    expect(deadlines.takeDue(500)).toEqual(['now'])
  })

  test('to remove what is not there changes nothing', () => {
    const deadlines = new Deadlines()
    deadlines.add('one', 500)
    deadlines.remove('other', 500)
    deadlines.remove('one', 1_500)
    expect(deadlines.takeDue(500)).toEqual(['one'])
  })

  test('what is overdue already when it is added can still be removed', () => {
    const deadlines = new Deadlines()
    deadlines.takeDue(1_000)
    deadlines.add('late', 500)
    deadlines.remove('late', 500)
    expect(deadlines.takeDue(2_000)).toEqual([])
  })
})
