import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { LiveTask } from './live-task.ts'
import { Mailboxes } from './mailboxes.ts'

const toTask = (order: number): LiveTask => ({
  id: `t${order}`,
  order,
  expiresAt: 0,
  timeoutAt: 0,
  phase: { name: 'settled' },
  dueAt: 0,
  eventId: 0,
})

test('a mailbox hands out its tasks in the order of their submission, however they came and went', () => {
  const acts = fc.array(fc.record({ isAdd: fc.boolean(), box: fc.constantFrom('a', 'b'), order: fc.nat(12) }))
  fc.assert(
    fc.property(acts, (all) => {
      const mailboxes = new Mailboxes()
      const tasks = new Map(Array.from({ length: 13 }, (_, order) => [order, toTask(order)]))
      const model = { a: new Set<number>(), b: new Set<number>() }
      for (const { isAdd, box, order } of all) {
        const task = tasks.get(order) ?? toTask(order)
        if (isAdd) mailboxes.add(box, task)
        else mailboxes.remove(box, task)
        if (isAdd) model[box === 'a' ? 'a' : 'b'].add(order)
        else model[box === 'a' ? 'a' : 'b'].delete(order)
        expect(mailboxes.count).toBe(model.a.size + model.b.size)
        for (const [key, orders] of Object.entries(model)) {
          const first = [...orders].sort((one, other) => one - other)[0]
          expect(mailboxes.findFirst(key)?.order).toBe(first)
        }
      }
    }),
  )
})
