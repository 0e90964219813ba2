import { describe, expect, test } from 'vitest'
import { buildHall } from '../test-support/build-hall.ts'
import { catchRefusal } from '../test-support/catch-refusal.ts'
import type { EndedTask } from './task.ts'

describe('the drain', () => {
  test('takes nothing new, tells the agents, waits for the last task and says goodbye', () => {
    const hall = buildHall()
    const { session, transport } = hall.open()
    const told: EndedTask[] = []
    const watcher = { ended: (task: EndedTask) => told.push(task) }
    const id = hall.hub.tasks.submit({ agent: 'worker', message: 'm', sender: 's' }, watcher)
    let idle = 0
    hall.hub.startDrain(() => {
      idle += 1
    })
    expect(hall.presence.heardBy(transport).at(-1)).toEqual({ type: 'event', event: 'hub-shutdown' })
    expect(catchRefusal(() => hall.open({ name: 'late' })).code).toBe('hub_draining')
    const submit = () => hall.hub.tasks.submit({ agent: 'worker', message: 'm', sender: 's' }, watcher)
    expect(catchRefusal(submit)).toMatchObject({ code: 'hub_draining', extras: { retryAfterMs: 5_000 } })
    const broadcast = () => hall.hub.tasks.broadcast({ message: 'm', sender: 's' }, () => {})
    expect(catchRefusal(broadcast).code).toBe('hub_draining')
    expect(idle).toBe(0)
    hall.hub.tasks.answer(session, { type: 'task-response', requestId: id, response: 'done' })
    expect(idle).toBe(1)
    hall.hub.finishDrain()
    expect(transport.closedBy).toBe('goingAway')
    expect(told).toMatchObject([{ state: 'completed' }])
  })

  test('ends at once when there is nothing to wait for', () => {
    const hall = buildHall()
    let idle = 0
    hall.hub.startDrain(() => {
      idle += 1
    })
    expect(idle).toBe(1)
  })

  test('ends what is still open when its time is over', () => {
    const hall = buildHall()
    const { transport } = hall.open({ protocol: 2 })
    const told: EndedTask[] = []
    hall.hub.tasks.submit({ agent: 'worker', message: 'm', sender: 's' }, { ended: (task) => told.push(task) })
    hall.hub.startDrain(() => {})
    hall.hub.finishDrain()
    expect(told).toMatchObject([{ state: 'failed', code: 'hub_draining' }])
    expect(transport.sentOf('task-cancel')).toHaveLength(1)
  })

  test('a session that is lost meanwhile is not waited for', () => {
    const hall = buildHall()
    const { session } = hall.open({ protocol: 2, instanceId: 'a' })
    const told: EndedTask[] = []
    hall.hub.tasks.submit({ agent: 'worker', message: 'm', sender: 's' }, { ended: (task) => told.push(task) })
    hall.hub.startDrain(() => {})
    hall.hub.closeSession(session)
    expect(told).toMatchObject([{ code: 'agent_disconnected' }])
  })
})
