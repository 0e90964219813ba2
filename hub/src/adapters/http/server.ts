import { createServer as createHttpServer, type IncomingMessage } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { Socket } from 'node:net'
import { type ErrorCode, ProtocolError } from '@ai-comms/shared'
import Fastify, {
  type ConnectionError,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify'
import type { Observe } from '../../core/events.ts'
import type { Hub } from '../../core/hub.ts'
import { addAgentRoutes } from './agent-routes.ts'
import { type AuthenticateParts, makeAuthenticate } from './authenticate.ts'
import { addCorsHeaders, answerOptions } from './cors.ts'
import { addDurableRoutes } from './durable-routes.ts'
import { addHealthRoutes, type HealthParts } from './health-routes.ts'
import { linger } from './linger.ts'
import { PROBLEM_TYPE, sendProblem, toProblem } from './problem.ts'
import { readJsonBody } from './read-body.ts'
import { findNeededScope, findRoute, REST_ROUTES } from './routes.ts'
import { addTaskRoutes, toRouteExtras } from './task-routes.ts'
import type { TlsFiles } from './tls.ts'

/** How long a client may take to send its headers, in milliseconds. */
const HEADERS_MS_MAX = 10_000
/** How long a client may take to send a whole request, in milliseconds. */
const REQUEST_MS_MAX = 60_000
/** How long an idle connection is kept for the next request, in milliseconds. */
const KEEP_ALIVE_MS = 72_000
/** How often overdue connections are looked for, in milliseconds. */
const CONNECTIONS_CHECK_MS = 5_000
/** Largest request head, in bytes. */
const HEADER_BYTES_MAX = 16_384
/** Connections that the server takes besides the agents'. */
const CALLER_CONNECTIONS_MAX = 4_096

/** What the server is made of. */
export interface ServerParts extends AuthenticateParts, HealthParts {
  readonly hub: Hub
  readonly observe: Observe
  readonly bodyBytesMax: number
  readonly agentsMax: number
  readonly trustedProxies: readonly string[]
  readonly isListedOrigin: (origin: string) => boolean
  /** Undefined for plain HTTP. */
  readonly tls: TlsFiles | undefined
}

/** Builds the HTTP server with its limits, its problem handler and all REST routes; it does not listen yet. */
export const makeServer = (parts: ServerParts): FastifyInstance => {
  const server = openServer(parts)
  server.server.maxConnections = parts.agentsMax + CALLER_CONNECTIONS_MAX
  server.removeAllContentTypeParsers()
  server.addContentTypeParser('*', (_request, payload, done) => readJsonBody(payload, parts.bodyBytesMax, done))
  server.setErrorHandler((error: FastifyError | ProtocolError, request, reply) =>
    answerError(error, request, reply, parts.observe),
  )
  const authenticate = makeAuthenticate(parts)
  server.decorateRequest('grant', null)
  server.addHook('onRequest', (request, reply, done) => {
    // Upgrades are looked at by the WebSocket side, which closes their sockets
    if (isUpgrade(request.raw)) {
      done()
      return
    }
    addCorsHeaders(request, reply, parts.isListedOrigin)
    // Before the body is read: an unknown path is unknown whatever it carries
    if (request.is404) refuseUnknown(request, reply)
    const scope = findNeededScope(request.routeOptions.url ?? '', request.method)
    const checked = scope === undefined ? undefined : authenticate(request, reply, scope)
    if (checked === undefined) done()
    else checked.then(() => done(), done)
  })

  addHealthRoutes(server, parts)
  addAgentRoutes(server, parts.hub)
  addTaskRoutes(server, parts.hub)
  addDurableRoutes(server, parts.hub)
  for (const { pattern, allow } of REST_ROUTES)
    server.options(pattern, (_request, reply) => answerOptions(reply, allow))
  return server
}

const openServer = ({ trustedProxies, tls }: ServerParts): FastifyInstance => {
  const limits = {
    headersTimeout: HEADERS_MS_MAX,
    requestTimeout: REQUEST_MS_MAX,
    keepAliveTimeout: KEEP_ALIVE_MS,
    connectionsCheckingInterval: CONNECTIONS_CHECK_MS,
    maxHeaderSize: HEADER_BYTES_MAX,
    // Some clients offer `Upgrade: h2c` with every request; a server ignores what it does not know (RFC 9110 §7.8)
    shouldUpgradeCallback: (request: IncomingMessage) => request.headers.upgrade?.toLowerCase() === 'websocket',
  }
  return Fastify({
    serverFactory: (listener) =>
      tls === undefined
        ? createHttpServer(limits, listener)
        : createHttpsServer({ ...limits, ...tls, handshakeTimeout: HEADERS_MS_MAX }, listener),
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    trustProxy: trustedProxies.length === 0 ? false : [...trustedProxies],
    // A long id is as unknown as any other; a path cannot be longer than the head
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: HEADER_BYTES_MAX },
    clientErrorHandler: refuseBrokenHttp,
    frameworkErrors: (_error, request, reply) => {
      // No hook runs for such a URL, so nobody else would end an upgrade's connection
      if (isUpgrade(request.raw)) reply.raw.once('finish', () => request.raw.socket.destroySoon())
      sendProblem(reply, new ProtocolError('bad_request', 'The URL cannot be read.'))
    },
  })
}

/** Answers what is no HTTP at all, where there is no request to reply to. */
const refuseBrokenHttp = (error: ConnectionError, socket: Socket): void => {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy()
    return
  }
  const isTooLarge = error.code === 'HPE_HEADER_OVERFLOW'
  const isLate = error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
  const [line, detail] = isTooLarge
    ? ['431 Request Header Fields Too Large', `The request head must be at most ${HEADER_BYTES_MAX} bytes.`]
    : isLate
      ? ['408 Request Timeout', 'The request did not arrive in time.']
      : ['400 Bad Request', 'This is no valid HTTP request.']
  const body = JSON.stringify(toProblem(new ProtocolError('bad_request', detail)))
  const head = [`HTTP/1.1 ${line}`, `content-type: ${PROBLEM_TYPE}`, `content-length: ${Buffer.byteLength(body)}`]
  socket.end(`${head.join('\r\n')}\r\nconnection: close\r\n\r\n${body}`)
}

/** What Fastify itself refuses before our own reading of a request, by its status. */
const FASTIFY_REFUSALS = new Map<number, [ErrorCode, string]>([
  [400, ['bad_request', 'The request cannot be read.']],
  [413, ['payload_too_large', 'The body is too large.']],
  [415, ['unsupported_media_type', 'The content type cannot be read; send content-type: application/json.']],
])

const answerError = (
  error: FastifyError | ProtocolError,
  request: FastifyRequest,
  reply: FastifyReply,
  observe: Observe,
): void => {
  // Fastify asks for a close after any failure while reading a body; ours were read or are being read to their end
  reply.removeHeader('connection')
  linger(request.raw, reply.raw)
  if (error instanceof ProtocolError) {
    sendProblem(reply, error, toRouteExtras(request))
    return
  }
  const refused = FASTIFY_REFUSALS.get(error.statusCode ?? 500)
  if (refused !== undefined) {
    sendProblem(reply, new ProtocolError(...refused), toRouteExtras(request))
    return
  }
  observe({ type: 'internal.error', where: `${request.method} ${request.routeOptions.url ?? 'unknown path'}`, error })
  sendProblem(reply, new ProtocolError('internal', 'The hub failed; try again.'), toRouteExtras(request))
}

// Set by node:http, and missing in its published types
const isUpgrade = (message: IncomingMessage & { readonly upgrade?: boolean | null }): boolean =>
  message.upgrade === true

/** Whether a URL belongs to a REST route, whatever the method. */
export const isRestUrl = (url: string): boolean => findRoute(url) !== undefined

/**
 * Says no to what no route takes.
 *
 * @throws {ProtocolError} `method_not_allowed` (with `Allow`) for another method of a known path, else `not_found`
 */
export const refuseUnknown = (request: FastifyRequest, reply: FastifyReply): never => {
  const route = findRoute(request.url)
  if (route === undefined) throw new ProtocolError('not_found', 'There is no such path.')
  reply.header('allow', route.allow)
  throw new ProtocolError('method_not_allowed', `${route.pattern} takes ${route.allow}.`)
}
