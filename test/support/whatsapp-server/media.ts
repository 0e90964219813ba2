import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { Certificate } from './certificate.ts'

/** How much may be uploaded to one host, in bytes. */
const UPLOADS_BYTES_MAX = 256 * 1024 * 1024

/** What goes wrong at the host. */
interface MediaFaults {
  readonly mediaStatus: number | undefined
}

/** The host of encrypted files: what is posted to a path can be fetched from it. */
export class Media {
  readonly #server: Server
  /** What was uploaded, by path; still encrypted. */
  readonly files = new Map<string, Buffer>()
  readonly #faults: MediaFaults
  #bytes = 0

  constructor(certificate: Certificate, faults: MediaFaults) {
    this.#faults = faults
    this.#server = createServer({ ...certificate }, (request, response) => {
      void this.#answer(request, response).catch((reason: unknown) => response.destroy(toError(reason)))
    })
  }

  /** Host and port. */
  get host(): string {
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new Error('The media host does not listen')
    return `127.0.0.1:${address.port}`
  }

  async open(): Promise<void> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#server.closeAllConnections()
    await closed
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', `https://${this.host}`)
    if (request.method === 'POST') await this.#take(pathname, request)
    const { mediaStatus } = this.#faults
    if (mediaStatus !== undefined) return void response.writeHead(mediaStatus).end()
    if (request.method === 'POST') {
      response.end(JSON.stringify({ url: `https://${this.host}${pathname}`, direct_path: pathname }))
    } else {
      const file = this.files.get(pathname)
      response.writeHead(file === undefined ? 404 : 200).end(file)
    }
  }

  async #take(path: string, request: IncomingMessage): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) {
      if (!Buffer.isBuffer(chunk)) continue
      this.#bytes += chunk.length
      if (this.#bytes > UPLOADS_BYTES_MAX) throw new Error(`More than ${UPLOADS_BYTES_MAX} bytes were uploaded`)
      chunks.push(chunk)
    }
    if (this.#faults.mediaStatus === undefined) this.files.set(path, Buffer.concat(chunks))
  }
}

const toError = (reason: unknown): Error => (reason instanceof Error ? reason : new Error(String(reason)))
