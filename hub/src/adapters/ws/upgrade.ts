import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { CLOSE_CODES, type CloseReason, ProtocolError } from '@ai-comms/shared'
import fastifyWebsocket from '@fastify/websocket'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { WebSocket } from 'ws'
import { AddressCount } from './address-count.ts'
import { AgentSocket, type AgentSocketParts } from './agent-socket.ts'

/** What the WebSocket side of the server needs. */
export interface UpgradeParts extends AgentSocketParts {
  readonly payloadBytesMax: number
  readonly socketsPerAddressMax: number
  readonly isAllowedOrigin: (origin: string, host: string | undefined) => boolean
  readonly toAddressKey: (address: string | undefined) => string
  /** Throws a refusal while no secret is asked for and the caller is not on this machine. */
  readonly refuseElsewhere: (request: FastifyRequest) => void
  readonly isRestUrl: (url: string) => boolean
  /** Answers a GET that is no upgrade, on a path that is no REST route. */
  readonly answerPlainGet: (request: FastifyRequest, reply: FastifyReply) => void
}

/** Handle on the sockets that are open. */
export interface AgentSockets {
  /** Cuts the connections whose readers have stood still for too long. */
  cutStalled(): void
}

/** Where agents connect: everywhere but on a REST route. */
const PATHS = ['/', '/*'] as const
/** Most sockets that may be waiting to register; the longest waiting one makes room for a new one. */
const GREETING_SOCKETS_MAX = 1_024
/** How long a peer may take to answer a close frame before `ws` cuts it, in milliseconds. */
const CLOSE_WAIT_MS = 2_000

const closeAtOnce = (socket: WebSocket, reason: CloseReason) => {
  socket.close(CLOSE_CODES[reason].code, CLOSE_CODES[reason].reason)
}

/**
 * Accepts WebSockets on every path that is no REST route. Listeners are put on
 * the socket before anything is awaited, so that no frame is lost.
 */
export const acceptAgents = async (server: FastifyInstance, parts: UpgradeParts): Promise<AgentSockets> => {
  const addresses = new AddressCount(parts.socketsPerAddressMax)
  const sockets = new Set<AgentSocket>()
  const greeting = new Set<AgentSocket>()
  const responses = new WeakMap<IncomingMessage, ServerResponse>()

  await server.register(fastifyWebsocket, {
    options: toServerOptions(parts),
    // Draining is the hub's own; the sockets have their close codes by then
    preClose: (done) => done(),
  })

  server.addHook('onRequest', (request, reply, done) => {
    if (request.ws) refuseUpgrade(request, parts)
    if (request.ws) responses.set(request.raw, reply.raw)
    done()
  })

  const accept = (socket: WebSocket, request: FastifyRequest) => {
    const stream = request.raw.socket
    letGoOfRequest(socket, stream, responses.get(request.raw))
    const address = parts.toAddressKey(request.ip)
    if (!addresses.enter(address)) {
      parts.observe({ type: 'connection.refused', reason: 'address-full', address })
      closeAtOnce(socket, 'addressFull')
      return
    }
    makeRoom(greeting, parts, address)
    const agentSocket = new AgentSocket(socket, stream, address, parts, () => {
      addresses.leave(address)
      sockets.delete(agentSocket)
      greeting.delete(agentSocket)
    })
    sockets.add(agentSocket)
    greeting.add(agentSocket)
    socket.once('message', () => greeting.delete(agentSocket))
  }
  for (const url of PATHS) server.route({ method: 'GET', url, handler: parts.answerPlainGet, wsHandler: accept })

  return {
    cutStalled: () => {
      for (const socket of sockets) socket.cutIfStalled()
    },
  }
}

/**
 * An agent's connection lives for days, and the upgrade request with all its
 * headers would live as long: in the plugin's error listener and as the
 * response that Node still keeps for the socket. That is half the memory of an
 * idle agent. A socket whose frames cannot be read has been closed by `ws`,
 * with the right code, before its error is told.
 */
const letGoOfRequest = (socket: WebSocket, stream: Socket, response: ServerResponse | undefined): void => {
  socket.removeAllListeners('error')
  socket.on('error', ignoreClosed)
  response?.detachSocket(stream)
}

const ignoreClosed = (): void => undefined

// `closeTimeout` is younger than the published types, hence no literal of their shape
const toServerOptions = ({ payloadBytesMax }: UpgradeParts) => ({
  maxPayload: payloadBytesMax,
  perMessageDeflate: false,
  clientTracking: false,
  closeTimeout: CLOSE_WAIT_MS,
})

const refuseUpgrade = (request: FastifyRequest, parts: UpgradeParts): void => {
  const address = parts.toAddressKey(request.ip)
  const { origin, host } = request.headers
  if (origin !== undefined && !parts.isAllowedOrigin(origin, host)) {
    parts.observe({ type: 'connection.refused', reason: 'origin', address })
    throw new ProtocolError(
      'forbidden',
      'This Origin may not connect; the operator allows it with HUB_ALLOWED_ORIGINS.',
    )
  }
  parts.refuseElsewhere(request)
  if (parts.hub.isDraining) {
    parts.observe({ type: 'connection.refused', reason: 'draining', address })
    throw new ProtocolError('hub_draining', 'The hub is shutting down; reconnect soon.', { retryAfterMs: 5_000 })
  }
  const { url } = request.routeOptions
  if (!PATHS.some((path) => path === url) || parts.isRestUrl(request.url)) {
    throw new ProtocolError('bad_request', 'This path is a REST route; connect agents to any other path, such as /.')
  }
}

/** An agent registers within milliseconds, so the longest waiting socket is the one least likely to be an agent. */
const makeRoom = (greeting: Set<AgentSocket>, parts: UpgradeParts, address: string): void => {
  const [longest] = greeting
  if (greeting.size < GREETING_SOCKETS_MAX || longest === undefined) return
  parts.observe({ type: 'connection.refused', reason: 'made-room', address })
  greeting.delete(longest)
  longest.dismiss('Too many sockets are waiting to register; this one waited longest.')
}
