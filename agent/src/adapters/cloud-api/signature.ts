import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

const SIGNATURE = /^sha256=(?<hex>[0-9a-f]{64})$/

/** Whether a header could be a signature at all, so that nobody's body is read for one that could not. */
export const isSignature = (header: string | undefined): header is string =>
  header !== undefined && SIGNATURE.test(header)

/**
 * Whether a body was signed by whoever has the app's secret, in constant time. It is the bytes as they came that are
 * signed: Meta escapes what a JSON library would not.
 *
 * @see https://developers.facebook.com/docs/graph-api/webhooks/getting-started#event-notifications
 */
export const isSignedBy = (secret: string, body: Uint8Array, header: string | undefined): boolean => {
  const hex = SIGNATURE.exec(header ?? '')?.groups?.['hex']
  if (hex === undefined) return false
  return timingSafeEqual(Buffer.from(hex, 'hex'), createHmac('sha256', secret).update(body).digest())
}

const toDigest = (text: string): Buffer => createHash('sha256').update(text).digest()

/** Whether two texts are the same, in a time that tells nothing of either. */
export const isSameSecret = (one: string, other: string): boolean => timingSafeEqual(toDigest(one), toDigest(other))

/** Hexadecimal digits of a reference: too many to meet another one by chance. */
const REFERENCE_CHARS = 32

/** A name for something whose own name holds a number. */
export const toReference = (text: string): string => toDigest(text).toString('hex').slice(0, REFERENCE_CHARS)
