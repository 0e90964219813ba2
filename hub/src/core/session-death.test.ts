import { describe, expect, test } from 'vitest'
import { buildHall } from '../test-support/build-hall.ts'
import { submit } from '../test-support/submit.ts'
import type { EndedTask } from './task.ts'

describe('the death of a session', () => {
  test('level 1: its tasks end at once', () => {
    const hall = buildHall()
    const { session } = hall.open()
    hall.open()
    const { told } = submit(hall)
    const other = submit(hall)
    hall.hub.closeSession(session)
    expect([...told, ...other.told]).toMatchObject([{ state: 'failed', code: 'agent_disconnected', agent: 'worker' }])
  })

  test('level 2, not begun: a replica gets it at once, as the next attempt', () => {
    const hall = buildHall()
    const older = hall.open({ protocol: 2, instanceId: 'a' })
    const newer = hall.open({ protocol: 2, instanceId: 'b' })
    const { id, told } = submit(hall)
    hall.hub.closeSession(newer.session)
    expect(older.transport.sentOf('task')).toMatchObject([{ requestId: id, attempt: 2 }])
    expect(told).toEqual([])
    hall.hub.tasks.answer(older.session, { type: 'task-response', requestId: id, response: 'done' })
    expect(told).toMatchObject([{ state: 'completed', attempts: 2 }])
  })

  test('level 2, begun: the same instance keeps it, and gets it again as the same attempt', () => {
    const hall = buildHall()
    const lost = hall.open({ protocol: 2, instanceId: 'a' })
    hall.open({ protocol: 2, instanceId: 'b', name: 'worker' })
    hall.hub.closeSession(lost.session)
    const back = hall.open({ protocol: 2, instanceId: 'a' })
    const { id, told } = submit(hall)
    hall.hub.tasks.accept(back.session, { type: 'task-accepted', requestId: id })
    hall.hub.closeSession(back.session)
    hall.clock.advance(14_900)
    hall.hub.sweep()
    expect(told).toEqual([])
    const again = hall.open({ protocol: 2, instanceId: 'a' })
    expect(again.transport.sentOf('task')).toMatchObject([{ requestId: id, attempt: 1 }])
    hall.hub.tasks.answer(again.session, { type: 'task-response', requestId: id, response: 'done' })
    expect(told).toMatchObject([{ state: 'completed' }])
  })

  test('level 2, begun: after 15 s without a return it ends', () => {
    const hall = buildHall()
    const { session } = hall.open({ protocol: 2, instanceId: 'a' })
    const { id, told } = submit(hall)
    hall.hub.tasks.accept(session, { type: 'task-accepted', requestId: id })
    hall.hub.closeSession(session)
    hall.clock.advance(15_000)
    hall.hub.sweep()
    expect(told).toMatchObject([{ state: 'failed', code: 'agent_disconnected' }])
  })

  test('level 2 without an instance: nobody is waited for', () => {
    const hall = buildHall()
    const { session } = hall.open({ protocol: 2 })
    const { told } = submit(hall)
    hall.hub.closeSession(session)
    expect(told).toMatchObject([{ code: 'agent_disconnected' }])
  })

  test('what waits for an instance goes to a newcomer of its target, if it was not begun', () => {
    const hall = buildHall()
    const lost = hall.open({ protocol: 2, instanceId: 'a', skills: ['Build'] })
    const byName = submit(hall)
    const bySkill = submit(hall, { skill: 'build' })
    const begun = submit(hall)
    hall.hub.tasks.accept(lost.session, { type: 'task-accepted', requestId: begun.id })
    hall.hub.closeSession(lost.session)
    const newcomer = hall.open({ protocol: 2, instanceId: 'b', skills: ['build'] })
    const got = newcomer.transport.sentOf('task').map(({ requestId }) => requestId)
    expect(new Set(got)).toEqual(new Set([byName.id, bySkill.id]))
    hall.clock.advance(15_000)
    hall.hub.sweep()
    expect(begun.told).toMatchObject([{ code: 'agent_disconnected' }])
    expect([...byName.told, ...bySkill.told]).toEqual([])
  })

  test('an entry of a broadcast is for its session alone', () => {
    const hall = buildHall()
    const lost = hall.open({ protocol: 2, instanceId: 'a' })
    const told: (readonly EndedTask[])[] = []
    hall.hub.tasks.broadcast({ message: 'all', sender: 'bot' }, (ends) => told.push(ends))
    hall.open({ protocol: 2, instanceId: 'b' })
    hall.hub.closeSession(lost.session)
    hall.open({ protocol: 2, instanceId: 'c' })
    expect(told).toEqual([])
    hall.clock.advance(15_000)
    hall.hub.sweep()
    expect(told).toMatchObject([[{ code: 'agent_disconnected', agent: 'worker' }]])
  })
})
