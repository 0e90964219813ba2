import { parseScopes, type Scope } from '@ai-comms/shared'
import {
  type CryptoKey,
  errors,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWTPayload,
  jwtVerify,
  SignJWT,
} from 'jose'
import type { TokenGrant } from '../../core/grant.ts'

/** The only algorithm that is signed with and accepted: Ed25519. @see https://www.rfc-editor.org/rfc/rfc8037 */
const ALGORITHM = 'EdDSA'
const ISSUER = 'ai-comms-hub'
const TYPE = 'JWT'
/** Longest token that is looked at, in characters; one with the longest name has about 400. */
const TOKEN_CHARS_MAX = 2_048
/** Three parts of base64url, the last one 64 bytes long: the shape of every token that was signed here. */
const SHAPE = /^[\w-]+\.[\w-]+\.[\w-]{86}$/

/** A key pair as it is stored: JSON of the keys. */
export interface StoredKeyPair {
  readonly privateJwk: string
  readonly publicJwk: string
}

/** What a token says, before it is signed. */
export interface TokenClaims {
  readonly jti: string
  readonly name: string
  readonly scopes: readonly Scope[]
  /** Epoch milliseconds, on a whole second, as everything in a token. */
  readonly issuedAt: number
  readonly expiresAt: number
}

/** What came of a look at a token's signature and end. */
export type Verified =
  | { readonly kind: 'genuine'; readonly grant: TokenGrant }
  | { readonly kind: 'expired'; readonly grant: TokenGrant }
  | { readonly kind: 'forged' }

/** Makes the key pair of a hub. */
export const makeKeyPair = async (): Promise<StoredKeyPair> => {
  const { privateKey, publicKey } = await generateKeyPair(ALGORITHM, { crv: 'Ed25519', extractable: true })
  const [privateJwk, publicJwk] = await Promise.all([exportJWK(privateKey), exportJWK(publicKey)])
  return { privateJwk: JSON.stringify(privateJwk), publicJwk: JSON.stringify(publicJwk) }
}

/** A stored key, ready for use. @throws {Error} when it is none */
export const readKey = async (jwk: string): Promise<CryptoKey> => {
  const key = await importJWK(JSON.parse(jwk), ALGORITHM)
  if (key instanceof Uint8Array) throw new Error('The stored key is no Ed25519 key')
  return key
}

/** Writes and signs a token. */
export const signToken = (key: CryptoKey, claims: TokenClaims): Promise<string> =>
  new SignJWT({ scope: claims.scopes.join(' ') })
    .setProtectedHeader({ alg: ALGORITHM, typ: TYPE })
    .setIssuer(ISSUER)
    .setSubject(claims.name)
    .setJti(claims.jti)
    .setIssuedAt(claims.issuedAt / 1_000)
    .setExpirationTime(claims.expiresAt / 1_000)
    .sign(key)

/** Whether a credential can be a token at all, so that no other one is ever waited for. */
export const isTokenShaped = (credential: string): boolean =>
  credential.length <= TOKEN_CHARS_MAX && SHAPE.test(credential)

const readGrant = ({ jti, sub, scope, exp }: JWTPayload): TokenGrant | undefined =>
  typeof jti !== 'string' || typeof sub !== 'string' || typeof scope !== 'string' || typeof exp !== 'number'
    ? undefined
    : { kind: 'token', id: jti, name: sub, scopes: parseScopes(scope), expiresAt: exp * 1_000 }

/**
 * Verifies a token. The algorithm is the verifier's choice, never the token's.
 *
 * @param epochMs the time by which its end is judged
 * @see https://www.rfc-editor.org/rfc/rfc8725
 */
export const verifyToken = async (token: string, key: CryptoKey, epochMs: number): Promise<Verified> => {
  try {
    const { payload } = await jwtVerify(token, key, {
      algorithms: [ALGORITHM],
      issuer: ISSUER,
      typ: TYPE,
      requiredClaims: ['exp', 'iat', 'jti', 'sub', 'scope'],
      currentDate: new Date(epochMs),
    })
    const grant = readGrant(payload)
    return grant === undefined ? { kind: 'forged' } : { kind: 'genuine', grant }
  } catch (error) {
    // Told only of a token whose signature holds
    const grant = error instanceof errors.JWTExpired ? readGrant(error.payload) : undefined
    if (grant !== undefined) return { kind: 'expired', grant }
    if (error instanceof errors.JOSEError) return { kind: 'forged' }
    throw error
  }
}
