import { describe, expect, test } from 'vitest'
import { openDurableHall } from '../../test-support/durable-hall.ts'
import { ScriptedStore } from '../../test-support/scripted-store.ts'

describe('trouble with the store', () => {
  test('refuses durable work, says so, and is over by itself', async () => {
    const room = await openDurableHall()
    room.store.trouble = 'full'
    await expect(room.submit()).rejects.toMatchObject({ code: 'storage_unavailable' })
    expect(room.desk.storageStatus).toBe('degraded')
    expect(room.desk.count).toBe(0)
    room.store.trouble = undefined
    await room.pass(1_500)
    expect(room.desk.storageStatus).toBe('ok')
    expect(room.hall.eventsOf('storage.failed')).toHaveLength(1)
    expect(room.hall.eventsOf('storage.recovered')).toHaveLength(1)
    const worker = room.open()
    expect(room.deliveries(worker)).toEqual([])
    await room.submit()
    expect(room.deliveries(worker)).toHaveLength(1)
  })

  test.each([
    ['full', 'is full'],
    ['read-only', 'cannot be written'],
    ['failed', 'try again soon'],
    ['overloaded', 'send more slowly'],
  ] as const)('%s is told to callers in their words', async (trouble, words) => {
    const room = await openDurableHall()
    room.store.trouble = trouble
    await expect(room.submit()).rejects.toMatchObject({
      code: 'storage_unavailable',
      detail: expect.stringContaining(words),
    })
    expect(room.desk.storageStatus).toBe(trouble === 'overloaded' ? 'ok' : 'degraded')
  })

  test('loses no answer: it is written when the disk has room again', async () => {
    const room = await openDurableHall()
    const worker = room.open()
    const task = await room.submit()
    await room.settle()
    room.store.trouble = 'full'
    room.answer(worker, task)
    await room.pass(5_000)
    expect(await room.find(task)).toMatchObject({ state: 'working' })
    room.store.trouble = undefined
    await room.pass(1_500)
    expect(await room.find(task)).toMatchObject({ state: 'completed', response: 'done' })
  })

  test('is told to whoever cancels meanwhile, and the task is canceled all the same', async () => {
    const room = await openDurableHall()
    const worker = room.open()
    const task = await room.submit()
    await room.settle()
    room.store.trouble = 'read-only'
    await expect(room.desk.cancel(task.id)).rejects.toMatchObject({ code: 'storage_unavailable' })
    expect(worker.transport.sentOf('task-cancel')).toHaveLength(1)
    room.store.trouble = undefined
    await room.pass(1_500)
    expect(await room.find(task)).toMatchObject({ state: 'canceled' })
  })

  test('while it is opened lets the hub start, and opens it later', async () => {
    const store = new ScriptedStore()
    store.trouble = 'read-only'
    const room = await openDurableHall({}, store)
    await expect(room.submit()).rejects.toMatchObject({ code: 'storage_unavailable' })
    store.trouble = undefined
    await room.pass(1_500)
    expect(room.desk.storageStatus).toBe('ok')
    await room.submit()
  })

  test('that waiting cannot cure ends the start', async () => {
    const store = new ScriptedStore()
    store.trouble = 'future'
    await expect(openDurableHall({}, store)).rejects.toMatchObject({ trouble: 'future' })
  })
})
