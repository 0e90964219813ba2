import { createServer as createHttpServer } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { Socket } from 'node:net'
import { ProtocolError } from '@ai-comms/shared'
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
import { addHealthRoutes, type HealthParts } from './health-routes.ts'
import { PROBLEM_TYPE, sendProblem, toProblem } from './problem.ts'
import { readJsonBody } from './read-body.ts'
import { addTaskRoutes, toRouteExtras } from './task-routes.ts'

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
  /** Certificate chain and private key in PEM, or undefined for plain HTTP. */
  readonly tls: { readonly cert: Buffer; readonly key: Buffer } | undefined
}

/** The methods of every route, with those that Fastify adds. */
const ROUTES: { readonly [path: string]: readonly string[] } = {
  '/health': ['GET', 'HEAD'],
  '/ready': ['GET', 'HEAD'],
  '/agents': ['GET', 'HEAD'],
  '/task': ['POST'],
  '/broadcast': ['POST'],
}

const PUBLIC_PATHS = new Set(['/health', '/ready'])

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
  server.addHook('onRequest', (request, reply, done) => {
    addCorsHeaders(request, reply, parts.isListedOrigin)
    // Before the body is read: an unknown path is unknown whatever it carries
    if (request.is404) refuseUnknown(request, reply)
    if (!request.ws && isProtected(request)) authenticate(request)
    done()
  })

  addHealthRoutes(server, parts)
  addAgentRoutes(server, parts.hub)
  addTaskRoutes(server, parts.hub)
  for (const [path, methods] of Object.entries(ROUTES)) {
    const allow = [...methods, 'OPTIONS'].join(', ')
    server.options(path, (_request, reply) => answerOptions(reply, allow))
  }
  return server
}

const openServer = ({ trustedProxies, tls }: ServerParts): FastifyInstance => {
  const limits = {
    headersTimeout: HEADERS_MS_MAX,
    requestTimeout: REQUEST_MS_MAX,
    keepAliveTimeout: KEEP_ALIVE_MS,
    connectionsCheckingInterval: CONNECTIONS_CHECK_MS,
    maxHeaderSize: HEADER_BYTES_MAX,
  }
  return Fastify({
    serverFactory: (listener) =>
      tls === undefined ? createHttpServer(limits, listener) : createHttpsServer({ ...limits, ...tls }, listener),
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    trustProxy: trustedProxies.length === 0 ? false : [...trustedProxies],
    routerOptions: { ignoreTrailingSlash: true },
    clientErrorHandler: refuseBrokenHttp,
    frameworkErrors: (_error, _request, reply) =>
      sendProblem(reply, new ProtocolError('bad_request', 'The URL cannot be read.')),
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

const answerError = (
  error: FastifyError | ProtocolError,
  request: FastifyRequest,
  reply: FastifyReply,
  observe: Observe,
): void => {
  // Fastify asks for a close after any failure while reading a body; ours were read or are being read to their end
  reply.removeHeader('connection')
  if (error instanceof ProtocolError) {
    sendProblem(reply, error, toRouteExtras(request))
    return
  }
  observe({ type: 'internal.error', where: `${request.method} ${request.routeOptions.url ?? 'unknown path'}`, error })
  sendProblem(reply, new ProtocolError('internal', 'The hub failed; try again.'), toRouteExtras(request))
}

const isProtected = (request: FastifyRequest): boolean => {
  const path = request.routeOptions.url ?? ''
  return Object.hasOwn(ROUTES, path) && !PUBLIC_PATHS.has(path) && request.method !== 'OPTIONS'
}

const toPath = (url: string): string => {
  const [path = ''] = url.split('?')
  return path.length > 1 ? path.replace(/\/$/, '') : path
}

/** Whether a URL belongs to a REST route, whatever the method. */
export const isRestUrl = (url: string): boolean => Object.hasOwn(ROUTES, toPath(url))

/**
 * Says no to what no route takes.
 *
 * @throws {ProtocolError} `method_not_allowed` (with `Allow`) for another method of a known path, else `not_found`
 */
export const refuseUnknown = (request: FastifyRequest, reply: FastifyReply): never => {
  const path = toPath(request.url)
  const methods = Object.hasOwn(ROUTES, path) ? ROUTES[path] : undefined
  if (methods === undefined) throw new ProtocolError('not_found', 'There is no such path.')
  const allow = [...methods, 'OPTIONS'].join(', ')
  reply.header('allow', allow)
  throw new ProtocolError('method_not_allowed', `${path} takes ${allow}.`)
}
