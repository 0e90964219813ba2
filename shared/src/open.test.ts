import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  draft,
  ENCRYPTION,
  encryptingRing,
  lenient,
  NOON,
  newSecret,
  nova,
  plainText,
  resigned,
  SIGNING,
  sealed,
  signingRing,
} from './envelope.fixture.ts'
import { ENVELOPE_BYTES_MAX, type Recipient } from './envelope.ts'
import { KeyRing } from './keys.ts'
import { open } from './open.ts'
import { REPLAY_STATE_EMPTY, ReplayWindow, toReplayStateUnsure } from './replay.ts'

/** All that can be wrong with an envelope, in the order in which it must be found. */
const FAULTS = [
  'too_large',
  'nested',
  'schema',
  'wrong_recipient',
  'unknown_key',
  'bad_signature',
  'stale',
  'replay',
  'decrypt',
] as const
type Fault = (typeof FAULTS)[number]

const refusalOf = (fault: Fault) => (fault === 'nested' || fault === 'schema' ? 'bad_envelope' : fault)

function openWith(faults: readonly Fault[]) {
  const has = (fault: Fault) => faults.includes(fault)
  const { envelope } = sealed(draft(), encryptingRing())
  let text = resigned(has('schema') ? { ...envelope, conversationId: '' } : envelope, encryptingRing())
  if (has('nested')) text = text.replace('{', `{"deep":${'['.repeat(40)}${']'.repeat(40)},`)
  if (has('bad_signature')) text = text.replace(/"hmac":"./, '"hmac":"G')
  if (has('too_large')) text += ' '.repeat(ENVELOPE_BYTES_MAX)
  const options = nova({
    now: has('stale') ? NOON + 300_001 : NOON,
    me: { agentId: has('wrong_recipient') ? 'someone_else' : 'nova_001', groupIds: new Set() },
    keyRing: KeyRing.fromSecrets({
      signing: has('unknown_key') ? newSecret() : SIGNING,
      encryption: has('decrypt') ? newSecret() : ENCRYPTION,
    }),
  })
  if (has('replay')) open(text, options)
  return open(text, options)
}

describe('the order of checks', () => {
  test.each(FAULTS.map((fault) => [fault]))('%s alone is found', (fault) => {
    expect(openWith([fault])).toMatchObject({ ok: false, refusal: refusalOf(fault) })
    expect(openWith([])).toMatchObject({ ok: true })
  })

  test('of everything that is wrong, the earliest check tells', () => {
    fc.assert(
      fc.property(fc.subarray([...FAULTS], { minLength: 1 }), (faults) => {
        const [first = 'too_large'] = faults
        expect(openWith(faults)).toMatchObject({ ok: false, refusal: refusalOf(first) })
      }),
    )
  })

  test('plaintext where encryption is configured is told last, after the replay', () => {
    const options = nova({ keyRing: encryptingRing() })
    const { text } = sealed(draft(), signingRing())
    expect(open(text, options)).toMatchObject({ refusal: 'downgrade' })
    expect(open(text, options)).toMatchObject({ refusal: 'replay' })
    expect(open(text, { ...options, now: NOON + 300_001 })).toMatchObject({ refusal: 'stale' })
  })

  test('nothing is remembered of an envelope whose signature does not hold', () => {
    const options = nova()
    const { text } = sealed(draft(), signingRing())
    open(text.replace(/"hmac":"./, '"hmac":"G'), options)
    open(text, { ...options, keyRing: KeyRing.fromSecrets({ signing: newSecret() }) })
    open(text, { ...options, me: { agentId: 'other', groupIds: new Set() } })
    open(text, { ...options, now: NOON + 300_001 })
    expect(options.replay.size).toBe(0)
    expect(open(text, options)).toMatchObject({ ok: true })
  })
})

describe('the recipient', () => {
  const sentTo = (to: Recipient) => open(sealed(draft({ to }), signingRing()).text, nova())

  test('is me, a group of mine, or everyone', () => {
    expect(sentTo({ agentId: 'nova_001', agentName: 'whatever' })).toMatchObject({ ok: true })
    expect(sentTo({ groupId: 'makers', groupName: 'Makers' })).toMatchObject({ ok: true })
    expect(sentTo({ agentId: 'broadcast' })).toMatchObject({ ok: true })
  })

  test.each([
    [{ agentId: 'nova_002', agentName: 'Nova' }],
    [{ agentId: 'group:makers', agentName: 'Nova' }],
    [{ agentId: '__proto__', agentName: 'Nova' }],
    [{ groupId: 'others', groupName: 'Makers' }],
    [{ groupId: 'nova_001', groupName: 'Nova' }],
    [{ groupId: 'broadcast', groupName: 'All' }],
  ])('is not %j', (to) => expect(sentTo(to)).toMatchObject({ ok: false, refusal: 'wrong_recipient' }))
})

describe('the signature', () => {
  const { envelope, text } = sealed(draft(), signingRing())
  const withAuth = (auth: unknown) => JSON.stringify({ ...envelope, auth })

  test('in upper case is refused', () => {
    const upper = { ...envelope.auth, hmac: envelope.auth.hmac.toUpperCase() }
    expect(open(withAuth(upper), nova())).toMatchObject({ refusal: 'bad_signature' })
  })

  test.each([
    '',
    'x',
    '€'.repeat(64),
    `${envelope.auth.hmac}00`,
    envelope.auth.hmac.slice(2),
    `${envelope.auth.hmac}\n`,
  ])('of the wrong form is refused: %j', (hmac) =>
    expect(open(withAuth({ ...envelope.auth, hmac }), nova())).toMatchObject({ refusal: 'bad_signature' }),
  )

  test('does not depend on white space, order or the writing of characters', () => {
    const turned = JSON.stringify(Object.fromEntries(Object.entries(envelope).reverse()), null, 2)
    expect(open(turned.replace('Atlas', String.raw`\u0041tlas`), nova())).toMatchObject({ ok: true })
  })

  test('covers the last of two equal members, which is the one that is used', () => {
    expect(open(text.replace('{', '{"intent":"info",'), nova())).toMatchObject({
      ok: true,
      envelope: { intent: 'chat' },
    })
    const last = text.replace(/}$/, ',"intent":"info"}')
    expect(open(last, nova())).toMatchObject({ refusal: 'bad_signature' })
  })

  test('that holds for one recipient holds for no other', () => {
    const stolen = JSON.stringify({ ...envelope, to: { agentId: 'broadcast' } })
    expect(open(stolen, nova())).toMatchObject({ refusal: 'bad_signature' })
  })

  test('when required and missing is refused', () => {
    expect(open(plainText(), nova())).toMatchObject({ refusal: 'bad_signature', claimedFrom: 'atlas_001' })
  })

  test('when not required and missing leaves the envelope unauthenticated, and nothing remembered', () => {
    const options = lenient()
    expect(open(plainText(), options)).toMatchObject({ ok: true, authenticated: false, received: null })
    expect(open(plainText(), options)).toMatchObject({ ok: true })
    expect(options.replay.size).toBe(0)
  })

  test('when there must hold, required or not', () => {
    const bad = withAuth({ ...envelope.auth, hmac: '0'.repeat(64) })
    expect(open(bad, lenient())).toMatchObject({ refusal: 'bad_signature' })
    expect(open(text, lenient({ keyRing: null }))).toMatchObject({ refusal: 'unknown_key' })
  })

  test('of an older public system names no key of ours', () => {
    const { hmac, algorithm, ...rest } = envelope.auth
    for (const member of [{}, { kid: rest.kid }, { kid: rest.kid, nonce: rest.nonce }, { kid: rest.kid, v: 2 }]) {
      const older = withAuth({ hmac, algorithm, ...member })
      expect(open(older, nova())).toMatchObject({ refusal: 'unknown_key' })
      expect(open(older, lenient())).toMatchObject({ refusal: 'unknown_key' })
    }
  })
})

describe('the time', () => {
  const { text } = sealed(draft(), signingRing())

  test.each([
    [300_000, { ok: true }],
    [300_001, { ok: false, refusal: 'stale' }],
    [-60_000, { ok: true }],
    [-60_001, { ok: false, refusal: 'future' }],
    [Number.NaN, { ok: false, refusal: 'stale' }],
  ])('read %d ms after its stamp', (afterMs, result) => {
    expect(open(text, nova({ now: NOON + afterMs }))).toMatchObject(result)
    expect(open(plainText(), lenient({ now: NOON + afterMs }))).toMatchObject(result)
  })
})

describe('a replay', () => {
  const { envelope, text } = sealed(draft(), signingRing())

  test('is refused until the stamp itself is too old, however early it was first read', () => {
    const replay = new ReplayWindow(REPLAY_STATE_EMPTY)
    expect(open(text, nova({ replay, now: NOON - 60_000 }))).toMatchObject({ ok: true })
    expect(open(text, nova({ replay, now: NOON + 300_000 }))).toMatchObject({ refusal: 'replay' })
    expect(open(text, nova({ replay, now: NOON + 300_001 }))).toMatchObject({ refusal: 'stale' })
  })

  test('is told by its nonce, whatever else a member changed', () => {
    const options = nova()
    open(text, options)
    const other = resigned({ ...envelope, payload: 'something else' }, signingRing())
    expect(open(other, options)).toMatchObject({ refusal: 'replay' })
    expect(open(other, nova())).toMatchObject({ ok: true })
  })

  test('survives a restart, by the state or by refusing what may have come before', () => {
    const before = nova()
    const opened = open(text, before)
    expect(opened.ok && opened.received).toEqual({
      kid: signingRing().kid,
      from: 'atlas_001',
      nonce: envelope.auth.nonce,
      receivedAt: NOON,
    })
    const restored = new ReplayWindow(before.replay.exportState(NOON))
    expect(open(text, nova({ replay: restored }))).toMatchObject({ refusal: 'replay' })
    const unsure = new ReplayWindow(toReplayStateUnsure(NOON))
    expect(open(text, nova({ replay: unsure }))).toMatchObject({ refusal: 'replay' })
  })

  test('cannot be told once there is no room to remember, so nothing more is taken', () => {
    const replay = new ReplayWindow(REPLAY_STATE_EMPTY, { perSenderMax: 1, entriesMax: 10 })
    expect(open(text, nova({ replay }))).toMatchObject({ ok: true })
    expect(open(sealed(draft(), signingRing()).text, nova({ replay }))).toMatchObject({ refusal: 'replay' })
  })
})
