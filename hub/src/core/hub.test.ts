import { describe, expect, test } from 'vitest'
import { buildHall } from '../test-support/build-hall.ts'
import { catchRefusal } from '../test-support/catch-refusal.ts'
import type { EndedTask } from './task.ts'

describe('a registration', () => {
  test('is answered with the id, a welcome and the bounds', () => {
    const hall = buildHall({ maxPayloadBytes: 70_000 })
    hall.open({ name: 'first' })
    const { session, transport } = hall.open({ name: 'Second' })
    expect(transport.sent).toEqual([
      {
        type: 'registered',
        agentId: session.id,
        message: 'Welcome, Second. 2 agent(s) online.',
        protocol: 2,
        heartbeatMs: 30_000,
        limits: { maxPayload: 70_000, maxInFlight: 256 },
      },
    ])
  })

  test('is told to the others, and its end too', () => {
    const hall = buildHall()
    const first = hall.open({ name: 'first' })
    const second = hall.open({ name: 'second', workspace: 'lab', skills: ['Build'] })
    hall.hub.closeSession(second.session)
    expect(hall.presence.heardBy(first.transport)).toEqual([
      { type: 'event', event: 'agent-joined', name: 'second', workspace: 'lab', skills: ['Build'] },
      { type: 'event', event: 'agent-left', name: 'second' },
    ])
    expect(hall.presence.heardBy(second.transport)).toEqual([])
  })

  test('is refused when the hub is full; a replacement is not', () => {
    const hall = buildHall({ maxAgents: 1 })
    hall.open({ instanceId: 'a' })
    expect(catchRefusal(() => hall.open()).code).toBe('hub_full')
    hall.open({ instanceId: 'a' })
    expect(hall.hub.sessionCount).toBe(1)
  })

  test('of the same instance replaces the older session without a word of presence', () => {
    const hall = buildHall()
    const watcher = hall.open({ name: 'watcher' })
    const older = hall.open({ instanceId: 'a', protocol: 2 })
    const newer = hall.open({ name: 'WORKER', instanceId: 'a', protocol: 2 })
    expect(older.transport.closedBy).toBe('replaced')
    expect(hall.presence.heardBy(watcher.transport)).toHaveLength(1)
    hall.open({ name: 'later' })
    expect(hall.presence.heardBy(older.transport)).toEqual([])
    expect(hall.presence.heardBy(newer.transport)).toMatchObject([{ name: 'later' }])
    hall.hub.closeSession(older.session)
    expect(hall.hub.sessionCount).toBe(3)
    expect(hall.eventsOf('session.replaced')).toMatchObject([{ sessionId: older.session.id, by: newer.session.id }])
  })

  test('of the same instance takes the tasks over, begun or not', () => {
    const hall = buildHall()
    hall.open({ instanceId: 'a', protocol: 2 })
    const told: EndedTask[] = []
    const watcher = { ended: (task: EndedTask) => told.push(task) }
    const id = hall.hub.tasks.submit({ agent: 'worker', message: 'm', sender: 's' }, watcher)
    const newer = hall.open({ instanceId: 'a', protocol: 2 })
    expect(newer.transport.sentOf('task')).toMatchObject([{ requestId: id, attempt: 1 }])
    hall.hub.tasks.answer(newer.session, { type: 'task-response', requestId: id, response: 'done' })
    expect(told).toMatchObject([{ state: 'completed' }])
  })

  test('of the same level-1 instance ends the tasks of the older session', () => {
    const hall = buildHall()
    hall.open({ instanceId: 'a' })
    const told: EndedTask[] = []
    hall.hub.tasks.submit({ agent: 'worker', message: 'm', sender: 's' }, { ended: (task) => told.push(task) })
    const newer = hall.open({ instanceId: 'a' })
    expect(told).toMatchObject([{ code: 'agent_disconnected' }])
    expect(newer.transport.sentOf('task')).toEqual([])
  })
})

describe('a lost session', () => {
  test('of level 2 with an instance leaves only after 15 s, and a return in time is no event', () => {
    const hall = buildHall()
    const watcher = hall.open({ name: 'watcher' })
    const lost = hall.open({ instanceId: 'a', protocol: 2 })
    hall.hub.closeSession(lost.session)
    hall.clock.advance(14_999)
    hall.hub.sweep()
    const back = hall.open({ instanceId: 'a', protocol: 2 })
    hall.hub.closeSession(back.session)
    hall.clock.advance(14_999)
    hall.hub.sweep()
    expect(hall.presence.heardBy(watcher.transport)).toHaveLength(1)
    hall.clock.advance(1)
    hall.hub.sweep()
    expect(hall.presence.heardBy(watcher.transport).at(-1)).toEqual({
      type: 'event',
      event: 'agent-left',
      name: 'worker',
    })
  })

  test('that was silent for 90 s is cut, and its tasks end', () => {
    const hall = buildHall()
    const { session, transport } = hall.open()
    const told: EndedTask[] = []
    hall.hub.tasks.submit({ agent: 'worker', message: 'm', sender: 's' }, { ended: (task) => told.push(task) })
    for (let second = 1; second <= 90; second++) {
      hall.clock.advance(1_000)
      hall.hub.sweep()
      if (second < 90) expect(hall.hub.sessionCount).toBe(1)
    }
    expect(transport.closedBy).toBe('terminated')
    expect(transport.pings).toBe(3)
    expect(told).toMatchObject([{ code: 'agent_disconnected' }])
    expect(hall.eventsOf('session.silent')).toMatchObject([{ sessionId: session.id, silentMs: 90_000 }])
  })

  test('any frame or pong is life', () => {
    const hall = buildHall()
    const { session } = hall.open()
    for (let second = 1; second <= 300; second++) {
      hall.clock.advance(1_000)
      if (second % 80 === 0) hall.hub.noteFrame(session)
      else if (second % 40 === 0) hall.hub.notePulse(session)
      hall.hub.sweep()
    }
    expect(hall.hub.sessionCount).toBe(1)
  })

  test('nobody is reaped for the time that the process itself stood still', () => {
    const hall = buildHall()
    hall.open()
    hall.hub.sweep()
    hall.clock.advance(3_600_000)
    hall.hub.sweep()
    expect(hall.eventsOf('hub.stalled')).toMatchObject([{ gapMs: 3_600_000 }])
    for (let second = 1; second < 35; second++) {
      hall.clock.advance(1_000)
      hall.hub.sweep()
    }
    expect(hall.hub.sessionCount).toBe(1)
    hall.clock.advance(1_000)
    hall.hub.sweep()
    expect(hall.hub.sessionCount).toBe(0)
  })
})

describe('frames and messages', () => {
  test('a session may send at its rate for ever, and no more than five seconds of it at once', () => {
    const hall = buildHall({ maxFramesPerS: 10 })
    const { session } = hall.open()
    for (let frame = 0; frame < 50; frame++) expect(hall.hub.noteFrame(session)).toBe(true)
    expect(hall.hub.noteFrame(session)).toBe(false)
    expect(hall.eventsOf('session.flooding')).toHaveLength(1)
    for (let second = 0; second < 20; second++) {
      hall.clock.advance(1_000)
      for (let frame = 0; frame < 10; frame++) expect(hall.hub.noteFrame(session)).toBe(true)
    }
  })

  test('a direct message carries the registered name of its sender', () => {
    const hall = buildHall()
    const from = hall.open({ name: 'Ann' })
    const to = hall.open({ name: 'Bob' })
    hall.hub.relayMessage(from.session, { type: 'agent-message', target: 'BOB', message: 'hi', hops: 8 })
    expect(to.transport.sentOf('agent-message')).toEqual([{ type: 'agent-message', from: 'Ann', message: 'hi' }])
  })

  test('a direct message reaches even an agent that is full of tasks', () => {
    const hall = buildHall()
    const from = hall.open({ name: 'Ann' })
    const to = hall.open({ name: 'Bob' })
    for (let task = 0; task < 256; task++) to.session.held.add(`task-${task}`)
    hall.hub.relayMessage(from.session, { type: 'agent-message', target: 'bob', message: 'hi' })
    expect(to.transport.sentOf('agent-message')).toHaveLength(1)
  })

  test('a direct message is refused without a receiver, with a broken one, and after 8 hops', () => {
    const hall = buildHall()
    const from = hall.open({ name: 'Ann' })
    const relay = (target: string, hops?: number) => () =>
      hall.hub.relayMessage(from.session, {
        type: 'agent-message',
        target,
        message: 'hi',
        ...(hops === undefined ? {} : { hops }),
      })
    expect(catchRefusal(relay('Anna'))).toMatchObject({ code: 'agent_not_found', extras: { suggestions: ['Ann'] } })
    hall.open({ name: 'Bob' }).transport.break()
    expect(catchRefusal(relay('bob')).code).toBe('agent_disconnected')
    expect(catchRefusal(relay('ann', 9)).code).toBe('loop_detected')
  })

  test('the list of agents says who they are and since when, in order of registration', () => {
    const hall = buildHall()
    hall.open({ name: 'old' })
    hall.clock.advance(1_500)
    hall.open({ name: 'new', protocol: 2, maxConcurrency: 2, description: 'd', version: '1', skills: ['x'] })
    hall.hub.tasks.submit({ agent: 'new', message: 'm', sender: 's' }, { ended: () => {} })
    const moment = '2026-01-01T00:00:01.500Z'
    expect(hall.hub.listAgents()).toEqual([
      {
        id: 'id-1',
        name: 'old',
        workspace: '',
        skills: [],
        connectedAt: '2026-01-01T00:00:00.000Z',
        lastSeen: '2026-01-01T00:00:00.000Z',
        inFlight: 0,
        protocol: 1,
      },
      {
        id: 'id-2',
        name: 'new',
        workspace: '',
        skills: ['x'],
        connectedAt: moment,
        lastSeen: moment,
        inFlight: 1,
        protocol: 2,
        maxConcurrency: 2,
        description: 'd',
        version: '1',
      },
    ])
  })
})
