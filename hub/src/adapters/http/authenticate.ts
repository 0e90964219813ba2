import type { Socket } from 'node:net'
import { ProtocolError, type Scope } from '@ai-comms/shared'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { explainEnd, type Grant, requireScope } from '../../core/grant.ts'
import type { Login, LoginOutcome } from '../../core/login.ts'
import { onceClosed } from './once-closed.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** What the caller may do; null on public routes. {@link readGrant} reads it where it has to be there. */
    grant: Grant | null
  }
}

/** The check that a route begins with which asks for a scope. */
export type Authenticate = (request: FastifyRequest, reply: FastifyReply, scope: Scope) => Promise<void> | undefined

/** What the check of a caller needs. */
export interface AuthenticateParts {
  readonly login: Login
  readonly isSecretRequired: boolean
  readonly isAllowedOrigin: (origin: string, host: string | undefined) => boolean
  readonly toAddressKey: (address: string | undefined) => string
}

/** Answers that may last for days. */
const STREAMS = new Set(['/tasks/:id/events'])
/** How often it is looked whether an open stream's token has ended, in milliseconds. */
const STREAM_CHECK_MS = 1_000

const BEARER = /^bearer +(.+)$/i
const LOOPBACK_HOST = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/i

/**
 * Makes the check that every protected route begins with: who calls, and
 * whether this is the caller's to do. What the caller may do is left at
 * `request.grant`.
 *
 * A header that was right once is right again on the same connection without
 * another digest, as long as what it gave still holds: it is compared with
 * what that very peer has shown before.
 *
 * @returns a function that throws {ProtocolError} `unauthorized`, `rate_limited`, `forbidden` or
 * `storage_unavailable`; where a token has to be verified first, its promise fails with it
 */
export const makeAuthenticate = (parts: AuthenticateParts): Authenticate => {
  const shown = new WeakMap<Socket, { readonly header: string; readonly grant: Grant }>()
  const admit = (request: FastifyRequest, reply: FastifyReply, scope: Scope, grant: Grant): void => {
    requireScope(grant, scope)
    request.grant = grant
    if (grant.kind !== 'master' && STREAMS.has(request.routeOptions.url ?? '')) endWith(grant, reply, parts.login)
  }
  const conclude = (request: FastifyRequest, reply: FastifyReply, scope: Scope, outcome: LoginOutcome): void => {
    const grant = toGrant(outcome)
    const header = request.headers.authorization
    if (header !== undefined) shown.set(request.raw.socket, { header, grant })
    admit(request, reply, scope, grant)
  }
  return (request, reply, scope) => {
    if (!parts.isSecretRequired) refuseElsewhere(request, parts.isAllowedOrigin)
    const header = request.headers.authorization
    const known = header === undefined ? undefined : shown.get(request.raw.socket)
    if (known !== undefined && known.header === header && parts.login.findEnd(known.grant) === undefined) {
      admit(request, reply, scope, known.grant)
      return undefined
    }
    const secret = header === undefined ? undefined : BEARER.exec(header)?.[1]
    const outcome = parts.login.try(secret, parts.toAddressKey(request.ip))
    if (outcome instanceof Promise) return outcome.then((later) => conclude(request, reply, scope, later))
    conclude(request, reply, scope, outcome)
    return undefined
  }
}

/** What the caller of a protected route may do. @throws {Error} on a route that nobody was asked on */
export const readGrant = ({ grant }: FastifyRequest): Grant => {
  if (grant === null) throw new Error('A public route has no grant')
  return grant
}

/** What tells the caller's credential apart from every other; the current and the previous secret are one. */
export const readCredentialId = (request: FastifyRequest): string => readGrant(request).id

/** Ends a stream with the token that opened it; its reader may come back, and is refused then. */
const endWith = (grant: Grant, { raw }: FastifyReply, login: Login): void => {
  const timer = setInterval(() => {
    if (raw.headersSent && login.findEnd(grant) !== undefined) raw.end()
  }, STREAM_CHECK_MS)
  timer.unref()
  onceClosed(raw, () => clearInterval(timer))
}

const toGrant = (outcome: LoginOutcome): Grant => {
  switch (outcome.kind) {
    case 'admitted':
      return outcome.grant
    case 'refused':
      throw new ProtocolError('unauthorized', 'Send the header "Authorization: Bearer <HUB_SECRET or token>".')
    case 'ended':
      throw new ProtocolError('unauthorized', explainEnd(outcome.why))
    case 'locked':
      throw new ProtocolError(
        'rate_limited',
        'Too many wrong credentials from this address; wait before trying again.',
        { retryAfterMs: outcome.waitMs },
      )
    case 'unavailable':
      throw new ProtocolError('storage_unavailable', 'The hub cannot read its tokens at the moment; try again later.')
    default:
      return outcome satisfies never
  }
}

/**
 * Without a secret the hub serves this machine only, and any web page open on
 * it could send requests: by another Origin, or by a name that was made to
 * point here (DNS rebinding). This holds for REST and for WebSockets.
 *
 * @throws {ProtocolError} `forbidden`
 */
export const refuseElsewhere = (
  request: FastifyRequest,
  isAllowedOrigin: AuthenticateParts['isAllowedOrigin'],
): void => {
  const { origin, host } = request.headers
  if (host !== undefined && !LOOPBACK_HOST.test(host)) {
    throw new ProtocolError('forbidden', 'Without HUB_SECRET the hub answers only to localhost.')
  }
  if (origin !== undefined && !isAllowedOrigin(origin, host)) {
    throw new ProtocolError('forbidden', 'Without HUB_SECRET the hub does not answer to other web pages.')
  }
}
