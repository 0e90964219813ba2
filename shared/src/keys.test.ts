import { inspect } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeBase64, decodeSecret, KeyRing, readRootKey, SecretError } from './keys.ts'
import vectors from './vectors/envelope.json' with { type: 'json' }

const BYTES = Buffer.from(vectors.secret_hex, 'hex')
const OTHER = 'another secret that is long enough, truly'
const scope = { fromId: 'atlas_001', toId: 'nova_002' }
const named = (kid: string) => ({ ...readRootKey(vectors.secret_hex), kid })

function messageOf(secret: string): string {
  try {
    decodeSecret(secret)
  } catch (error) {
    if (error instanceof SecretError) return error.message
    throw error
  }
  throw new Error('It was accepted')
}

describe('decoding a secret', () => {
  test.each([
    ['64 hex digits', vectors.secret_hex],
    ['64 hex digits in upper case', vectors.secret_hex.toUpperCase()],
    ['44 characters of base64', BYTES.toString('base64')],
    ['hex:', `hex:${vectors.secret_hex}`],
    ['base64:', `base64:${BYTES.toString('base64')}`],
  ])('%s are the same 32 bytes', (_, secret) => expect(decodeSecret(secret)).toEqual(BYTES))

  test('a prefix allows longer secrets', () => {
    expect(decodeSecret(`hex:${'ab'.repeat(64)}`)).toHaveLength(64)
    expect(decodeSecret(`base64:${Buffer.alloc(48, 7).toString('base64')}`)).toHaveLength(48)
  })

  test.each([
    ['66 hex digits', 'ab'.repeat(33)],
    ['63 hex digits', 'a'.repeat(63)],
    ['48 characters of base64', Buffer.alloc(36, 7).toString('base64')],
    ['44 characters that are not the one base64 of 32 bytes', `${'A'.repeat(42)}B=`],
    ['a sentence', 'a]f8k2 the shared secret of our agents m9x1z'],
    ['32 bytes in fewer characters', '€'.repeat(11)],
  ])('%s are taken as text', (_, secret) => expect(decodeSecret(secret)).toEqual(Buffer.from(secret, 'utf8')))

  test.each([
    '',
    'hunter2-is-too-short-to-be-used',
    'hex:',
    `hex:${'ab'.repeat(31)}`,
    `hex:${'ab'.repeat(32)}a`,
    `hex:${'zz'.repeat(32)}`,
    `hex: ${'ab'.repeat(32)}`,
    'base64:',
    `base64:${Buffer.alloc(31, 7).toString('base64')}`,
    `base64:${Buffer.alloc(32, 255).toString('base64url')}`,
    `base64:${BYTES.toString('base64').slice(0, -1)}`,
    `base64:${BYTES.toString('base64')}\n`,
    `${'a'.repeat(40)}\ud800`,
  ])('%j is refused, in words that do not repeat it', (secret) => {
    const body = secret.replace(/^(hex|base64):/, '')
    expect(messageOf(secret)).toMatch(/secret|hex:|base64:/)
    if (body.length > 3) expect(messageOf(secret)).not.toContain(body.slice(0, 6))
  })

  test('any text is either at least 32 bytes or a SecretError', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 80 }), fc.constantFrom('', 'hex:', 'base64:'), (text, prefix) => {
        try {
          expect(decodeSecret(prefix + text).length).toBeGreaterThanOrEqual(32)
        } catch (error) {
          expect(error).toBeInstanceOf(SecretError)
        }
      }),
    )
  })
})

test('base64 has one encoding per content', () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.string({ maxLength: 4 }), (bytes, noise) => {
      const text = Buffer.from(bytes).toString('base64')
      expect(decodeBase64(text)).toEqual(Buffer.from(bytes))
      const decoded = decodeBase64(text + noise)
      if (decoded) expect(decoded.toString('base64')).toBe(text + noise)
    }),
  )
  for (const text of ['QQ', 'QR==', 'QQ=', 'QQ==\n', ' QQ==', '-_8=', 'Q!Q=='])
    expect(decodeBase64(text)).toBeUndefined()
})

describe('a key ring', () => {
  test('derives the keys of the golden vectors', () => {
    const ring = new KeyRing({ signing: named('k1'), encryption: named('k1') })
    const keys = ring.sealingKeys(scope)
    expect(keys.signing.toString('hex')).toBe(vectors.sigKey)
    expect(keys.encryption?.toString('hex')).toBe(vectors.encKey)
    expect(ring.findVerificationKey('k1', scope)).toEqual(keys.signing)
    expect(ring.decryptionKeys('k1', scope)).toEqual([keys.encryption])
  })

  test('kid is the first eight hex digits of the SHA-256 of the root', () => {
    expect(KeyRing.fromSecrets({ signing: vectors.secret_hex }).kid).toBe('630dcd29')
  })

  test('use, direction, recipient and kid all make another key', () => {
    const ring = new KeyRing({ signing: named('k1'), signingPrevious: named('k2'), encryption: named('k1') })
    const { signing, encryption } = ring.sealingKeys(scope)
    const keys = [
      signing,
      encryption,
      ring.sealingKeys({ fromId: scope.toId, toId: scope.fromId }).signing,
      ring.sealingKeys({ ...scope, toId: 'group:nova_002' }).signing,
      ring.findVerificationKey('k2', scope),
      ring.decryptionKeys('k2', scope)[0],
    ]
    expect(new Set(keys.map((key) => key?.toString('hex'))).size).toBe(keys.length)
  })

  test('knows the current and the previous kid, and no other, not even inherited names', () => {
    const ring = KeyRing.fromSecrets({ signing: vectors.secret_hex, signingPrevious: OTHER })
    expect(ring.findVerificationKey(ring.kid, scope)).toBeDefined()
    expect(ring.findVerificationKey(readRootKey(OTHER).kid, scope)).toBeDefined()
    for (const kid of ['k1', '', '__proto__', 'constructor'])
      expect(ring.findVerificationKey(kid, scope)).toBeUndefined()
  })

  test('without an encryption root it encrypts and decrypts nothing', () => {
    const ring = KeyRing.fromSecrets({ signing: vectors.secret_hex, encryptionPrevious: OTHER })
    expect(ring.encrypts).toBe(false)
    expect(ring.sealingKeys(scope).encryption).toBeUndefined()
    expect(ring.decryptionKeys(ring.kid, scope)).toEqual([])
  })

  test('forgets derived keys rather than growing, and derives them again', () => {
    const ring = KeyRing.fromSecrets({ signing: vectors.secret_hex })
    const first = ring.sealingKeys(scope).signing
    for (let i = 0; i < 3_000; i++) ring.findVerificationKey(ring.kid, { fromId: `agent ${i}`, toId: 'me' })
    expect(ring.sealingKeys(scope).signing).toEqual(first)
    expect(ring.sealingKeys(scope).signing).not.toBe(first)
    expect(ring.sealingKeys(scope).signing).toBe(ring.sealingKeys(scope).signing)
  })

  test('takes the longest ids there are', () => {
    const ring = KeyRing.fromSecrets({ signing: vectors.secret_hex })
    const id = '漢'.repeat(128)
    expect(ring.sealingKeys({ fromId: id, toId: `group:${id}` }).signing).toHaveLength(32)
  })

  test('shows nothing of its secrets', () => {
    const ring = KeyRing.fromSecrets({ signing: vectors.secret_hex, encryption: OTHER })
    const shown = [JSON.stringify(ring), inspect(ring, { depth: 9, showHidden: true }), inspect(named('k1')), `${ring}`]
    for (const text of shown) {
      expect(text).not.toContain(vectors.secret_hex.slice(0, 12))
      expect(text).not.toContain(OTHER.slice(0, 12))
      expect(text).not.toMatch(/00 01 02 03|Uint8Array|Buffer/)
    }
  })
})
