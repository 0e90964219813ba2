import { parseScopes, type Scope } from '@ai-comms/shared'
import { z } from 'zod'
import { findJsonValue } from '../core/json-value.ts'

/** What an agent token says of itself; it is for the hub to say whether that is true. */
export interface TokenClaims {
  readonly name: string
  readonly scopes: readonly Scope[]
  /** Epoch milliseconds. */
  readonly expiresAt: number
}

const payload = z.object({ sub: z.string(), scope: z.string(), exp: z.number() })

const decode = (text: string): string => Buffer.from(text, 'base64url').toString('utf8')

/** Reads a credential as a token; undefined for a shared secret. */
export const readTokenClaims = (credential: string): TokenClaims | undefined => {
  const parts = credential.split('.')
  // a shared secret, too, may happen to hold two dots
  const parsed = payload.safeParse(parts.length === 3 ? findJsonValue(decode(parts[1] ?? '')) : undefined)
  if (!parsed.success) return undefined
  const { sub, scope, exp } = parsed.data
  return { name: sub, scopes: parseScopes(scope), expiresAt: exp * 1_000 }
}
