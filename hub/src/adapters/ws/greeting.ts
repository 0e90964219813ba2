import { ProtocolError, type RegisterFrame, readRegistration } from '@ai-comms/shared'
import { explainEnd, type Grant, requireAgentScope, requireOwnName } from '../../core/grant.ts'
import type { LoginOutcome } from '../../core/login.ts'

/** A first frame whose credential can be looked at; the rest is read after it. */
export interface Greeting {
  readonly secret: string | undefined
  readonly parse: () => RegisterFrame
}

/** A registration that may be opened, and what it may do. */
export interface Admitted {
  readonly register: RegisterFrame
  readonly grant: Grant
}

/**
 * Reads an agent's first frame.
 *
 * @throws {ProtocolError} `not_registered`; `bad_request` for a secret that is no text, which is no credential to try
 */
export const readGreeting = (text: string): Greeting => {
  const { secret, parse } = readRegistration(text)
  if (secret === undefined || typeof secret === 'string') return { secret, parse }
  parse()
  throw new ProtocolError('bad_request', 'secret must be a string.')
}

/**
 * What became of a greeting after its credential was looked at. A stranger
 * learns nothing about the rest of its registration.
 *
 * @throws {ProtocolError} `unauthorized`, `rate_limited`, `storage_unavailable`, `bad_request`
 */
export const admit = (outcome: LoginOutcome, { secret, parse }: Greeting): Admitted => {
  const grant = toGrant(outcome, secret)
  requireAgentScope(grant)
  const register = parse()
  requireOwnName(grant, register)
  return { register, grant }
}

const toGrant = (outcome: LoginOutcome, secret: string | undefined): Grant => {
  switch (outcome.kind) {
    case 'admitted':
      return outcome.grant
    case 'refused':
      throw new ProtocolError('unauthorized', secret === undefined ? 'secret is missing.' : 'Wrong secret.')
    case 'ended':
      throw new ProtocolError('unauthorized', explainEnd(outcome.why))
    case 'locked':
      throw new ProtocolError('rate_limited', 'Too many failed attempts from this address; wait a minute.')
    case 'unavailable':
      throw new ProtocolError('storage_unavailable', 'The hub cannot read its tokens at the moment; try again later.')
    default:
      return outcome satisfies never
  }
}
