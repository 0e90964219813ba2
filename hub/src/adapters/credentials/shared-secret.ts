import { createHash, timingSafeEqual } from 'node:crypto'

/** The digest by which credentials are compared. */
export const toDigest = (credential: string): Buffer => createHash('sha256').update(credential).digest()

/** The hub's shared secret, and the previous one while it is rotated. */
export interface SharedSecret {
  /** False when there is none: nobody is asked for a credential. */
  readonly isRequired: boolean
  /** Whether this is the digest of a right secret. */
  isRight(digest: Buffer): boolean
}

/**
 * Digests are compared in constant time, so that neither length nor content
 * leaks.
 *
 * @param secrets the secrets that are right at the moment; none means that no credential is asked for
 */
export const sharedSecret = (secrets: readonly string[]): SharedSecret => {
  const digests = secrets.map(toDigest)
  return {
    isRequired: digests.length > 0,
    // Every digest is compared, so that the time tells nothing about which one matched
    isRight: (given) => digests.map((right) => timingSafeEqual(right, given)).includes(true),
  }
}
