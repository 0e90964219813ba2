import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ChainView } from '../../core/chain-view.ts'
import { StartError } from '../../core/failures.ts'

/** What the health routes tell: of the agent, of its chain of providers, and of its budget. */
export interface HealthView extends ChainView {
  /** `degraded` while tasks are refused, or nobody of the chain is likely to answer them. */
  readonly status: 'ok' | 'degraded' | 'draining'
  readonly agent: string
  readonly agentId?: string
  readonly link: string
  readonly ready: boolean
  /** The human channel, where there is one; `advice` says what its owner should do. */
  readonly channel?: { readonly name: string; readonly state: string; readonly advice?: string }
  /** `unavailable` while the data folder cannot be written and tasks are refused. */
  readonly storage: 'ok' | 'unavailable'
  readonly tasks: { readonly running: number; readonly waiting: number }
  /** The chain in short, in its order: `provider/model`. */
  readonly providers: readonly string[]
  readonly uptime: number
  readonly version: string
}

/** A running health server. */
export interface HealthServer {
  readonly port: number
  close(): Promise<void>
}

/** Longest wait for a request's headers, in milliseconds: nobody has reason to be slow here. */
const HEADERS_MS_MAX = 5_000

const answer = (request: IncomingMessage, response: ServerResponse, status: number, body: object): void => {
  const text = JSON.stringify(body)
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
  })
  response.end(request.method === 'HEAD' ? undefined : text)
}

const route = (request: IncomingMessage, response: ServerResponse, view: HealthView): void => {
  const path = (request.url ?? '/').split('?', 1)[0]?.replace(/\/+$/, '') ?? ''
  if (path !== '/health' && path !== '/ready') {
    answer(request, response, 404, { error: 'There are /health and /ready here.' })
  } else if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD')
    answer(request, response, 405, { error: 'Only GET and HEAD are answered here.' })
  } else if (path === '/health') {
    answer(request, response, 200, view)
  } else {
    answer(request, response, view.ready ? 200 : 503, { ready: view.ready, link: view.link, storage: view.storage })
  }
}

const describeListenError = (error: NodeJS.ErrnoException, host: string, port: number): string => {
  switch (error.code) {
    case 'EADDRINUSE':
      return `HEALTH_PORT ${port} is taken on ${host}; set another one, or 0 for any free one.`
    case 'EACCES':
      return `HEALTH_PORT ${port} may not be used by this user; set one above 1023.`
    default:
      return `HEALTH_HOST ${host} cannot be listened on (${error.code ?? 'failed'}).`
  }
}

const listen = (server: Server, host: string, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      reject(new StartError(describeListenError(cause, host, port), { cause }))
    })
    server.listen(port, host, resolve)
  })

/**
 * Serves `/health` (is the process alive, and what is it doing) and `/ready` (200 only while it can get tasks).
 *
 * @param port 0 for any free one
 * @throws {StartError} when the port cannot be used
 */
export const startHealthServer = async (host: string, port: number, view: () => HealthView): Promise<HealthServer> => {
  const server = createServer({ headersTimeout: HEADERS_MS_MAX, requestTimeout: HEADERS_MS_MAX }, (request, response) =>
    route(request, response, view()),
  )
  await listen(server, host, port)
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
