import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ProtocolError } from './errors.ts'
import { catchRefusal } from './refusal.fixture.ts'
import {
  broadcastResult,
  parseBroadcastRequest,
  parseDurableTaskRequest,
  parseTaskListQuery,
  parseTaskRequest,
  taskEvent,
  taskView,
} from './rest.ts'

const TASK = { agent: 'Bob', message: 'do it' }

describe('the body of a task', () => {
  test('needs a target and a message; the sender is called bot', () => {
    expect(parseTaskRequest(TASK)).toEqual({ ...TASK, sender: 'bot' })
    expect(parseTaskRequest({ skill: 'build', message: 'm', sender: '' })).toEqual({
      skill: 'build',
      message: 'm',
      sender: '',
    })
  })

  test('keeps what else is known, and drops the rest', () => {
    const more = { timeoutMs: 1_000, conversationId: 'c', hops: 8 }
    expect(parseTaskRequest({ ...TASK, ...more, colour: 'red' })).toEqual({ ...TASK, sender: 'bot', ...more })
    expect(parseTaskRequest({ ...TASK, ttlMs: 'ignored' })).not.toHaveProperty('ttlMs')
  })

  test.each([
    [/either agent .* or skill/, { message: 'm' }],
    [/either agent .* or skill/, { ...TASK, skill: 'build' }],
    [/agent must not be empty/, { agent: '', message: 'm' }],
    [/skill must not be empty/, { skill: '', message: 'm' }],
    [/agent must be a string/, { agent: null, message: 'm' }],
    [/message must not be empty/, { agent: 'a', message: '' }],
    [/message must be a string/, { agent: 'a' }],
    [/message must be a string/, { agent: 'a', message: ['m'] }],
    [/sender must be a string/, { ...TASK, sender: 5 }],
    [/sender must be at most 128/, { ...TASK, sender: 's'.repeat(129) }],
    [/timeoutMs must be a whole number from 1000 to 3600000/, { ...TASK, timeoutMs: 999 }],
    [/timeoutMs/, { ...TASK, timeoutMs: 3_600_001 }],
    [/timeoutMs/, { ...TASK, timeoutMs: 1_000.5 }],
    [/timeoutMs/, { ...TASK, timeoutMs: '5000' }],
    [/timeoutMs/, { ...TASK, timeoutMs: null }],
    [/conversationId must not be empty/, { ...TASK, conversationId: '' }],
    [/conversationId/, { ...TASK, conversationId: 'c'.repeat(129) }],
    [/hops must be 0 or more/, { ...TASK, hops: -1 }],
    [/hops must be a whole number/, { ...TASK, hops: 'many' }],
  ])('is refused with %s', (sentence, body) => {
    const error = catchRefusal(() => parseTaskRequest(body))
    expect(error.code).toBe('bad_request')
    expect(error.detail).toMatch(sentence)
  })

  test.each([undefined, null, [], 'text', 7])('is refused when it is no object: %j', (body) => {
    expect(catchRefusal(() => parseTaskRequest(body)).detail).toBe('The body must be a JSON object.')
    expect(catchRefusal(() => parseBroadcastRequest(body)).detail).toBe('The body must be a JSON object.')
  })

  test('that was passed on nine times is a loop', () => {
    expect(catchRefusal(() => parseTaskRequest({ ...TASK, hops: 9 })).code).toBe('loop_detected')
    expect(catchRefusal(() => parseDurableTaskRequest({ ...TASK, hops: 9 })).code).toBe('loop_detected')
  })

  test('has its lone surrogates mended, also in names', () => {
    expect(parseTaskRequest({ agent: 'B\ud800', message: '\udc00' })).toMatchObject({
      agent: 'B\ufffd',
      message: '\ufffd',
    })
  })

  test('does not inherit a target', () => {
    const body: unknown = JSON.parse('{"message":"m","__proto__":{"agent":"evil"}}')
    expect(catchRefusal(() => parseTaskRequest(body)).code).toBe('bad_request')
  })

  test('is taken or refused, never anything else, for any JSON', () => {
    const anyBody = fc.oneof(
      fc.jsonValue(),
      fc.dictionary(fc.constantFrom('agent', 'skill', 'message', 'hops', 'sender'), fc.jsonValue()),
    )
    fc.assert(
      fc.property(anyBody, (body) => {
        for (const parse of [parseTaskRequest, parseDurableTaskRequest, parseBroadcastRequest, parseTaskListQuery]) {
          try {
            parse(body)
          } catch (error) {
            expect(error).toBeInstanceOf(ProtocolError)
          }
        }
      }),
    )
  })
})

describe('the other requests', () => {
  test('a durable task may wait from a second to thirty days', () => {
    for (const ttlMs of [1_000, 2_592_000_000]) expect(parseDurableTaskRequest({ ...TASK, ttlMs }).ttlMs).toBe(ttlMs)
    for (const ttlMs of [999, 2_592_000_001, 'long']) {
      expect(catchRefusal(() => parseDurableTaskRequest({ ...TASK, ttlMs })).detail).toContain('ttlMs')
    }
  })

  test('a broadcast needs a message only, and has no target', () => {
    expect(parseBroadcastRequest({ message: 'm', agent: 'a' })).toEqual({ message: 'm', sender: 'bot' })
    expect(catchRefusal(() => parseBroadcastRequest({ message: '' })).code).toBe('bad_request')
  })

  test('a list of tasks is paged by fifty, at most two hundred', () => {
    expect(parseTaskListQuery({})).toEqual({ limit: 50 })
    expect(parseTaskListQuery({ state: 'working', agent: 'a', limit: '200', cursor: 'c' })).toMatchObject({
      limit: 200,
    })
    for (const query of [{ limit: '201' }, { limit: '0' }, { limit: 'x' }, { limit: '1.5' }, { state: 'done' }]) {
      expect(catchRefusal(() => parseTaskListQuery(query)).code).toBe('bad_request')
    }
  })
})

describe('the answers', () => {
  const moment = '2026-01-01T00:00:00.000Z'
  const task = {
    id: 't',
    state: 'working',
    agent: 'a',
    message: 'm',
    sender: 's',
    createdAt: moment,
    updatedAt: moment,
    attempts: 1,
  }

  test('a task is seen with its moments in ISO 8601', () => {
    expect(taskView.parse(task)).toEqual(task)
    expect(taskView.safeParse({ ...task, createdAt: 'yesterday' }).success).toBe(false)
    expect(taskView.safeParse({ ...task, state: 'done' }).success).toBe(false)
  })

  test('an event of a stream is one of four', () => {
    for (const event of ['snapshot', 'state']) expect(taskEvent.safeParse({ event, data: task }).success).toBe(true)
    expect(taskEvent.safeParse({ event: 'progress', data: { percent: 5 } }).success).toBe(true)
    expect(taskEvent.safeParse({ event: 'delta', data: { seq: 0, text: 'x' } }).success).toBe(true)
    expect(taskEvent.safeParse({ event: 'end', data: task }).success).toBe(false)
  })

  test('a failed entry of a broadcast has a code of the table', () => {
    const failed = { success: false, agent: 'a', error: 'e' }
    expect(broadcastResult.safeParse({ ...failed, code: 'agent_error' }).success).toBe(true)
    expect(broadcastResult.safeParse({ ...failed, code: 'my_own' }).success).toBe(false)
    expect(broadcastResult.safeParse({ success: true, agent: 'a', response: 'r', taskId: 't' }).success).toBe(true)
  })
})
