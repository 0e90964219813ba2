import { describe, expect, test } from 'vitest'
import { openDurableHall } from '../../test-support/durable-hall.ts'

const DAY_MS = 86_400_000

describe('a durable task', () => {
  test('waits for its agent, is delivered when it comes, and ends with its answer on disk', async () => {
    const room = await openDurableHall()
    const task = await room.submit()
    expect(task).toMatchObject({ state: 'submitted', attempts: 0 })
    const worker = room.open()
    expect(worker.transport.sentOf('task')).toEqual([
      {
        type: 'task',
        requestId: task.id,
        message: 'do it',
        sender: 'bot',
        attempt: 1,
        hops: 0,
        deadline: expect.any(String),
      },
    ])
    expect(await room.find(task)).toMatchObject({ state: 'working', agent: 'worker', attempts: 1 })
    room.answer(worker, task)
    await room.settle()
    expect(await room.find(task)).toMatchObject({ state: 'completed', agent: 'worker', response: 'done', attempts: 1 })
    expect(room.store.writes.filter((write) => write !== 'open')).toEqual([
      `add ${task.id}`,
      `working ${task.id}`,
      `completed ${task.id}`,
    ])
    expect(worker.session.held.size).toBe(0)
  })

  test('is not handed out before it is on disk', async () => {
    const room = await openDurableHall()
    const worker = room.open()
    room.store.stop()
    const submitting = room.submit()
    await room.settle()
    expect(worker.transport.sentOf('task')).toEqual([])
    room.store.flow()
    const task = await submitting
    expect(room.deliveries(worker)).toEqual([`${task.id}#1`])
  })

  test('is shown as over only once its end is on disk', async () => {
    const room = await openDurableHall()
    const worker = room.open()
    const task = await room.submit()
    const { events, isOver } = await room.follow(task)
    await room.settle()
    room.store.stop()
    room.answer(worker, task)
    await room.settle()
    expect(await room.find(task)).toMatchObject({ state: 'working' })
    expect(isOver()).toBe(false)
    room.store.flow()
    await room.settle()
    expect(await room.find(task)).toMatchObject({ state: 'completed' })
    expect(events.at(-1)).toMatchObject({ event: 'state', data: { state: 'completed', response: 'done' } })
    expect(isOver()).toBe(true)
  })

  test('keeps its place in the order of submissions, across the names and skills of an agent', async () => {
    const room = await openDurableHall()
    const tasks = [
      await room.submit(),
      await room.submit({ skill: 'sums' }),
      await room.submit(),
      await room.submit({ skill: 'words' }),
    ]
    const worker = room.open({ skills: ['Sums', 'words'] })
    expect(room.deliveries(worker)).toEqual(tasks.map(({ id }) => `${id}#1`))
  })

  test('waits in the mailbox while all places of its agent are taken, and a replica that comes helps', async () => {
    const room = await openDurableHall()
    const one = room.open({ maxConcurrency: 1 })
    const first = await room.submit()
    const second = await room.submit()
    const third = await room.submit()
    expect(room.deliveries(one)).toEqual([`${first.id}#1`])
    const two = room.open({ maxConcurrency: 1, instanceId: 'two' })
    expect(room.deliveries(two)).toEqual([`${second.id}#1`])
    room.answer(one, first)
    expect(room.deliveries(one)).toEqual([`${first.id}#1`, `${third.id}#1`])
  })

  test('waits while its agent has much to read, goes to a replica that has not, and to the agent once that has caught up', async () => {
    const room = await openDurableHall()
    const busy = room.open({ instanceId: 'busy' })
    busy.transport.isBacklogged = true
    const first = await room.submit()
    expect(room.deliveries(busy)).toEqual([])
    const replica = room.open({ instanceId: 'replica', maxConcurrency: 1 })
    expect(room.deliveries(replica)).toEqual([`${first.id}#1`])
    const second = await room.submit()
    await room.pass(500)
    expect(room.deliveries(busy)).toEqual([])
    busy.transport.isBacklogged = false
    await room.pass(500)
    expect(room.deliveries(busy)).toEqual([`${second.id}#1`])
  })

  test('expires in the mailbox', async () => {
    const room = await openDurableHall()
    const task = await room.submit({ ttlMs: 2_000 })
    await room.pass(1_500)
    expect(await room.find(task)).toMatchObject({ state: 'submitted' })
    await room.pass(1_000)
    expect(await room.find(task)).toMatchObject({ state: 'failed', code: 'expired' })
    expect(room.deliveries(room.open())).toEqual([])
  })

  test('that an agent has begun may go on after its stay in the mailbox would be over', async () => {
    const room = await openDurableHall()
    const worker = room.open()
    const task = await room.submit({ ttlMs: 2_000 })
    room.accept(worker, task)
    await room.pass(60_000)
    expect(await room.find(task)).toMatchObject({ state: 'working', attempts: 1 })
    room.answer(worker, task)
    await room.settle()
    expect(await room.find(task)).toMatchObject({ state: 'completed' })
  })

  test('ends at the deadline of its caller, and its agent is told to stop', async () => {
    const room = await openDurableHall()
    const worker = room.open()
    const task = await room.submit({ timeoutMs: 3_000 })
    room.accept(worker, task)
    await room.pass(3_500)
    expect(await room.find(task)).toMatchObject({ state: 'failed', code: 'task_timeout' })
    expect(worker.transport.sentOf('task-cancel')).toMatchObject([{ requestId: task.id }])
  })

  test('whose answer is no string ends as failed, and the agent is told', async () => {
    const room = await openDurableHall()
    const worker = room.open()
    const task = await room.submit()
    const answer = () =>
      room.desk.agents.answer(worker.session, { type: 'task-response', requestId: task.id, response: null })
    expect(answer).toThrow('response must be a string')
    await room.settle()
    expect(await room.find(task)).toMatchObject({ state: 'failed', code: 'bad_response' })
  })

  test('is canceled once, wherever it is, and whoever has it is told', async () => {
    const room = await openDurableHall()
    const waiting = await room.submit({ agent: 'nobody' })
    const worker = room.open()
    const working = await room.submit()
    expect(await room.desk.cancel(waiting.id)).toMatchObject({ state: 'canceled', code: 'task_canceled' })
    expect(await room.desk.cancel(working.id)).toMatchObject({ state: 'canceled', agent: 'worker' })
    expect(worker.transport.sentOf('task-cancel')).toMatchObject([{ requestId: working.id }])
    expect(await room.desk.cancel(working.id)).toMatchObject({ state: 'canceled' })
    expect(() => room.answer(worker, working)).toThrow('over already')
    await expect(room.desk.cancel('no-task')).rejects.toMatchObject({ code: 'unknown_task' })
  })

  test('that is over is forgotten after its retention', async () => {
    const room = await openDurableHall({ taskRetentionMs: 2 * DAY_MS })
    const worker = room.open()
    const task = await room.submit()
    room.answer(worker, task)
    await room.settle()
    for (let hour = 0; hour < 47; hour++) await room.pass(3_600_000, 1_800_000)
    expect(await room.find(task)).toMatchObject({ state: 'completed' })
    for (let hour = 0; hour < 2; hour++) await room.pass(3_600_000, 1_800_000)
    await expect(room.find(task)).rejects.toMatchObject({ code: 'unknown_task' })
  })
})
