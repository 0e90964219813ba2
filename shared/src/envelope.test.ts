import { describe, expect, test } from 'vitest'
import { canonicalJson } from './canonical.ts'
import { draft } from './envelope.fixture.ts'
import { EnvelopeSchema, INTENTS, type JsonValue, mayBeAnswered, parseEnvelope, toRecipientId } from './envelope.ts'

const envelope = (changes: Record<string, unknown> = {}): JsonValue =>
  JSON.parse(
    JSON.stringify({
      protocol: 'ai-comms',
      version: '1.0',
      timestamp: '2026-04-04T12:00:00.000Z',
      ...draft(),
      ...changes,
    }),
  )
const accepts = (changes: Record<string, unknown>) => parseEnvelope(envelope(changes)).ok

describe('the shape of an envelope', () => {
  test('the documented members are taken as they are', () => {
    const full = envelope({ replyTo: 'm1', group: { groupId: 'g', groupName: 'G' }, hops: 8, encrypted: false })
    expect(parseEnvelope(full)).toEqual({ ok: true, envelope: full })
  })

  test('further members are kept, whatever they are called', () => {
    const text = '{"constructor":1,"toString":{"a":1},"hasOwnProperty":[],"prototype":"x","toJSON":"y"}'
    const extra: Record<string, unknown> = JSON.parse(text)
    const value = envelope({ ...extra, from: { agentId: 'a', agentName: 'A', groupId: 7, ...extra } })
    const parsed = parseEnvelope(value)
    expect(parsed.ok && canonicalJson(parsed.envelope)).toBe(canonicalJson(value))
  })

  test.each(['protocol', 'version', 'from', 'to', 'intent', 'payload', 'conversationId', 'timestamp'])(
    'without %s it is no envelope',
    (member) => expect(accepts({ [member]: undefined })).toBe(false),
  )

  test.each([
    [{ protocol: 'ai-comms-2' }],
    [{ version: '1.1' }],
    [{ version: 1 }],
    [{ intent: 'gossip' }],
    [{ intent: 'constructor' }],
    [{ hops: 9 }],
    [{ hops: -1 }],
    [{ hops: 1.5 }],
    [{ encrypted: 'yes' }],
    [{ conversationId: '' }],
    [{ from: { agentId: 'a'.repeat(129), agentName: 'A' } }],
    [{ from: { agentId: 'a', agentName: 'A'.repeat(129) } }],
    [{ from: { agentId: 'broadcast', agentName: 'A' } }],
    [{ from: { agentId: '', agentName: 'A' } }],
    [{ from: { agentId: 'a' } }],
    [{ group: { groupId: 'g' } }],
    [{ auth: { hmac: 'a', algorithm: 'sha512' } }],
    [{ auth: { hmac: 'a', algorithm: 'sha256', v: 3 } }],
    [{ auth: { hmac: 'a', algorithm: 'sha256', nonce: 'AAECAwQFBgcICQoLDA0ODx' } }],
    [{ auth: { hmac: 'a', algorithm: 'sha256', nonce: 'AAECAwQFBgcICQoLDA0O' } }],
  ])('%j is refused', (changes) => expect(accepts(changes)).toBe(false))

  test('a payload may be any JSON value, null and false included', () => {
    for (const payload of [null, false, 0, '', [], {}]) expect(accepts({ payload })).toBe(true)
  })

  test('128 characters are counted as code points, in names and in ids that fit a key derivation', () => {
    expect(accepts({ from: { agentId: '漢'.repeat(128), agentName: '👋'.repeat(128) } })).toBe(true)
    expect(accepts({ from: { agentId: '👋'.repeat(128), agentName: 'A' } })).toBe(false)
    expect(accepts({ from: { agentId: '\0'.repeat(128), agentName: 'A' } })).toBe(false)
  })

  test('a refusal names the member and quotes nothing', () => {
    const refused = parseEnvelope(envelope({ conversationId: { secret: 'hunter2' } }))
    expect(refused).toMatchObject({
      ok: false,
      refusal: 'bad_envelope',
      detail: expect.stringMatching(/^conversationId: /),
    })
    expect(JSON.stringify(refused)).not.toContain('hunter2')
  })

  test.each([[null], [[]], ['text'], [1], [{}]])('%j is no envelope', (value) => {
    expect(parseEnvelope(value)).toMatchObject({ ok: false, refusal: 'bad_envelope' })
  })
})

describe('the recipient', () => {
  test.each([
    [{ agentId: 'a', agentName: 'A' }, 'a'],
    [{ agentId: '__proto__', agentName: 'constructor' }, '__proto__'],
    [{ groupId: 'g', groupName: 'G', since: 2026 }, 'group:g'],
    [{ agentId: 'broadcast' }, 'broadcast'],
  ])('%j is one', (to, id) => {
    const { data } = EnvelopeSchema.safeParse(envelope({ to }))
    expect(data && toRecipientId(data.to)).toBe(id)
  })

  test.each([
    [{ agentId: 'a', agentName: 'A', groupId: 'g', groupName: 'G' }],
    [{ agentId: 'a', agentName: 'A', groupId: 'g' }],
    [{ agentId: 'broadcast', groupId: 'g', groupName: 'G' }],
    [{ agentId: 'broadcast', agentName: 'Everyone' }],
    [{ groupId: 'g', groupName: 'G', agentName: 'A' }],
    [{ groupId: 'g' }],
    [{ agentId: 'a' }],
    [{}],
    [null],
    ['nova_001'],
  ])('%j is none, or two', (to) => expect(accepts({ to })).toBe(false))
})

describe('the timestamp', () => {
  test.each([
    '2026-04-04T12:00:00.000Z',
    '2026-04-04T12:00:00Z',
    '2026-04-04T12:00:00.123456Z',
    '2024-02-29T00:00:00Z',
  ])('%s is a moment', (timestamp) => expect(accepts({ timestamp })).toBe(true))

  test.each([
    '2026-04-04T12:00:00.000',
    '2026-04-04T12:00:00+00:00',
    '2026-04-04 12:00:00Z',
    '2026-04-04T12:00Z',
    '2026-04-04T12:00:00.000z',
    '2026-04-04T12:00:00.Z',
    '2026-02-30T12:00:00Z',
    '2026-13-01T12:00:00Z',
    '2026-04-04T24:00:00Z',
    '2026-06-30T23:59:60Z',
    ' 2026-04-04T12:00:00Z',
    '+002026-04-04T12:00:00Z',
    'Sat, 04 Apr 2026 12:00:00 GMT',
    '1775304000000',
    '',
  ])('%j is not', (timestamp) => expect(accepts({ timestamp })).toBe(false))
})

test('a response and an info end an exchange; everything else may be answered', () => {
  expect(INTENTS.filter((intent) => !mayBeAnswered(intent))).toEqual(['task-response', 'info'])
})
