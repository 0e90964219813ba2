import { describe, expect, test } from 'vitest'
import { openDurableHall } from '../../test-support/durable-hall.ts'
import { ScriptedStore } from '../../test-support/scripted-store.ts'

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
