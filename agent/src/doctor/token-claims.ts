import { parseScopes, type Scope } from '@ai-comms/shared'
import { z } from 'zod'

/** What an agent token says of itself; it is for the hub to say whether that is true. */
export interface TokenClaims {
  readonly name: string
  readonly scopes: readonly Scope[]
  /** Epoch milliseconds. */
  readonly expiresAt: number
}

const payload = z.object({ sub: z.string(), scope: z.string(), exp: z.number() })

const parseBase64Json = (text: string): unknown => {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString('utf8'))
  } catch {
    // no JSON: a shared secret that happens to hold dots
    return undefined
  }
}

/** Reads a credential as a token; undefined for a shared secret. */
export const readTokenClaims = (credential: string): TokenClaims | undefined => {
  const parts = credential.split('.')
  const parsed = payload.safeParse(parts.length === 3 ? parseBase64Json(parts[1] ?? '') : undefined)
  if (!parsed.success) return undefined
  const { sub, scope, exp } = parsed.data
  return { name: sub, scopes: parseScopes(scope), expiresAt: exp * 1_000 }
}
