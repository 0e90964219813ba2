import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { codeOf, StartError } from '../../core/failures.ts'
import type { Complain, ObserveCloud, WebhookRefusal } from './events.ts'
import type { TakeOutcome } from './intake.ts'
import { BodyRoom, readBody } from './read-body.ts'
import { isSameSecret, isSignature, isSignedBy } from './signature.ts'

/** Where the webhook is, and what proves that it is Meta who calls. */
export interface WebhookSettings {
  readonly host: string
  /** 0 for any free one. */
  readonly port: number
  /** Such as `/webhooks/whatsapp`. */
  readonly path: string
  readonly appSecret: string
  readonly verifyToken: string
}

/** Bounds of what may come from the internet. */
export interface WebhookBounds {
  /** Largest delivery, in bytes: Meta sends up to 3 MB. */
  readonly bodyBytesMax: number
  /** All that is being read at the same time, in bytes. */
  readonly bodiesBytesMax: number
  readonly connectionsMax: number
  /** Longest wait for the head of a request, in milliseconds. */
  readonly headMsMax: number
  /** Longest wait for a whole request, in milliseconds. */
  readonly requestMsMax: number
}

/** Meta is quick; whoever is slow is somebody else. */
export const WEBHOOK_BOUNDS: WebhookBounds = {
  bodyBytesMax: 4_194_304,
  bodiesBytesMax: 33_554_432,
  connectionsMax: 256,
  headMsMax: 5_000,
  requestMsMax: 20_000,
}

/** What serving the webhook takes. */
export interface WebhookParts {
  readonly settings: WebhookSettings
  readonly bounds: WebhookBounds
  /** Takes a delivery that Meta has signed. @throws {StorageError} when it cannot be kept */
  readonly take: (body: Uint8Array) => TakeOutcome
  readonly refuse: (why: WebhookRefusal) => void
  readonly observe: ObserveCloud
  readonly complain: Complain
}

/** A running webhook. */
export interface Webhook {
  readonly port: number
  /** Answers what is under way, and nothing more. */
  close(): Promise<void>
}

/** What Meta wants to have back: short, and nothing that a browser would run. */
const CHALLENGE = /^[\w.-]{1,256}$/
/** How often connections are looked at that are too slow, in milliseconds. */
const LOOK_EVERY_MS = 1_000
/** Seconds after which a delivery is to be brought again. */
const RETRY_AFTER_S = '30'

const STATUSES: Readonly<Record<WebhookRefusal, number>> = {
  'verify-token': 403,
  signature: 401,
  'too-large': 413,
  'not-json': 400,
  method: 405,
  busy: 503,
  'inbox-full': 503,
  storage: 503,
}

const answer = (response: ServerResponse, status: number, text = '', headers: Record<string, string> = {}): void => {
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
    'content-length': String(Buffer.byteLength(text)),
    // what was not read of a refused request is not read any more
    ...(status === 200 ? {} : { connection: 'close' }),
    ...headers,
  })
  response.end(text)
}

const describeListenError = (error: unknown, { host, port }: WebhookSettings): string => {
  switch (codeOf(error)) {
    case 'EADDRINUSE':
      return `WHATSAPP_CLOUD_WEBHOOK_PORT ${port} is taken on ${host}; set another one.`
    case 'EACCES':
      return `WHATSAPP_CLOUD_WEBHOOK_PORT ${port} may not be used by this user; set one above 1023.`
    default:
      return `WHATSAPP_CLOUD_WEBHOOK_HOST ${host} cannot be listened on (${codeOf(error)}).`
  }
}

const listen = (server: Server, settings: WebhookSettings): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', (cause) => reject(new StartError(describeListenError(cause, settings), { cause })))
    server.listen(settings.port, settings.host, resolve)
  })

/** Answers Meta, and nobody else. */
class Door {
  readonly #parts: WebhookParts
  readonly #room: BodyRoom

  constructor(parts: WebhookParts) {
    this.#parts = parts
    this.#room = new BodyRoom(parts.bounds.bodiesBytesMax)
  }

  async open(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { path } = this.#parts.settings
    const [asked, query = ''] = (request.url ?? '').split('?', 2)
    if (asked !== path) answer(response, 404)
    else if (request.method === 'GET') this.#verify(new URLSearchParams(query), response)
    else if (request.method === 'POST') await this.#take(request, response)
    else this.#refuse(response, 'method', { allow: 'GET, POST' })
  }

  #verify(query: URLSearchParams, response: ServerResponse): void {
    const { observe, settings } = this.#parts
    const challenge = query.get('hub.challenge') ?? ''
    const isMeta = isSameSecret(query.get('hub.verify_token') ?? '', settings.verifyToken)
    if (!isMeta || query.get('hub.mode') !== 'subscribe' || !CHALLENGE.test(challenge)) {
      this.#refuse(response, 'verify-token')
      return
    }
    observe({ type: 'cloud.webhook-verified' })
    answer(response, 200, challenge)
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { bounds, settings } = this.#parts
    const [signature] = [request.headers['x-hub-signature-256']].flat()
    if (!isSignature(signature)) {
      this.#refuse(response, 'signature')
      return
    }
    const body = await readBody(request, bounds.bodyBytesMax, this.#room)
    if (body === 'gone') return
    if (typeof body === 'string') this.#refuse(response, body)
    else if (!isSignedBy(settings.appSecret, body, signature)) this.#refuse(response, 'signature')
    else this.#keep(body, response)
  }

  /** Only what is on disk is taken from Meta, which brings everything else again. */
  #keep(body: Uint8Array, response: ServerResponse): void {
    const { complain, take } = this.#parts
    try {
      const outcome = take(body)
      if (outcome === 'taken') answer(response, 200)
      else this.#refuse(response, outcome)
    } catch (error) {
      complain('take-delivery', error)
      this.#refuse(response, 'storage')
    }
  }

  #refuse(response: ServerResponse, why: WebhookRefusal, headers: Record<string, string> = {}): void {
    const status = STATUSES[why]
    this.#parts.refuse(why)
    answer(response, status, '', { ...headers, ...(status === 503 ? { 'retry-after': RETRY_AFTER_S } : {}) })
  }
}

/**
 * Serves the webhook. It speaks HTTP; what faces the internet in front of it has the certificate.
 *
 * @throws {StartError} when the port cannot be used
 */
export const startWebhook = async (parts: WebhookParts): Promise<Webhook> => {
  const { bounds, complain, observe, settings } = parts
  const door = new Door(parts)
  const server = createServer(
    {
      headersTimeout: bounds.headMsMax,
      requestTimeout: bounds.requestMsMax,
      connectionsCheckingInterval: LOOK_EVERY_MS,
    },
    (request, response) => {
      door.open(request, response).catch((error: unknown) => {
        complain('webhook', error)
        response.destroy()
      })
    },
  )
  server.maxConnections = bounds.connectionsMax
  await listen(server, settings)
  const { port } = server.address() as AddressInfo
  observe({ type: 'cloud.listening', host: settings.host, port, path: settings.path })
  return {
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        // what is stored was answered in the same turn, so only those are left who have not said all
        server.closeAllConnections()
      }),
  }
}
