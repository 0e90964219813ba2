import { createHash, timingSafeEqual } from 'node:crypto'
import type { Credentials } from '../../core/ports.ts'

const digest = (secret: string) => createHash('sha256').update(secret).digest()

/**
 * The hub's shared secret, and the previous one while it is rotated. Digests
 * are compared in constant time, so that neither length nor content leaks.
 *
 * @param secrets the secrets that are right at the moment; none means that no credential is asked for
 */
export const sharedSecret = (secrets: readonly string[]): Credentials => {
  const digests = secrets.map(digest)
  return {
    isRequired: digests.length > 0,
    isRight: (secret) => {
      const given = digest(secret)
      // Every digest is compared, so that the time tells nothing about which one matched
      return digests.map((right) => timingSafeEqual(right, given)).includes(true)
    },
  }
}
