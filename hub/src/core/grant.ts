import { ProtocolError, type RegisterFrame, type Scope, toMatchKey } from '@ai-comms/shared'

/** What the shared secret gives: everything, under any name. Nobody can tell its holders apart. */
export interface MasterGrant {
  readonly kind: 'master'
  /** The same for the current and the previous secret. */
  readonly id: 'secret'
}

/** What a token gives: its scopes, to the one who is named in it, until it ends. */
export interface TokenGrant {
  readonly kind: 'token'
  /** The token's `jti`. */
  readonly id: string
  /** The agent or operator it was issued to. */
  readonly name: string
  readonly scopes: readonly Scope[]
  /** Epoch milliseconds. */
  readonly expiresAt: number
}

/** What a caller or agent may do, by what it has shown. Its `id` tells credentials apart. */
export type Grant = MasterGrant | TokenGrant

/** Why a token that was right is right no longer. */
export type CredentialEnd = 'expired' | 'revoked'

/** The grant of the shared secret, and of everybody while there is none. */
export const MASTER_GRANT: MasterGrant = { kind: 'master', id: 'secret' }

/** Whether a grant covers a scope. `admin` covers every scope: who may issue tokens could issue that one, too. */
export const mayUse = (grant: Grant, scope: Scope): boolean =>
  grant.kind === 'master' || grant.scopes.includes(scope) || grant.scopes.includes('admin')

/**
 * Says no to a grant that does not cover a scope.
 *
 * @throws {ProtocolError} `forbidden`, naming the scope that is missing
 */
export const requireScope = (grant: Grant, scope: Scope): void => {
  if (mayUse(grant, scope) || grant.kind === 'master') return
  throw new ProtocolError('forbidden', `This needs a token with the scope ${scope}; this one has ${toList(grant)}.`)
}

/**
 * Says no to a token that may not register at all.
 *
 * @throws {ProtocolError} `unauthorized`
 */
export const requireAgentScope = (grant: Grant): void => {
  if (mayUse(grant, 'agent') || grant.kind === 'master') return
  throw new ProtocolError(
    'unauthorized',
    `Registering needs a token with the scope agent; this one has ${toList(grant)}.`,
  )
}

/**
 * Says no to a registration under another name than the token's own, whatever
 * its scopes: a token tells which agent speaks, and `admin` is no disguise.
 *
 * @throws {ProtocolError} `unauthorized`
 */
export const requireOwnName = (grant: Grant, { name }: Pick<RegisterFrame, 'name'>): void => {
  if (grant.kind === 'master' || toMatchKey(grant.name) === toMatchKey(name)) return
  throw new ProtocolError(
    'unauthorized',
    `This token is for ${grant.name}; register under that name, or get a token for yours.`,
  )
}

/** What to tell somebody whose token has ended. */
export const explainEnd = (why: CredentialEnd): string =>
  why === 'expired' ? 'The token has expired; ask for a new one.' : 'The token was revoked; ask for a new one.'

const toList = ({ scopes }: TokenGrant): string => (scopes.length === 0 ? 'none' : scopes.join(', '))
