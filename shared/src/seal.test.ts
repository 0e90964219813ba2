import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalJson } from './canonical.ts'
import { draft, encryptingRing, NOON, newSecret, nova, SIGNING, sealed, signingRing } from './envelope.fixture.ts'
import { ENVELOPE_BYTES_MAX, type EnvelopeDraft, INTENTS, type Recipient } from './envelope.ts'
import { KeyRing, readRootKey } from './keys.ts'
import { open } from './open.ts'
import { seal, toPlainEnvelope } from './seal.ts'
import vectors from './vectors/envelope.json' with { type: 'json' }

describe('the golden vectors', () => {
  const root = { ...readRootKey(vectors.secret_hex), kid: 'k1' }
  const plain = new KeyRing({ signing: root })
  const encrypting = new KeyRing({ signing: root, encryption: root })
  const { from, to, payload, conversationId } = vectors.signed
  const vectorDraft: EnvelopeDraft = { from, to, intent: 'task-request', payload, conversationId }
  const fixedForVectors = {
    nonce: Buffer.from(vectors.signed.auth.nonce, 'base64url'),
    iv: Buffer.from(vectors.signed.auth.nonce, 'base64url').subarray(0, 12),
  }
  const now = Date.parse(vectors.signed.timestamp)
  const me = { agentId: 'nova_002', groupIds: new Set<string>() }

  test.each([
    ['signed', plain, vectors.signed],
    ['signed and encrypted', encrypting, vectors.signed_and_encrypted],
  ])('%s: sealed and opened byte for byte', (_, keyRing, vector) => {
    const written = seal(vectorDraft, keyRing, { now, fixedForVectors })
    expect(written).toEqual({ ok: true, envelope: vector, text: canonicalJson(vector) })
    expect(open(JSON.stringify(vector), nova({ now, me, keyRing }))).toMatchObject({
      ok: true,
      authenticated: true,
      payload: vectors.signed.payload,
    })
  })
})

const id = fc.oneof(
  fc.string({ minLength: 1, maxLength: 20 }),
  fc.constantFrom('__proto__', 'constructor', '漢字', '👋'),
)
const agentId = id.filter((text) => text !== 'broadcast')
const name = fc.string({ maxLength: 8, unit: 'grapheme' })
const agent = fc.record({ agentId, agentName: name })
const group = fc.record({ groupId: id, groupName: name })
const json = fc.jsonValue({ maxDepth: 4 }).filter((value) => !JSON.stringify(value).includes('__proto__'))
const members = fc.record(
  { replyTo: id, group, hops: fc.nat({ max: 8 }), constructor: json, toString: json, toJSON: json, '€': json },
  { requiredKeys: [] },
)
const anyDraft = fc
  .tuple(
    agent,
    fc.oneof<fc.Arbitrary<Recipient>[]>(agent, group, fc.constant({ agentId: 'broadcast' })),
    fc.constantFrom(...INTENTS),
    json,
    id,
    members,
  )
  .map(([from, to, intent, payload, conversationId, others]): EnvelopeDraft => {
    return { from, to, intent, payload, conversationId, ...others }
  })

describe('sealing', () => {
  test('ten thousand envelopes of all kinds open to what was sealed', { timeout: 30_000 }, () => {
    const { replay } = nova()
    const ring = fc.constantFrom(signingRing(), encryptingRing())
    const run = (said: EnvelopeDraft, keyRing: KeyRing) => {
      const { text } = sealed(said, keyRing)
      const me = { agentId: said.to.agentId ?? 'me', groupIds: new Set([said.to.groupId ?? '']) }
      const opened = open(text, { now: NOON, me, keyRing, replay, requireAuth: true, requireEncryption: false })
      if (!opened.ok) throw new Error(opened.detail)
      const { auth, ...envelope } = opened.envelope
      const added = { protocol: 'ai-comms', version: '1.0', timestamp: '2026-04-04T12:00:00.000Z' }
      const encryption = keyRing.encrypts ? { encrypted: true } : {}
      const seen = canonicalJson({ ...envelope, payload: opened.payload })
      expect(seen).toBe(canonicalJson({ ...said, ...added, ...encryption }))
      expect(auth?.kid).toBe(keyRing.kid)
    }
    fc.assert(fc.property(anyDraft, ring, run), { numRuns: 10_000, seed: 20260404 })
  })

  test('an encrypted payload cannot be read, and two seals of one draft have nothing secret in common', () => {
    const [one, two] = [sealed(draft(), encryptingRing()), sealed(draft(), encryptingRing())]
    expect(one.text).not.toContain('olá')
    expect(one.envelope.payload).not.toBe(two.envelope.payload)
    expect(one.envelope.auth.nonce).not.toBe(two.envelope.auth.nonce)
    expect(one.envelope.payload).toMatch(/^enc:[A-Za-z0-9+/]{16}:[A-Za-z0-9+/]+=*:[A-Za-z0-9+/]{22}==$/)
  })

  test('what a draft says of protocol, time, encryption or signature does not count', () => {
    const forged = draft({ protocol: 'other', version: '9', timestamp: 'never', encrypted: true, auth: { hmac: 'x' } })
    expect(open(sealed(forged, signingRing()).text, nova())).toMatchObject({ ok: true, payload: draft().payload })
    const plain = toPlainEnvelope(forged, { now: NOON })
    expect(plain).toMatchObject({ ok: true, envelope: { protocol: 'ai-comms', version: '1.0' } })
    expect(plain.ok && ['auth', 'encrypted'].filter((member) => member in plain.envelope)).toEqual([])
  })

  test('an object of any class is sealed as the JSON that the receiver sees', () => {
    const payload = { at: new Date(NOON), gone: undefined, zero: -0 }
    expect(open(sealed(draft({ payload }), signingRing()).text, nova())).toMatchObject({
      ok: true,
      payload: { at: '2026-04-04T12:00:00.000Z', zero: 0 },
    })
  })

  test.each([
    ['an empty id', { to: { agentId: '', agentName: 'A' } }],
    ['a hop too many', { hops: 9 }],
    ['no payload', { payload: undefined }],
    ['a payload that is no JSON', { payload: { n: Number.NaN } }],
    ['a lone surrogate', { payload: 'a\ud800' }],
    ['a member called __proto__', { payload: JSON.parse('{"__proto__":1}') }],
    ['33 levels', { payload: JSON.parse('['.repeat(32) + ']'.repeat(32)) }],
  ])('%s is refused', (_, changes) => {
    expect(seal(draft(changes), encryptingRing(), { now: NOON })).toMatchObject({ ok: false, refusal: 'bad_envelope' })
    expect(toPlainEnvelope(draft(changes), { now: NOON })).toMatchObject({ ok: false, refusal: 'bad_envelope' })
  })

  test('what is too large once encrypted is refused by the sender already', () => {
    const payload = 'a'.repeat(ENVELOPE_BYTES_MAX * 0.9)
    expect(seal(draft({ payload }), signingRing(), { now: NOON })).toMatchObject({ ok: true })
    expect(seal(draft({ payload }), encryptingRing(), { now: NOON })).toMatchObject({ ok: false, refusal: 'too_large' })
    const larger = draft({ payload: 'a'.repeat(ENVELOPE_BYTES_MAX) })
    expect(toPlainEnvelope(larger, { now: NOON })).toMatchObject({ ok: false, refusal: 'too_large' })
  })
})

describe('rotation', () => {
  const [oldEncryption, newEncryption] = [newSecret(), newSecret()]
  const before = KeyRing.fromSecrets({ signing: SIGNING, encryption: oldEncryption })
  const during = KeyRing.fromSecrets({
    signing: newSecret(),
    signingPrevious: SIGNING,
    encryption: newEncryption,
    encryptionPrevious: oldEncryption,
  })

  test('what was sealed under the previous secrets opens', () => {
    expect(open(sealed(draft(), before).text, nova({ keyRing: during }))).toMatchObject({
      ok: true,
      authenticated: true,
    })
  })

  test('sealing uses the current ones, which a peer left behind does not know', () => {
    const { envelope, text } = sealed(draft(), during)
    expect(envelope.auth.kid).toBe(during.kid)
    expect(envelope.auth.kid).not.toBe(before.kid)
    expect(open(text, nova({ keyRing: during }))).toMatchObject({ ok: true })
    expect(open(text, nova({ keyRing: before }))).toMatchObject({ ok: false, refusal: 'unknown_key' })
  })

  test('once the previous secret is gone its envelopes are refused', () => {
    const after = KeyRing.fromSecrets({ signing: newSecret(), encryption: newEncryption })
    expect(open(sealed(draft(), before).text, nova({ keyRing: after }))).toMatchObject({ refusal: 'unknown_key' })
  })
})
