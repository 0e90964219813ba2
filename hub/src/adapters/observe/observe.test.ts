import { type Level, type Logger, pino } from 'pino'
import { describe, expect, test } from 'vitest'
import { FakeClock } from '../../test-support/fake-clock.ts'
import { countEvents } from './count-events.ts'
import { logEvents } from './log-events.ts'

const startLog = (level: Level = 'debug') => {
  const lines: Record<string, unknown>[] = []
  const logger: Logger = pino(
    { level, base: null, timestamp: false },
    { write: (line) => lines.push(JSON.parse(line)) },
  )
  const clock = new FakeClock()
  return { lines, clock, observe: logEvents(logger, () => clock.now()) }
}
const KNOCK = { type: 'connection.refused', reason: 'origin', address: '10.0.0.1' } as const

describe('the log', () => {
  test('writes an event with its object first and a constant sentence', () => {
    const { lines, observe } = startLog()
    observe({ type: 'session.opened', sessionId: 's', agent: 'Ann', level: 2 })
    expect(lines[0]).toMatchObject({ type: 'session.opened', sessionId: 's', msg: 'An agent has registered' })
  })

  test('has no line per task or message at info', () => {
    const { lines, observe } = startLog('info')
    observe({ type: 'task.dispatched', taskId: 't', agent: 'Ann', attempt: 1 })
    observe({ type: 'task.ended', taskId: 't', agent: 'Ann', state: 'completed', code: undefined, tookMs: 1 })
    observe({ type: 'message.relayed', from: 'a', target: 'b' })
    expect(lines).toEqual([])
  })

  test('leaves out what a stranger raises without end, and says how much', () => {
    const { lines, clock, observe } = startLog()
    for (let knock = 0; knock < 1_000; knock++) observe(KNOCK)
    expect(lines).toHaveLength(20)
    observe({ type: 'login.failed', address: '10.0.0.1', locked: false })
    expect(lines).toHaveLength(21)
    clock.advance(1_000)
    observe(KNOCK)
    expect(lines.slice(21)).toMatchObject([{ msg: 'Lines were left out', lines: 980 }, { reason: 'origin' }])
  })

  test('tells a bug with its error', () => {
    const { lines, observe } = startLog()
    observe({ type: 'internal.error', where: 'GET /agents', error: new TypeError('oops') })
    expect(lines[0]).toMatchObject({ where: 'GET /agents', err: { type: 'TypeError', message: 'oops' } })
  })
})

test('events are counted by type, ended tasks by state', () => {
  const counts = countEvents()
  counts.observe(KNOCK)
  counts.observe(KNOCK)
  const ended = { type: 'task.ended', taskId: 't', agent: undefined, code: 'agent_error', tookMs: 1 } as const
  counts.observe({ ...ended, state: 'failed' })
  counts.observe({ ...ended, state: 'canceled' })
  expect(counts.read()).toEqual({ 'connection.refused': 2, 'task.failed': 1, 'task.canceled': 1 })
})
