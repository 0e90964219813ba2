import { createHmac, createPrivateKey, sign } from 'node:crypto'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { isTokenShaped, makeKeyPair, readKey, type StoredKeyPair, signToken, verifyToken } from './token-signature.ts'

const NOW = Date.UTC(2026, 0, 1)
const CLAIMS = {
  jti: 'jti-1',
  name: 'Ａtlas 研究',
  scopes: ['agent', 'admin'],
  issuedAt: NOW,
  expiresAt: NOW + 9_000,
} as const
const GRANT = { kind: 'token', id: 'jti-1', name: 'Ａtlas 研究', scopes: ['agent', 'admin'], expiresAt: NOW + 9_000 }
const HEAD = { alg: 'EdDSA', typ: 'JWT' }
const BODY = { iss: 'ai-comms-hub', sub: 'atlas', jti: 'jti-2', scope: 'agent', iat: NOW / 1_000, exp: NOW / 1_000 + 9 }

let pair: StoredKeyPair
let other: StoredKeyPair
beforeAll(async () => {
  ;[pair, other] = await Promise.all([makeKeyPair(), makeKeyPair()])
})

const verify = async (token: string, epochMs = NOW) => verifyToken(token, await readKey(pair.publicJwk), epochMs)
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

/** A token made by hand: whatever it says, the signature is right for these keys. */
const forge = (head: unknown, body: unknown, keys = pair): string => {
  const text = `${encode(head)}.${encode(body)}`
  const key = createPrivateKey({ key: JSON.parse(keys.privateJwk), format: 'jwk' })
  return `${text}.${sign(null, Buffer.from(text), key).toString('base64url')}`
}

describe('a token', () => {
  test('that was signed here says what was signed, until its end', async () => {
    const token = await signToken(await readKey(pair.privateJwk), CLAIMS)
    expect(isTokenShaped(token)).toBe(true)
    expect(await verify(token)).toEqual({ kind: 'genuine', grant: GRANT })
    expect(await verify(token, NOW + 8_999)).toEqual({ kind: 'genuine', grant: GRANT })
    expect(await verify(token, NOW + 9_000)).toEqual({ kind: 'expired', grant: GRANT })
  })

  test('that another key signed is forged, even when it has expired', async () => {
    const token = await signToken(await readKey(other.privateJwk), CLAIMS)
    expect(await verify(token)).toEqual({ kind: 'forged' })
    expect(await verify(token, NOW + 9_000)).toEqual({ kind: 'forged' })
  })

  test('cannot choose how it is verified', async () => {
    const { x } = JSON.parse(pair.publicJwk)
    const unsigned = `${encode({ alg: 'none', typ: 'JWT' })}.${encode(BODY)}.`
    const text = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(BODY)}`
    const byPublicKey = [x, Buffer.from(x, 'base64url'), pair.publicJwk].map(
      (key) => `${text}.${createHmac('sha256', key).update(text).digest('base64url')}`,
    )
    const withOwnKey = forge({ ...HEAD, jwk: JSON.parse(other.publicJwk) }, BODY, other)
    for (const token of [unsigned, `${unsigned}${'A'.repeat(86)}`, ...byPublicKey, withOwnKey]) {
      expect(await verify(token)).toEqual({ kind: 'forged' })
    }
  })

  test('is taken only when all is there that a token of this hub has', async () => {
    expect(await verify(forge(HEAD, BODY))).toMatchObject({ kind: 'genuine', grant: { id: 'jti-2' } })
    const bodies = [
      ...(['iss', 'sub', 'jti', 'scope', 'iat', 'exp'] as const).map((claim) => ({ ...BODY, [claim]: undefined })),
      ...[{ iss: 'another' }, { exp: '9999999999' }, { sub: 7 }, { jti: null }, { scope: ['admin'] }, []],
    ].map((body) => (Array.isArray(body) ? body : { ...BODY, ...body }))
    for (const body of bodies) expect(await verify(forge(HEAD, body)), JSON.stringify(body)).toEqual({ kind: 'forged' })
    const heads = [{ alg: 'EdDSA' }, { ...HEAD, typ: 'at+jwt' }, { ...HEAD, crit: ['x'], x: 1 }]
    for (const head of heads) {
      expect(await verify(forge(head, BODY)), JSON.stringify(head)).toEqual({ kind: 'forged' })
    }
  })

  test('changed in any one place is forged', async () => {
    const token = await signToken(await readKey(pair.privateJwk), CLAIMS)
    await fc.assert(
      fc.asyncProperty(fc.nat(token.length - 2), fc.constantFrom(...'aZ09_-.'), async (at, sign) => {
        fc.pre(token[at] !== sign)
        expect(await verify(token.slice(0, at) + sign + token.slice(at + 1))).toEqual({ kind: 'forged' })
      }),
      { numRuns: 200 },
    )
  })

  test('that is anything else is forged, and never an error of ours', async () => {
    const part = fc.oneof(
      fc.base64String(),
      fc.string(),
      fc.json().map((text) => Buffer.from(text).toString('base64url')),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 5 }), async (parts) => {
        expect(await verify(parts.join('.'))).toEqual({ kind: 'forged' })
      }),
      { numRuns: 300 },
    )
  })

  test('has a shape that no ordinary secret has', () => {
    const signature = 'A'.repeat(86)
    expect(isTokenShaped(`a.b.${signature}`)).toBe(true)
    for (const text of [
      '',
      'a.b.c',
      `a.b.${signature}A`,
      `a..${signature}`,
      `a.b.${signature}.d`,
      ` a.b.${signature}`,
    ]) {
      expect(isTokenShaped(text), text).toBe(false)
    }
    expect(isTokenShaped(`a.${'b'.repeat(2_048)}.${signature}`)).toBe(false)
  })
})
