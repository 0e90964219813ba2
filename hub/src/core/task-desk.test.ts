import { describe, expect, test } from 'vitest'
import { buildHall } from '../test-support/build-hall.ts'
import { catchRefusal } from '../test-support/catch-refusal.ts'
import { submit } from '../test-support/submit.ts'
import type { EndedTask } from './task.ts'

describe('a task at the desk', () => {
  test('goes to the agent as its level knows it', () => {
    const hall = buildHall()
    const one = hall.open({ name: 'one' })
    const two = hall.open({ name: 'two', protocol: 2 })
    const first = submit(hall, { agent: 'ONE' })
    const second = submit(hall, { agent: 'two', hops: 3, timeoutMs: 5_000 })
    const common = { type: 'task', message: 'do it', sender: 'bot' }
    expect(one.transport.sentOf('task')).toEqual([{ ...common, requestId: first.id }])
    expect(two.transport.sentOf('task')).toEqual([
      { ...common, requestId: second.id, deadline: '2026-01-01T00:00:05.000Z', attempt: 1, hops: 3 },
    ])
  })

  test('ends once with the answer of its holder; a second answer finds no task', () => {
    const hall = buildHall()
    const { session } = hall.open()
    const { id, told } = submit(hall)
    hall.hub.tasks.answer(session, { type: 'task-response', requestId: id, response: 'done' })
    expect(told).toMatchObject([{ state: 'completed', agent: 'worker', response: 'done', attempts: 1 }])
    const again = catchRefusal(() =>
      hall.hub.tasks.answer(session, { type: 'task-response', requestId: id, response: 'x' }),
    )
    expect(again).toMatchObject({ code: 'unknown_task', extras: { requestId: id } })
    expect(told).toHaveLength(1)
    expect(session.held.size).toBe(0)
  })

  test('cannot be touched by a session that does not hold it', () => {
    const hall = buildHall()
    hall.open({ protocol: 2 })
    const stranger = hall.open({ name: 'stranger', protocol: 2 })
    const { id, told, progress } = submit(hall)
    const { tasks } = hall.hub
    const acts = [
      () => tasks.answer(stranger.session, { type: 'task-response', requestId: id, response: 'mine' }),
      () => tasks.fail(stranger.session, { type: 'task-error', requestId: id, error: 'mine' }),
      () => tasks.accept(stranger.session, { type: 'task-accepted', requestId: id }),
      () => tasks.progress(stranger.session, { type: 'task-progress', requestId: id, percent: 1 }),
      () => tasks.stream(stranger.session, { type: 'task-delta', requestId: id, seq: 0, text: 'x' }),
    ]
    for (const act of acts) expect(catchRefusal(act).code).toBe('not_your_task')
    expect([told, progress]).toEqual([[], []])
  })

  test('ends as failed when the answer is no string, and the agent is told', () => {
    const hall = buildHall()
    const { session } = hall.open()
    const { id, told } = submit(hall)
    const answer = () => hall.hub.tasks.answer(session, { type: 'task-response', requestId: id, response: null })
    expect(catchRefusal(answer).code).toBe('bad_response')
    expect(told).toMatchObject([{ state: 'failed', code: 'bad_response' }])
  })

  test('ends as failed or rejected by the word of its agent', () => {
    const hall = buildHall()
    const { session } = hall.open()
    const [failed, rejected, mute] = [submit(hall), submit(hall), submit(hall)]
    const { tasks } = hall.hub
    tasks.fail(session, { type: 'task-error', requestId: failed.id, error: 'broken', code: 'my_code' })
    tasks.fail(session, { type: 'task-error', requestId: rejected.id, error: 'not mine', code: 'rejected' })
    const silent = () => tasks.fail(session, { type: 'task-error', requestId: mute.id, error: null })
    expect(catchRefusal(silent).code).toBe('bad_request')
    expect(failed.told).toMatchObject([{ state: 'failed', code: 'agent_error', error: 'broken' }])
    expect(rejected.told).toMatchObject([{ state: 'rejected', code: 'rejected', error: 'not mine' }])
    expect(mute.told).toMatchObject([{ state: 'failed', code: 'agent_error' }])
  })

  test('progress and pieces reach whoever waits', () => {
    const hall = buildHall()
    const { session } = hall.open({ protocol: 2 })
    const { id, progress } = submit(hall)
    hall.hub.tasks.progress(session, { type: 'task-progress', requestId: id, message: 'half', percent: 50 })
    hall.hub.tasks.stream(session, { type: 'task-delta', requestId: id, seq: 0, text: 'be' })
    expect(progress).toEqual([
      { message: 'half', percent: 50 },
      { seq: 0, text: 'be' },
    ])
  })

  test('times out at its deadline, and a level-2 agent is told to stop', () => {
    const hall = buildHall()
    const one = hall.open({ name: 'one' })
    const two = hall.open({ name: 'two', protocol: 2 })
    const tasks = [submit(hall, { agent: 'one', timeoutMs: 1_000 }), submit(hall, { agent: 'two', timeoutMs: 1_000 })]
    hall.clock.advance(999)
    hall.hub.sweep()
    expect(tasks.map(({ told }) => told.length)).toEqual([0, 0])
    hall.clock.advance(1)
    hall.hub.sweep()
    for (const { told } of tasks) expect(told).toMatchObject([{ state: 'failed', code: 'task_timeout' }])
    expect(one.transport.sentOf('task-cancel')).toEqual([])
    expect(two.transport.sentOf('task-cancel')).toMatchObject([{ requestId: tasks[1]?.id }])
  })

  test('without a wish of the caller it has the time that the operator gives', () => {
    const hall = buildHall({ taskTimeoutMs: 2_000 })
    hall.open()
    const { told } = submit(hall)
    hall.clock.advance(2_000)
    hall.hub.sweep()
    expect(told).toHaveLength(1)
  })

  test('is canceled once by its caller', () => {
    const hall = buildHall()
    const { session, transport } = hall.open({ protocol: 2 })
    const { id, told } = submit(hall)
    hall.hub.tasks.cancel(id, 'The caller hung up.')
    hall.hub.tasks.cancel(id, 'Again.')
    expect(told).toMatchObject([{ state: 'canceled', code: 'task_canceled', error: 'The caller hung up.' }])
    expect(transport.sentOf('task-cancel')).toEqual([
      { type: 'task-cancel', requestId: id, reason: 'The caller hung up.' },
    ])
    expect(session.held.size).toBe(0)
  })

  test('is refused when nobody is there, and when everybody is full', () => {
    const hall = buildHall()
    expect(catchRefusal(() => submit(hall)).code).toBe('agent_not_found')
    expect(catchRefusal(() => submit(hall, { skill: 'fly' })).code).toBe('no_agent_with_skill')
    hall.open()
    for (let task = 0; task < 256; task++) submit(hall)
    const refusal = catchRefusal(() => submit(hall))
    expect(refusal).toMatchObject({ code: 'agent_busy', extras: { retryAfterMs: 1_000 } })
    expect(hall.hub.tasks.count).toBe(256)
  })

  test('finds the next replica when the first one takes nothing any more', () => {
    const hall = buildHall()
    const older = hall.open()
    const newer = hall.open()
    newer.transport.break()
    const { id } = submit(hall)
    expect(older.transport.sentOf('task')).toMatchObject([{ requestId: id }])
    expect(hall.hub.sessionCount).toBe(1)
  })
})

describe('a broadcast', () => {
  test('asks every session and tells all ends in order of registration', () => {
    const hall = buildHall()
    const guests = ['a', 'b', 'c'].map((name) => hall.open({ name }))
    const told: (readonly EndedTask[])[] = []
    const ids = hall.hub.tasks.broadcast({ message: 'all', sender: 'bot' }, (ends) => told.push(ends))
    for (const [place, guest] of [...guests.entries()].reverse()) {
      const requestId = ids[place] ?? ''
      expect(guest.transport.sentOf('task')).toMatchObject([{ requestId, message: 'all' }])
      hall.hub.tasks.answer(guest.session, { type: 'task-response', requestId, response: `from ${guest.session.name}` })
    }
    expect(told).toMatchObject([[{ response: 'from a' }, { response: 'from b' }, { response: 'from c' }]])
  })

  test('a full or broken session fails its own entry only', () => {
    const hall = buildHall()
    const full = hall.open({ name: 'full' })
    for (let task = 0; task < 256; task++) submit(hall, { agent: 'full' })
    hall.open({ name: 'broken' }).transport.break()
    const fine = hall.open({ name: 'fine' })
    const told: (readonly EndedTask[])[] = []
    const ids = hall.hub.tasks.broadcast({ message: 'all', sender: 'bot' }, (ends) => told.push(ends))
    hall.hub.tasks.answer(fine.session, { type: 'task-response', requestId: ids[2] ?? '', response: 'yes' })
    expect(told).toMatchObject([
      [{ agent: 'full', code: 'agent_busy' }, { agent: 'broken', code: 'agent_disconnected' }, { response: 'yes' }],
    ])
    expect(full.session.held.size).toBe(256)
  })

  test('with nobody here there are no results', () => {
    const told: unknown[] = []
    buildHall().hub.tasks.broadcast({ message: 'all', sender: 'bot' }, (ends) => told.push(ends))
    expect(told).toEqual([[]])
  })

  test('the next one waits for the cooldown', () => {
    const hall = buildHall({ broadcastCooldownMs: 10_000 })
    const broadcast = () => hall.hub.tasks.broadcast({ message: 'all', sender: 'bot' }, () => {})
    broadcast()
    hall.clock.advance(2_500)
    expect(catchRefusal(broadcast)).toMatchObject({ code: 'rate_limited', extras: { retryAfterMs: 7_500 } })
    hall.clock.advance(7_500)
    expect(broadcast()).toEqual([])
  })
})
