import { describe, expect, test } from 'vitest'
import { newTask, workOn } from '../../test-support/stored-tasks.ts'
import type { Write } from './lines.ts'
import { toChangeRow, toTaskRow } from './task-row.ts'
import { type QueueBounds, WriteQueue } from './write-queue.ts'

const BOUNDS: QueueBounds = { writesMax: 10, charactersMax: 10_000, batchWritesMax: 5, batchCharactersMax: 5_000 }

const waiter = { resolve: () => undefined, reject: () => undefined }
const addOf = (message = 'hi'): Write => ['add', toTaskRow(newTask({ message })), undefined]
const changeOf = (id: string, agent: string): Write => ['update', toChangeRow(workOn(newTask({ id }), agent))]

const queueOf = (writes: readonly Write[], bounds: Partial<QueueBounds> = {}) => {
  const queue = new WriteQueue({ ...BOUNDS, ...bounds })
  for (const write of writes) queue.offer(write, waiter)
  return queue
}

const readBatches = (queue: WriteQueue): Write[][] => {
  const batches: Write[][] = []
  while (!queue.isEmpty) batches.push(queue.take().map(({ write }) => write))
  return batches
}

describe('what waits to be written', () => {
  test('is taken in the order in which it was asked for, so many at once', () => {
    const writes = Array.from({ length: 12 }, () => addOf())
    expect(readBatches(queueOf(writes))).toEqual([writes.slice(0, 5), writes.slice(5, 10), writes.slice(10)])
  })

  test('is taken up to so many characters, and one that is larger goes alone', () => {
    const [small, large, larger] = [addOf(), addOf('x'.repeat(4_500)), addOf('x'.repeat(9_000))]
    expect(readBatches(queueOf([small, large, larger, small]))).toEqual([[small], [large], [larger], [small]])
  })

  test('is the last of several updates of one task, for all who asked', () => {
    const [one, other] = [changeOf('a', 'one'), changeOf('b', 'two')]
    const queue = queueOf([one, other, changeOf('a', 'three'), changeOf('a', 'four')])
    const [first, second] = queue.take()
    expect(first?.write).toEqual(changeOf('a', 'four'))
    expect(first?.waiters).toHaveLength(3)
    expect(second).toEqual({ write: other, characters: expect.any(Number), waiters: [waiter] })
    queue.offer(one, waiter)
    expect(readBatches(queue)).toEqual([[one]])
  })

  test('keeps an update behind the addition of its task, and apart from one that was taken', () => {
    const task = newTask()
    const add: Write = ['add', toTaskRow(task), undefined]
    const [first, second, third] = ['one', 'two', 'three'].map((agent) => changeOf(task.id, agent))
    if (!first || !second || !third) throw new Error('Three were made')
    const queue = queueOf([first, add, second], { batchWritesMax: 1 })
    expect(queue.take().map(({ write }) => write)).toEqual([second])
    queue.offer(third, waiter)
    expect(readBatches(queue)).toEqual([[add], [third]])
  })

  test('keeps updates on their side of a purge', () => {
    const [before, after] = [changeOf('a', 'before'), changeOf('a', 'after')]
    const purge: Write = ['purge', 1, 1, 1]
    expect(readBatches(queueOf([before, purge, after]))).toEqual([[before, purge, after]])
  })

  test('is full by number and by characters until something is taken', () => {
    const many = queueOf(Array.from({ length: 10 }, () => addOf()))
    const long = queueOf([addOf('x'.repeat(5_000)), addOf('x'.repeat(5_000))])
    for (const queue of [many, long]) {
      expect(queue.isFull).toBe(true)
      queue.take()
      expect(queue.isFull).toBe(false)
    }
    expect(queueOf([addOf('x'.repeat(9_000))]).isFull).toBe(false)
  })

  test('counts an update that takes the place of another just once', () => {
    const queue = queueOf(Array.from({ length: 1_000 }, () => changeOf('a', 'x'.repeat(1_000))))
    expect(queue.isFull).toBe(false)
    queue.take()
    for (let count = 0; count < 5; count++) queue.offer(addOf('x'.repeat(1_000)), waiter)
    expect(queue.isFull).toBe(false)
  })
})
