import { createCipheriv, createDecipheriv, createHmac, timingSafeEqual } from 'node:crypto'
import { canonicalJson } from './canonical.ts'
import type { Envelope, JsonValue } from './envelope.ts'
import { decodeBase64 } from './keys.ts'

/** The nonce of a signature, in bytes. */
export const NONCE_BYTES = 16
/** The IV of AES-GCM, in bytes: 96 bits, the only length that GCM takes as it is. */
export const IV_BYTES = 12
const TAG_BYTES = 16
const CIPHER = 'aes-256-gcm'
const SIGNATURE_DOMAIN = 'ai-comms/1.0/sig\n'

/** The envelope as it is signed: all of it but `auth.hmac`. */
export function withoutHmac({ auth, ...rest }: Envelope): object {
  if (auth === undefined) return rest
  const { hmac: _hmac, ...signedAuth } = auth
  return { ...rest, auth: signedAuth }
}

/** What an encrypted payload is bound to: the envelope as it is signed, but for the payload. */
export function withoutPayload(unsigned: object): object {
  return Object.fromEntries(Object.entries(unsigned).filter(([name]) => name !== 'payload'))
}

/**
 * The signature, in lower-case hex, of an envelope whose `auth.hmac` is not yet there.
 * @see https://www.rfc-editor.org/rfc/rfc2104
 */
export function sign(envelope: object, key: Buffer): string {
  return createHmac('sha256', key).update(SIGNATURE_DOMAIN).update(canonicalJson(envelope)).digest('hex')
}

/** Whether the signature is the one of this envelope, told in constant time. Upper-case hex is not a signature. */
export function isSignedBy(envelope: object, hmac: string, key: Buffer): boolean {
  if (!/^[0-9a-f]{64}$/.test(hmac)) return false
  return timingSafeEqual(Buffer.from(hmac, 'hex'), Buffer.from(sign(envelope, key), 'hex'))
}

/**
 * The payload as `enc:<iv>:<ciphertext>:<tag>`, bound to every other member of the envelope but the signature.
 * @param iv 12 bytes, never twice under one key
 * @see https://nvlpubs.nist.gov/nistpubs/Legacy/SP/nistspecialpublication800-38d.pdf
 */
export function encryptPayload(payload: JsonValue, boundTo: object, key: Buffer, iv: Uint8Array): string {
  const cipher = createCipheriv(CIPHER, key, iv, { authTagLength: TAG_BYTES })
  cipher.setAAD(Buffer.from(canonicalJson(boundTo), 'utf8'))
  const ciphertext = Buffer.concat([cipher.update(canonicalJson(payload), 'utf8'), cipher.final()])
  const parts = [Buffer.from(iv), ciphertext, cipher.getAuthTag()]
  return `enc:${parts.map((part) => part.toString('base64')).join(':')}`
}

/**
 * The plaintext of an `enc:` payload under the first key that opens it, or nothing: wrong shape, a tag that is not 16
 * bytes, base64 that is not the one encoding of its bytes, no key, or a tag that does not hold.
 */
export function decryptPayload(payload: unknown, boundTo: object, keys: readonly Buffer[]): string | undefined {
  if (typeof payload !== 'string') return undefined
  const [prefix, ...fields] = payload.split(':', 5)
  const [iv, ciphertext, tag] = fields.map(decodeBase64)
  if (prefix !== 'enc' || fields.length !== 3 || !iv || !ciphertext || !tag) return undefined
  if (iv.length !== IV_BYTES || tag.length !== TAG_BYTES) return undefined
  const boundBytes = Buffer.from(canonicalJson(boundTo), 'utf8')
  for (const key of keys) {
    const decipher = createDecipheriv(CIPHER, key, iv, { authTagLength: TAG_BYTES })
    decipher.setAAD(boundBytes).setAuthTag(tag)
    try {
      return Buffer.concat([decipher.update(ciphertext), decipher.final()]).toString('utf8')
    } catch {
      // The tag does not hold under this key: the next one may be the right one.
    }
  }
  return undefined
}
