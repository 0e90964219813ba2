import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as law from './task.ts'
import { type OpenTask, TaskBook } from './task-book.ts'

const TARGETS: readonly law.Target[] = [
  { kind: 'agent', name: 'Ann', key: 'ann' },
  { kind: 'skill', skill: 'Build', key: 'build' },
  { kind: 'session', sessionId: 'session-1', name: 'Ann' },
]

const toOpen = (id: string, target: law.Target, deadlineAt: number): OpenTask => ({
  task: law.submit({
    id,
    target,
    message: 'm',
    sender: 's',
    conversationId: undefined,
    hops: 0,
    traceparent: undefined,
    createdAt: 0,
    deadlineAt,
  }),
  watcher: { ended: () => {} },
})

type Act =
  | { readonly kind: 'put'; readonly target: number; readonly inMs: number }
  | { readonly kind: 'take' | 'orphan' | 'claim' | 'putAgain'; readonly place: number }
  | { readonly kind: 'pass'; readonly ms: number }
const anyAct: fc.Arbitrary<Act> = fc.oneof(
  fc.record({ kind: fc.constant('put' as const), target: fc.nat(2), inMs: fc.integer({ min: 1_000, max: 4_000 }) }),
  fc.record({ kind: fc.constantFrom('take' as const, 'orphan', 'claim', 'putAgain'), place: fc.nat(12) }),
  fc.record({ kind: fc.constant('pass' as const), ms: fc.nat(1_500) }),
)

describe('the task book', () => {
  test('agrees with a plain list: who is open, who is overdue, who is offered to others', () => {
    fc.assert(
      fc.property(fc.array(anyAct, { maxLength: 50, size: 'max' }), (acts) => {
        const book = new TaskBook()
        const open: OpenTask[] = []
        const offered = new Set<string>()
        let now = 0
        let lastId = 0
        const end = (entry: OpenTask) => {
          expect(book.take(law.fail(entry.task, 'task_timeout', 'late'))).toBe(entry)
          expect(book.take(law.fail(entry.task, 'task_timeout', 'late'))).toBeUndefined()
          open.splice(open.indexOf(entry), 1)
          offered.delete(entry.task.id)
        }
        for (const act of acts) {
          if (act.kind === 'put') {
            const target = TARGETS[act.target]
            if (target === undefined) continue
            const entry = toOpen(`task-${++lastId}`, target, now + act.inMs)
            book.put(entry)
            open.push(entry)
          } else if (act.kind === 'pass') {
            now += act.ms
            const overdue = book.takeOverdue(now)
            for (const entry of overdue) expect(entry.task.deadlineAt).toBeLessThanOrEqual(now)
            for (const entry of overdue) end(entry)
          } else {
            const entry = open[act.place % open.length]
            if (entry === undefined) continue
            const { id, target } = entry.task
            if (act.kind === 'take') end(entry)
            if (act.kind === 'orphan') {
              book.orphan(entry.task)
              if (target.kind !== 'session') offered.add(id)
            }
            if (act.kind === 'claim') book.claim(id, target)
            if (act.kind === 'putAgain') book.put(entry)
            if (act.kind === 'claim' || act.kind === 'putAgain') offered.delete(id)
          }
          expect(book.count).toBe(open.length)
          expect([...book.all()]).toEqual(open)
          for (const entry of open) expect(book.find(entry.task.id)).toBe(entry)
          const found = book.findOrphans('ann', ['build', 'other']).map(({ task }) => task.id)
          expect(found).toHaveLength(new Set(found).size)
          expect(new Set(found)).toEqual(offered)
          expect(book.findOrphans('somebody', ['else'])).toEqual([])
        }
      }),
    )
  })
})
