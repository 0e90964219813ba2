import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ProtocolError } from './errors.ts'
import { AGENT_FRAME_TYPES, HUB_FRAME_TYPES, parseAgentFrame, parseHubFrame } from './frames.ts'
import { catchRefusal } from './refusal.fixture.ts'

const parse = (frame: unknown) => parseAgentFrame(typeof frame === 'string' ? frame : JSON.stringify(frame))
const parseHub = (frame: unknown) => parseHubFrame(typeof frame === 'string' ? frame : JSON.stringify(frame))

/** Frames of each type as an agent may send them. */
const GOOD: { readonly [type: string]: readonly object[] } = {
  'task-response': [
    { requestId: 'r', response: 'done' },
    { requestId: 'r', response: '' },
  ],
  'task-error': [
    { requestId: 'r', error: 'no' },
    { requestId: 'r', error: 'no', code: 'rejected', retryable: false },
  ],
  'task-accepted': [{ requestId: 'r' }],
  'task-progress': [
    { requestId: 'r' },
    { requestId: 'r', message: 'half', percent: 50.5 },
    { requestId: 'r', percent: 100 },
  ],
  'task-delta': [{ requestId: 'r', seq: 0, text: '' }],
  'agent-message': [
    { target: 'Bob', message: 'hi' },
    { target: '', message: '', hops: 9 },
  ],
  ping: [{}],
}

/** Frames of each type that are refused, with the member that is complained about. */
const BAD: { readonly [type: string]: readonly (readonly [member: string, frame: object])[] } = {
  'task-response': [
    ['requestId', { response: 'x' }],
    ['requestId', { requestId: '', response: 'x' }],
    ['requestId', { requestId: 7 }],
  ],
  'task-error': [
    ['requestId', { error: 'x' }],
    ['code', { requestId: 'r', error: 'x', code: 5 }],
    ['code', { requestId: 'r', error: 'x', code: 'c'.repeat(65) }],
    ['retryable', { requestId: 'r', error: 'x', retryable: 'yes' }],
  ],
  'task-accepted': [
    ['requestId', {}],
    ['requestId', { requestId: 'r'.repeat(129) }],
  ],
  'task-progress': [
    ['percent', { requestId: 'r', percent: -1 }],
    ['percent', { requestId: 'r', percent: 100.1 }],
    ['percent', { requestId: 'r', percent: '5' }],
    ['message', { requestId: 'r', message: 5 }],
    ['message', { requestId: 'r', message: 'm'.repeat(4_097) }],
  ],
  'task-delta': [
    ['seq', { requestId: 'r', seq: -1, text: 'x' }],
    ['seq', { requestId: 'r', seq: 0.5, text: 'x' }],
    ['seq', { requestId: 'r', text: 'x' }],
    ['text', { requestId: 'r', seq: 0 }],
  ],
  'agent-message': [
    ['target', { message: 'x' }],
    ['message', { target: 'x', message: { text: 'x' } }],
    ['hops', { target: 'x', message: 'x', hops: -1 }],
    ['hops', { target: 'x', message: 'x', hops: '1' }],
  ],
  ping: [],
}

const goods = Object.entries(GOOD).flatMap(([type, frames]) => frames.map((frame) => ({ type, ...frame })))
const bads = Object.entries(BAD).flatMap(([type, rows]) =>
  rows.map(([member, frame]) => [member, { type, ...frame }] as const),
)

describe('a frame of an agent', () => {
  test('every type has its rows here', () => {
    expect(Object.keys(GOOD).sort()).toEqual([...AGENT_FRAME_TYPES].sort())
    expect(Object.keys(BAD).sort()).toEqual([...AGENT_FRAME_TYPES].sort())
  })

  test.each(goods)('%j is taken as it is', (frame) => {
    expect(parse(frame)).toEqual(frame)
  })

  test.each(bads)('with a bad %s is refused: %.90j', (member, frame) => {
    const error = catchRefusal(() => parse(frame))
    expect(error.code).toBe('bad_request')
    expect(error.detail).toContain(member)
  })

  test('loses members that nobody knows', () => {
    expect(parse({ type: 'ping', extra: 1 })).toEqual({ type: 'ping' })
  })

  test.each([1, null, {}, ['x'], true, undefined])(
    'an answer or an error that is %j, no string, becomes null',
    (value) => {
      expect(parse({ type: 'task-response', requestId: 'r', response: value })).toMatchObject({ response: null })
      expect(parse({ type: 'task-error', requestId: 'r', error: value })).toMatchObject({ error: null })
    },
  )

  test('has its lone surrogates mended', () => {
    expect(parse({ type: 'task-response', requestId: 'r', response: 'a\ud800' })).toMatchObject({ response: 'a\ufffd' })
    expect(parse({ type: 'task-error', requestId: 'r', error: '\udc00' })).toMatchObject({ error: '\ufffd' })
    expect(parse({ type: 'agent-message', target: 't', message: '\ud83d' })).toMatchObject({ message: '\ufffd' })
  })

  test.each(['', 'hello', '{', "{'type':'ping'}", '{"type":"ping"}x', '\u0000'])(
    'that is no JSON is told so: %j',
    (text) => {
      expect(catchRefusal(() => parse(text)).code).toBe('bad_json')
    },
  )

  test.each(['[]', 'null', '7', '"ping"', 'true', '{}', '{"type":1}', '{"type":null}', '{"type":["ping"]}'])(
    'that is no object, or has no type, is a bad request: %s',
    (text) => expect(catchRefusal(() => parse(text)).code).toBe('bad_request'),
  )

  test.each(['chat', '', 'Ping', 'toString', 'constructor', '__proto__', 'hasOwnProperty', 'registered', 'task'])(
    'of type %j is unknown, and the known ones are named',
    (type) => {
      const error = catchRefusal(() => parse({ type }))
      expect(error.code).toBe('unknown_type')
      expect(error.detail).toContain('task-response')
    },
  )

  test('that registers again is told that it is registered', () => {
    expect(catchRefusal(() => parse({ type: 'register', name: 'x' })).code).toBe('already_registered')
  })

  test('does not inherit what it does not have', () => {
    expect(catchRefusal(() => parse('{"type":"task-accepted","__proto__":{"requestId":"r"}}')).code).toBe('bad_request')
    expect(Object.hasOwn(parse('{"type":"ping","__proto__":{"admin":true}}'), '__proto__')).toBe(false)
  })

  test('that is refused is told which task it was about, when that can be read', () => {
    const delta = { type: 'task-delta', requestId: 'r-1', seq: -1, text: '' }
    expect(catchRefusal(() => parse(delta)).extras.requestId).toBe('r-1')
    expect(catchRefusal(() => parse({ ...delta, requestId: 'r'.repeat(129) })).extras.requestId).toBeUndefined()
    expect(catchRefusal(() => parse({ ...delta, requestId: { a: 1 } })).extras.requestId).toBeUndefined()
  })

  test('is taken or refused, never anything else, for any JSON', () => {
    const anyFrame = fc.oneof(
      fc.json(),
      fc
        .record({
          type: fc.constantFrom(...AGENT_FRAME_TYPES, 'register', 'valueOf'),
          requestId: fc.jsonValue(),
          response: fc.jsonValue(),
        })
        .map((frame) => JSON.stringify(frame)),
      fc.string(),
    )
    fc.assert(
      fc.property(anyFrame, (text) => {
        try {
          expect(AGENT_FRAME_TYPES).toContain(parse(text).type)
        } catch (error) {
          if (!(error instanceof ProtocolError)) throw error
          expect(['bad_json', 'bad_request', 'unknown_type', 'already_registered']).toContain(error.code)
          expect(error.detail.length).toBeLessThan(1_000)
        }
      }),
      { numRuns: 500 },
    )
  })
})

describe('a frame of a hub', () => {
  test.each([
    { type: 'registered', agentId: 'a', message: 'Welcome' },
    {
      type: 'registered',
      agentId: 'a',
      message: 'Hi',
      protocol: 2,
      heartbeatMs: 1,
      limits: { maxPayload: 1, maxInFlight: 1 },
    },
    { type: 'task', requestId: 'r', message: 'm', sender: 's' },
    {
      type: 'task',
      requestId: 'r',
      message: 'm',
      sender: 's',
      deadline: 'd',
      attempt: 2,
      conversationId: 'c',
      hops: 1,
      traceparent: 't',
    },
    { type: 'task-cancel', requestId: 'r', reason: 'x' },
    { type: 'agent-message', from: 'a', message: 'm' },
    { type: 'pong' },
    { type: 'event', event: 'agent-joined', name: 'a', workspace: 'w', skills: ['s'] },
    { type: 'event', event: 'something-new' },
    { type: 'error', error: 'e', code: 'a_new_code', requestId: 'r' },
  ])('%j is read', (frame) => {
    expect(parseHub({ ...frame, added: 'later' })).toEqual(frame)
  })

  test('every type is read above or is no type', () => {
    expect([...HUB_FRAME_TYPES].sort()).toEqual([
      'agent-message',
      'error',
      'event',
      'pong',
      'registered',
      'task',
      'task-cancel',
    ])
  })

  test.each(['brand-new', 'toString', '__proto__', ''])('of the unknown type %j is left alone', (type) => {
    expect(parseHub({ type })).toBeUndefined()
  })

  test('of a known type with a broken member is refused', () => {
    expect(catchRefusal(() => parseHub({ type: 'task', requestId: 'r', message: 5, sender: 's' })).code).toBe(
      'bad_request',
    )
    expect(catchRefusal(() => parseHub({})).code).toBe('bad_request')
    expect(catchRefusal(() => parseHub('x')).code).toBe('bad_json')
  })
})
