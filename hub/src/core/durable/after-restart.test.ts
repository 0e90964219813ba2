import { describe, expect, test } from 'vitest'
import { openDurableHall } from '../../test-support/durable-hall.ts'

describe('the durable desk after a restart', () => {
  const restart = async (room: Awaited<ReturnType<typeof openDurableHall>>) => openDurableHall({}, room.store)

  test('has every task that was not over, in order, and gives begun ones back to their instance', async () => {
    const before = await openDurableHall()
    const worker = before.open({ instanceId: 'i', maxConcurrency: 1 })
    const [first, second] = [await before.submit(), await before.submit()]
    before.accept(worker, first)
    await before.settle()
    const after = await restart(before)
    const stranger = after.open({ instanceId: 'j', maxConcurrency: 1 })
    expect(after.deliveries(stranger)).toEqual([`${second.id}#1`])
    const back = after.open({ instanceId: 'i' })
    expect(after.deliveries(back)).toEqual([`${first.id}#1`])
    after.answer(back, first)
    await after.settle()
    expect(await after.find(first)).toMatchObject({ state: 'completed', attempts: 1 })
  })

  test('ends what was overdue meanwhile before anybody gets it, and hands out the rest', async () => {
    const before = await openDurableHall()
    const [late, good] = [await before.submit({ ttlMs: 1_000 }), await before.submit()]
    const after = await openDurableHall({}, before.store, 2_000)
    expect(after.deliveries(after.open())).toEqual([`${good.id}#1`])
    await after.settle()
    expect(await after.find(late)).toMatchObject({ state: 'failed', code: 'expired' })
  })

  test('delivers a begun task anew when its instance does not come back', async () => {
    const before = await openDurableHall()
    before.accept(before.open({ instanceId: 'i' }), await before.submit())
    await before.settle()
    const after = await restart(before)
    const other = after.open({ instanceId: 'j' })
    expect(after.deliveries(other)).toEqual([])
    await after.pass(15_500)
    expect(after.deliveries(other)).toHaveLength(1)
    expect(after.deliveries(other)[0]).toMatch(/#2$/)
  })

  test('numbers the events of a task on from above all earlier ones', async () => {
    const before = await openDurableHall()
    const task = await before.submit()
    const { events } = await before.follow(task)
    const after = await restart(before)
    const later = await after.follow(task, events[0]?.id)
    expect(later.events[0]).toMatchObject({ event: 'snapshot' })
    expect(later.events[0]?.id).toBeGreaterThan(events[0]?.id ?? Number.POSITIVE_INFINITY)
  })
})
