import { describe, expect, test } from 'vitest'
import { openDurableHall } from '../../test-support/durable-hall.ts'

describe('a drain of the durable desk', () => {
  test('takes and hands out nothing new, waits for whoever is at work, and leaves the rest on disk', async () => {
    const room = await openDurableHall()
    const worker = room.open({ maxConcurrency: 1, instanceId: 'i' })
    const [working, waiting] = [await room.submit(), await room.submit()]
    let isIdle = false
    room.hall.hub.startDrain(() => {
      isIdle = true
    })
    await room.settle()
    expect(isIdle).toBe(false)
    await expect(room.submit()).rejects.toMatchObject({ code: 'hub_draining' })
    room.answer(worker, working)
    await room.settle()
    expect(isIdle).toBe(true)
    expect(room.deliveries(worker)).toHaveLength(1)
    room.hall.hub.finishDrain()
    const after = await openDurableHall({}, room.store)
    expect(await after.find(working)).toMatchObject({ state: 'completed' })
    expect(after.deliveries(after.open())).toEqual([`${waiting.id}#1`])
  })

  test('does not wait for an agent that is gone; its instance goes on after the restart, under the same attempt', async () => {
    const room = await openDurableHall()
    const worker = room.open({ instanceId: 'i' })
    const task = await room.submit()
    room.accept(worker, task)
    let isIdle = false
    room.hall.hub.startDrain(() => {
      isIdle = true
    })
    await room.settle()
    expect(isIdle).toBe(false)
    room.lose(worker)
    await room.settle()
    expect(isIdle).toBe(true)
    const after = await openDurableHall({}, room.store)
    expect(after.deliveries(after.open({ instanceId: 'i' }))).toEqual([`${task.id}#1`])
  })
})
