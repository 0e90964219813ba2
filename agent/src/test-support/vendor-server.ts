import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Queue } from './queue.ts'

/** A request as a vendor gets it. */
export interface VendorRequest {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: Record<string, unknown>
}

/** What a vendor does with a request. */
export type VendorScript = (response: ServerResponse, request: VendorRequest) => void | Promise<void>

const readBody = async (request: IncomingMessage): Promise<Record<string, unknown>> => {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  const text = Buffer.concat(chunks).toString()
  return text === '' ? {} : JSON.parse(text)
}

/** A server that speaks a vendor's format as the test says. */
export const startVendor = async (script: VendorScript) => {
  const requests: VendorRequest[] = []
  const arrivals = new Queue<VendorRequest>()
  const hangups = new Queue<string>()
  const server = createServer(async (message, response) => {
    const request = { path: message.url ?? '', headers: message.headers, body: await readBody(message) }
    requests.push(request)
    arrivals.push(request)
    response.on('close', () => {
      if (!response.writableFinished) hangups.push(request.path)
    })
    await script(response, request)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    requests,
    /** Requests as they come. */
    arrivals,
    /** Paths of requests that the client gave up. */
    hangups,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Answers with an error of a vendor. */
export const refuse =
  (status: number, body: object, headers: Record<string, string> = {}): VendorScript =>
  (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
  }

/** Begins a stream of server-sent events. */
export const beginStream = (response: ServerResponse): ServerResponse =>
  response.writeHead(200, { 'content-type': 'text/event-stream' })

/** Opens a stream and says nothing. */
export const hang: VendorScript = (response) => {
  beginStream(response).flushHeaders()
}
