import { describe, expect, test } from 'vitest'
import { encryptPayload, withoutHmac, withoutPayload } from './cipher.ts'
import { draft, encryptingRing, lenient, nova, plainText, resigned, sealed, signingRing } from './envelope.fixture.ts'
import { open } from './open.ts'

describe('encryption', () => {
  const keyRing = encryptingRing()
  const { envelope } = sealed(draft(), keyRing)
  const withPayload = (payload: unknown) =>
    open(resigned({ ...envelope, payload: `${payload}` }, keyRing), nova({ keyRing }))
  const [iv = '', ciphertext = '', tag = ''] = `${envelope.payload}`.split(':').slice(1)
  const bytes = (text: string) => Buffer.from(text, 'base64')
  const base64 = (part: Uint8Array) => Buffer.from(part).toString('base64')

  test('a payload as it was sealed opens', () => {
    expect(withPayload(`enc:${iv}:${ciphertext}:${tag}`)).toMatchObject({ ok: true, payload: draft().payload })
  })

  test.each([
    ['a tag of 4 bytes', `enc:${iv}:${ciphertext}:${base64(bytes(tag).subarray(0, 4))}`],
    ['a tag of 15 bytes', `enc:${iv}:${ciphertext}:${base64(bytes(tag).subarray(0, 15))}`],
    ['no tag', `enc:${iv}:${ciphertext}:`],
    ['a longer IV', `enc:${base64(Buffer.concat([bytes(iv), Buffer.alloc(4)]))}:${ciphertext}:${tag}`],
    ['no IV', `enc::${ciphertext}:${tag}`],
    ['no ciphertext', `enc:${iv}::${tag}`],
    ['base64url', `enc:${iv}:${ciphertext}:${bytes(tag).toString('base64url')}`],
    ['base64 without padding', `enc:${iv}:${ciphertext}:${tag.replace(/=+$/, '')}`],
    [
      'stray bits in the base64',
      `enc:${iv}:${ciphertext}:${tag.replace(/.==$/, (end) => `${end === 'B==' ? 'C' : 'B'}==`)}`,
    ],
    ['white space', `enc:${iv}:${ciphertext}:${tag}\n`],
    ['a part too many', `enc:${iv}:${ciphertext}:${tag}:`],
    ['a part too few', `enc:${iv}:${ciphertext}`],
    ['another prefix', `ENC:${iv}:${ciphertext}:${tag}`],
    ['another IV', `enc:${base64(Buffer.alloc(12))}:${ciphertext}:${tag}`],
    ['plaintext that says it is encrypted', 'hello'],
  ])('%s is refused though the signature holds', (_, payload) => {
    expect(withPayload(payload)).toMatchObject({ ok: false, refusal: 'decrypt' })
  })

  test('an IV of 16 bytes is refused though the tag holds', () => {
    const [key = Buffer.alloc(32)] = keyRing.decryptionKeys(envelope.auth.kid, {
      fromId: 'atlas_001',
      toId: 'nova_001',
    })
    const encryptedWith = (length: number) =>
      withPayload(encryptPayload('hello', withoutPayload(withoutHmac(envelope)), key, Buffer.alloc(length, 7)))
    expect(encryptedWith(12)).toMatchObject({ ok: true, payload: 'hello' })
    expect(encryptedWith(16)).toMatchObject({ refusal: 'decrypt' })
  })

  test('a payload moved into another envelope is refused though the signature holds', () => {
    for (const moved of [{ intent: 'info' }, { conversationId: 'other' }, { extra: 1 }, { hops: 1 }] as const) {
      const text = resigned({ ...envelope, ...moved }, keyRing)
      expect(open(text, nova({ keyRing }))).toMatchObject({ refusal: 'decrypt' })
    }
  })

  test('an encrypted payload is refused where no encryption is configured', () => {
    expect(open(JSON.stringify(envelope), nova())).toMatchObject({ refusal: 'decrypt' })
  })

  test('plaintext is a downgrade wherever encryption is configured or required, signed or not', () => {
    const { text } = sealed(draft(), signingRing())
    expect(open(text, nova({ keyRing }))).toMatchObject({ refusal: 'downgrade' })
    expect(open(text, nova({ requireEncryption: true }))).toMatchObject({ refusal: 'downgrade' })
    expect(open(plainText(), lenient({ keyRing }))).toMatchObject({ refusal: 'downgrade' })
    const claimed = resigned({ ...envelope, encrypted: false }, keyRing)
    expect(open(claimed, nova({ keyRing }))).toMatchObject({ refusal: 'downgrade' })
  })

  test('a chat that happens to begin with enc: is text where nothing is encrypted', () => {
    const { text } = sealed(draft({ payload: 'enc:a:b:c' }), signingRing())
    expect(open(text, nova())).toMatchObject({ ok: true, payload: 'enc:a:b:c' })
  })

  test('what is encrypted is always signed', () => {
    const { auth: _auth, ...unsigned } = envelope
    expect(open(JSON.stringify(unsigned), lenient({ keyRing }))).toMatchObject({ refusal: 'bad_signature' })
  })
})
