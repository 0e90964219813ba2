import { setTimeout as wait } from 'node:timers/promises'
import type { CryptoKey } from 'jose'
import type { Observe } from '../../core/events.ts'
import { type CredentialEnd, type Grant, MASTER_GRANT, type TokenGrant } from '../../core/grant.ts'
import type { Clock, Credentials, Verdict } from '../../core/ports.ts'
import { type SharedSecret, sharedSecret, toDigest } from './shared-secret.ts'
import { isTokenShaped, readKey, verifyToken } from './token-signature.ts'
import { TokenWatch } from './token-watch.ts'

/** What a hub's credentials are made of. */
export interface OpenCredentialParts {
  /** The secrets that are right at the moment; none means that no credential is asked for. */
  readonly secrets: readonly string[]
  /** The data folder, in which the tokens are, if there are any. */
  readonly folder: string
  readonly clock: Clock
  readonly observe: Observe
}

/** Credentials that follow what is issued and revoked while the hub runs. */
export interface OpenCredentials extends Credentials {
  /** Looks whether tokens were issued or revoked; costs microseconds, and never throws. */
  look(): void
  /** Lets go of the file. */
  close(): void
}

interface CredentialParts {
  readonly secret: SharedSecret
  readonly tokens: TokenWatch
  /** Epoch milliseconds. */
  readonly epochMs: () => number
  /** Verifying failed where it should not; told once. The error holds no token. */
  readonly failed: (error: unknown) => void
}

/** Tokens whose signature is remembered; for one more the longest known one is verified again at its next use. */
const VERIFIED_MAX = 4_096
/** How often a new token's file is looked at again while another process writes it, and how long between, in milliseconds. */
const BUSY_LOOKS = 5
const BUSY_WAIT_MS = 20

const WRONG: Verdict = { kind: 'wrong' }
const MASTER: Verdict = { kind: 'right', grant: MASTER_GRANT }
const UNAVAILABLE: Verdict = { kind: 'unavailable' }

/**
 * The hub's credentials: the shared secret, and the tokens that were issued
 * with it. A token is verified once and then known by its digest, so that only
 * its first use waits; whether it was revoked, and whether it has expired, is
 * asked at every use.
 */
const makeCredentials = (parts: CredentialParts): Credentials => {
  const { secret, tokens, epochMs } = parts
  const verified = new Map<string, TokenGrant>()
  const readPublicKey = rememberKey()
  let hasFailed = false

  const findEnd = (grant: Grant): CredentialEnd | undefined => {
    if (grant.kind === 'master') return undefined
    if (grant.expiresAt <= epochMs()) return 'expired'
    // A token that the file does not have, because it is gone or was put back from a backup, is as good as revoked
    return tokens.statusOf(grant.id) === 'good' ? undefined : 'revoked'
  }
  const judge = (grant: TokenGrant): Verdict => {
    const why = findEnd(grant)
    return why === undefined ? { kind: 'right', grant } : { kind: 'ended', grant, why }
  }
  const remember = (digest: string, grant: TokenGrant) => {
    verified.set(digest, grant)
    const [oldest] = verified.keys()
    if (verified.size > VERIFIED_MAX && oldest !== undefined) verified.delete(oldest)
  }
  const verify = async (token: string, digest: string): Promise<Verdict> => {
    await lookUntilCurrent(tokens)
    const { publicJwk } = tokens
    if (publicJwk === undefined) return tokens.isCurrent ? WRONG : UNAVAILABLE
    const found = await verifyToken(token, await readPublicKey(publicJwk), epochMs())
    if (found.kind === 'forged') return WRONG
    const { grant } = found
    if (found.kind === 'expired') return { kind: 'ended', grant, why: 'expired' }
    if (!tokens.isCurrent && tokens.statusOf(grant.id) === 'unknown') return UNAVAILABLE
    const verdict = judge(grant)
    if (verdict.kind === 'right') remember(digest, grant)
    return verdict
  }

  return {
    isRequired: secret.isRequired,
    findEnd,
    check: (shown) => {
      const digest = toDigest(shown)
      if (secret.isRight(digest)) return MASTER
      if (!isTokenShaped(shown)) return WRONG
      const key = digest.toString('base64')
      const grant = verified.get(key)
      if (grant !== undefined) return judge(grant)
      return verify(shown, key).catch((error: unknown) => {
        if (!hasFailed) parts.failed(error)
        hasFailed = true
        return UNAVAILABLE
      })
    },
  }
}

/** The hub's credentials, as its data folder has them now. No folder and no file are needed, and none is made. */
export const openCredentials = ({ secrets, folder, clock, observe }: OpenCredentialParts): OpenCredentials => {
  const epochMs = () => clock.toEpochMs(clock.now())
  const secret = sharedSecret(secrets)
  const tokens = new TokenWatch(folder, {
    epochMs,
    revoked: ({ jti, name }) => observe({ type: 'token.revoked', jti, name }),
    trouble: (detail) => observe({ type: 'tokens.trouble', detail }),
  })
  // Where nobody is asked for a credential no token is ever looked at
  const look = () => {
    if (secret.isRequired) tokens.look()
  }
  look()
  const failed = (error: unknown) => observe({ type: 'internal.error', where: 'verifying a token', error })
  return { ...makeCredentials({ secret, tokens, epochMs, failed }), look, close: () => tokens.close() }
}

/** A token may be shown the moment after it was issued; the file is busy only for as long as somebody writes. */
const lookUntilCurrent = async (tokens: TokenWatch): Promise<void> => {
  tokens.look()
  for (let look = 0; look < BUSY_LOOKS && tokens.isBusy; look++) {
    await wait(BUSY_WAIT_MS)
    tokens.look()
  }
}

/** Reads a key once for as long as it is the same. */
const rememberKey = () => {
  let known: { readonly jwk: string; readonly key: Promise<CryptoKey> } | undefined
  return (jwk: string): Promise<CryptoKey> => {
    if (known?.jwk !== jwk) known = { jwk, key: readKey(jwk) }
    return known.key
  }
}
