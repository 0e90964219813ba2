import type { Socket } from 'node:net'
import { ProtocolError } from '@ai-comms/shared'
import type { FastifyRequest } from 'fastify'
import type { Login } from '../../core/login.ts'

/** What the check of a caller needs. */
export interface AuthenticateParts {
  readonly login: Login
  readonly isSecretRequired: boolean
  readonly isAllowedOrigin: (origin: string, host: string | undefined) => boolean
  readonly toAddressKey: (address: string | undefined) => string
}

const BEARER = /^bearer +(.+)$/i
const LOOPBACK_HOST = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/i

/**
 * Makes the check that every protected route begins with.
 *
 * A header that was right once is right again on the same connection without
 * another digest: it is compared with what that very peer has shown before.
 *
 * @returns a function that throws {ProtocolError} `unauthorized`, `rate_limited` or `forbidden`
 */
export const makeAuthenticate = (parts: AuthenticateParts): ((request: FastifyRequest) => void) => {
  const shown = new WeakMap<Socket, string>()
  return (request) => {
    if (!parts.isSecretRequired) {
      refuseElsewhere(request, parts.isAllowedOrigin)
      return
    }
    const header = request.headers.authorization
    if (header !== undefined && shown.get(request.raw.socket) === header) return
    const secret = header === undefined ? undefined : BEARER.exec(header)?.[1]
    const outcome = parts.login.try(secret, parts.toAddressKey(request.ip))
    switch (outcome.kind) {
      case 'admitted':
        if (header !== undefined) shown.set(request.raw.socket, header)
        return
      case 'refused':
        throw new ProtocolError('unauthorized', 'Send the header "Authorization: Bearer <HUB_SECRET>".')
      case 'locked':
        throw new ProtocolError(
          'rate_limited',
          'Too many wrong credentials from this address; wait before trying again.',
          {
            retryAfterMs: outcome.waitMs,
          },
        )
      default:
        outcome satisfies never
    }
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
