import { describe, expect, test } from 'vitest'
import { openDurableHall } from '../../test-support/durable-hall.ts'

describe('a durable task that was handed out', () => {
  test('that is not acknowledged is delivered five times with growing waits, then it is undeliverable', async () => {
    const room = await openDurableHall()
    const worker = room.open()
    const task = await room.submit()
    const at: number[] = []
    for (let step = 0; step < 1_000 && (await room.find(task)).state !== 'failed'; step++) {
      if (room.deliveries(worker).length > at.length) at.push(room.hall.clock.now())
      await room.pass(500)
      room.hall.hub.noteFrame(worker.session)
    }
    expect(room.deliveries(worker)).toEqual([1, 2, 3, 4, 5].map((attempt) => `${task.id}#${attempt}`))
    const waits = at.slice(1).map((time, place) => time - (at[place] ?? 0))
    expect(waits.map((wait) => Math.round(wait / 1_000))).toEqual([31, 35, 60, 150])
    expect(await room.find(task)).toMatchObject({ state: 'failed', code: 'undeliverable', attempts: 5 })
  })

  test('that nobody acknowledges does not hold up those behind it', async () => {
    const room = await openDurableHall()
    const worker = room.open({ maxConcurrency: 1 })
    const poisoned = await room.submit()
    const next = await room.submit()
    await room.pass(30_500)
    expect(room.deliveries(worker)).toEqual([`${poisoned.id}#1`, `${next.id}#1`])
  })

  test('is acknowledged by progress or a piece of the answer, too, and then not delivered again', async () => {
    const room = await openDurableHall()
    const worker = room.open()
    const [one, two] = [await room.submit(), await room.submit()]
    const { agents } = room.desk
    agents.progress(worker.session, { type: 'task-progress', requestId: one.id, percent: 5 })
    agents.stream(worker.session, { type: 'task-delta', requestId: two.id, seq: 0, text: 'x' })
    for (let time = 0; time < 10; time++) {
      await room.pass(30_000, 30_000)
      room.hall.hub.noteFrame(worker.session)
    }
    expect(room.deliveries(worker)).toEqual([`${one.id}#1`, `${two.id}#1`])
  })

  test('of an agent of level 1 is not taken back for its silence', async () => {
    const room = await openDurableHall()
    room.hall.open()
    const task = await room.submit()
    await room.pass(60_000, 10_000)
    expect(await room.find(task)).toMatchObject({ state: 'working', attempts: 1 })
  })

  test('whose answer is late counts, as long as nobody else has it', async () => {
    const room = await openDurableHall()
    const worker = room.open()
    const task = await room.submit()
    await room.pass(30_500)
    expect(await room.find(task)).toMatchObject({ state: 'submitted' })
    room.answer(worker, task, 'late')
    await room.settle()
    expect(await room.find(task)).toMatchObject({ state: 'completed', response: 'late', attempts: 1 })
  })

  test('that went to a replica cannot be answered by the one that had it', async () => {
    const room = await openDurableHall()
    const slow = room.open({ instanceId: 'slow', maxConcurrency: 1 })
    const task = await room.submit()
    await room.pass(30_000)
    const other = room.open({ instanceId: 'other' })
    await room.pass(1_500)
    expect(room.deliveries(other)).toEqual([`${task.id}#2`])
    expect(() => room.answer(slow, task)).toThrow('Another session holds this task')
    expect(slow.transport.sentOf('task-cancel')).toMatchObject([{ requestId: task.id }])
    room.answer(other, task)
    await room.settle()
    expect(await room.find(task)).toMatchObject({ state: 'completed' })
  })

  test('cannot be touched by an agent of another name, not even while nobody has it', async () => {
    const room = await openDurableHall()
    const worker = room.open()
    const stranger = room.open({ name: 'stranger' })
    const task = await room.submit()
    expect(() => room.answer(stranger, task)).toThrow('Another session')
    room.lose(worker)
    expect(() => room.answer(stranger, task)).toThrow('Another session')
  })

  test('that its agent rejects is rejected; one that failed for good has failed; one that may succeed is tried again', async () => {
    const room = await openDurableHall()
    const worker = room.open()
    const [rejected, failed, again] = [await room.submit(), await room.submit(), await room.submit()]
    const { agents } = room.desk
    agents.fail(worker.session, { type: 'task-error', requestId: rejected.id, error: 'no', code: 'rejected' })
    agents.fail(worker.session, { type: 'task-error', requestId: failed.id, error: 'broken' })
    agents.fail(worker.session, { type: 'task-error', requestId: again.id, error: 'busy', retryable: true })
    await room.settle()
    expect(await room.find(rejected)).toMatchObject({ state: 'rejected', code: 'rejected', error: 'no' })
    expect(await room.find(failed)).toMatchObject({ state: 'failed', code: 'agent_error', error: 'broken' })
    expect(await room.find(again)).toMatchObject({ state: 'submitted' })
    await room.pass(1_500)
    expect(room.deliveries(worker).at(-1)).toBe(`${again.id}#2`)
  })

  test('that an agent hands back because it leaves is not given to it again', async () => {
    const room = await openDurableHall()
    const leaving = room.open()
    const task = await room.submit()
    room.desk.agents.fail(leaving.session, {
      type: 'task-error',
      requestId: task.id,
      error: 'bye',
      code: 'agent_disconnected',
      retryable: true,
    })
    await room.pass(10_000)
    expect(room.deliveries(leaving)).toEqual([`${task.id}#1`])
    room.lose(leaving)
    expect(room.deliveries(room.open())).toEqual([`${task.id}#2`])
  })

  test('is not given to an agent that has handed back a call because it leaves', async () => {
    const room = await openDurableHall()
    const leaving = room.open()
    const call = room.hall.hub.tasks.submit({ agent: 'worker', message: 'call', sender: 'bot' }, { ended: () => {} })
    const handBack = { type: 'task-error', requestId: call, error: 'bye', code: 'agent_disconnected' } as const
    room.hall.hub.tasks.fail(leaving.session, { ...handBack, retryable: true })
    const task = await room.submit()
    expect(room.deliveries(leaving)).toEqual([`${call}#1`])
    room.lose(leaving)
    expect(room.deliveries(room.open())).toEqual([`${task.id}#1`])
  })
})
