import { describe, expect, test } from 'vitest'
import { openDurableHall } from '../../test-support/durable-hall.ts'

describe('a durable task whose session is lost', () => {
  test('comes back to the same instance within the grace, and that is no new attempt', async () => {
    const room = await openDurableHall()
    const worker = room.open({ instanceId: 'i' })
    const task = await room.submit()
    room.accept(worker, task)
    room.lose(worker)
    await room.pass(10_000)
    const back = room.open({ instanceId: 'i' })
    expect(room.deliveries(back)).toEqual([`${task.id}#1`])
    room.answer(back, task)
    await room.settle()
    expect(await room.find(task)).toMatchObject({ state: 'completed', attempts: 1 })
  })

  test('goes to a replica after the first wait when it was not begun, and after the grace when it was', async () => {
    const room = await openDurableHall()
    const worker = room.open({ instanceId: 'i' })
    const [begun, unbegun] = [await room.submit(), await room.submit()]
    room.accept(worker, begun)
    room.lose(worker)
    const replica = room.open({ instanceId: 'j' })
    expect(room.deliveries(replica)).toEqual([])
    await room.pass(1_500)
    expect(room.deliveries(replica)).toEqual([`${unbegun.id}#2`])
    await room.pass(14_000)
    expect(room.deliveries(replica)).toEqual([`${unbegun.id}#2`, `${begun.id}#2`])
  })

  test('is delivered anew to the same instance when that comes too late', async () => {
    const room = await openDurableHall()
    const worker = room.open({ instanceId: 'i' })
    const task = await room.submit()
    room.lose(worker)
    await room.pass(20_000)
    expect(room.deliveries(room.open({ instanceId: 'i' }))).toEqual([`${task.id}#2`])
  })

  test('is handed on at once when its instance replaces its own session', async () => {
    const room = await openDurableHall()
    room.open({ instanceId: 'i' })
    const task = await room.submit()
    const newer = room.open({ instanceId: 'i' })
    expect(room.deliveries(newer)).toEqual([`${task.id}#1`])
  })

  test('of level 1 waits a second, and is delivered anew', async () => {
    const room = await openDurableHall()
    const worker = room.hall.open()
    const task = await room.submit()
    room.lose(worker)
    await room.pass(1_500)
    const back = room.open()
    expect(room.deliveries(back)).toEqual([`${task.id}#2`])
  })

  test('is undeliverable when the fifth session is lost, but not before the grace of its instance is over', async () => {
    const room = await openDurableHall()
    const task = await room.submit()
    for (let attempt = 1; attempt <= 5; attempt++) {
      const worker = room.open({ instanceId: `i${attempt}` })
      expect(room.deliveries(worker)).toEqual([`${task.id}#${attempt}`])
      room.lose(worker)
      if (attempt < 5) await room.pass(121_000, 1_000)
    }
    await room.pass(14_000)
    expect(await room.find(task)).toMatchObject({ state: 'submitted', attempts: 5 })
    await room.pass(1_500)
    expect(await room.find(task)).toMatchObject({ state: 'failed', code: 'undeliverable' })
  })
})
