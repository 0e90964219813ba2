import { describe, expect, test } from 'vitest'
import { openDurableHall } from '../../test-support/durable-hall.ts'

const DAY_MS = 86_400_000

describe('a repeated submission', () => {
  const key = { credential: 'secret', key: 'k', digest: 'd' }
  const request = { agent: 'worker', message: 'do it', sender: 'bot' }

  test('is the same task for the same key and body', async () => {
    const room = await openDurableHall()
    const first = await room.desk.submit(request, undefined, key)
    const worker = room.open()
    const again = await room.desk.submit(request, undefined, key)
    expect(again).toMatchObject({ isReplay: true, task: { id: first.task.id, state: 'working' } })
    expect(worker.transport.sentOf('task')).toHaveLength(1)
    expect(room.desk.count).toBe(1)
  })

  test('is refused for another body', async () => {
    const room = await openDurableHall()
    await room.desk.submit(request, undefined, key)
    const other = room.desk.submit(request, undefined, { ...key, digest: 'other' })
    await expect(other).rejects.toMatchObject({ code: 'idempotency_conflict' })
  })

  test('is a new task for another credential, and after a day', async () => {
    const room = await openDurableHall()
    const first = await room.desk.submit(request, undefined, key)
    const foreign = await room.desk.submit(request, undefined, { ...key, credential: 'token' })
    await room.pass(DAY_MS + 1_000, DAY_MS / 4)
    const late = await room.desk.submit(request, undefined, key)
    expect(new Set([first, foreign, late].map(({ task }) => task.id)).size).toBe(3)
  })

  test('at the same time is one task', async () => {
    const room = await openDurableHall()
    const worker = room.open()
    const both = await Promise.all([1, 2].map(() => room.desk.submit(request, undefined, key)))
    expect(both[0]?.task.id).toBe(both[1]?.task.id)
    expect(worker.transport.sentOf('task')).toHaveLength(1)
  })
})
