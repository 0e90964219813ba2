import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import type { AgentEvent } from '../../core/events.ts'
import { logEvents } from './log-events.ts'

const log = (event: AgentEvent): Record<string, unknown> => {
  const lines: string[] = []
  logEvents(pino({ level: 'debug' }, { write: (line: string) => lines.push(line) }))(event)
  return JSON.parse(lines[0] ?? '')
}

describe('the log', () => {
  it('writes an event as its facts and a constant sentence', () => {
    expect(log({ type: 'task.completed', taskId: 't1', workMs: 5, chars: 9 })).toMatchObject({
      level: 30,
      taskId: 't1',
      workMs: 5,
      msg: 'task completed',
    })
  })

  it('calls for a person where one is needed', () => {
    const failed = { type: 'provider.failed', taskId: 't1', provider: 'openai', model: 'm', workMs: 1 } as const
    expect(log({ ...failed, kind: 'auth' })).toMatchObject({ level: 50 })
    expect(log({ ...failed, kind: 'overload' })).toMatchObject({ level: 40 })
    expect(log({ ...failed, kind: 'canceled' })).toMatchObject({ level: 30 })
    expect(log({ type: 'budget.spent', day: '2026-01-31', tokens: 9, tokensMax: 9 })).toMatchObject({ level: 40 })
    expect(log({ type: 'link.stopped', because: 'x', byOwner: false })).toMatchObject({ level: 50 })
    expect(log({ type: 'link.stopped', because: 'x', byOwner: true })).toMatchObject({
      level: 30,
      msg: 'the link is closed',
    })
  })

  it('warns of a storage that fails, with its own word for it', () => {
    const line = log({ type: 'storage.failed', code: 'SQLITE_FULL', err: new Error('full') })
    expect(line).toMatchObject({ level: 40, code: 'SQLITE_FULL', msg: expect.stringContaining('cannot be written') })
    expect(log({ type: 'storage.recovered', failedMs: 5 })).toMatchObject({ level: 30 })
  })

  it('keeps the stack of a bug', () => {
    const line = log({ type: 'task.broken', taskId: 't1', err: new TypeError('x is not a function') })
    expect(line).toMatchObject({ level: 50, err: { type: 'TypeError', stack: expect.stringContaining('log-events') } })
  })
})
