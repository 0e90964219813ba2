import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { Target } from './target.ts'

const HEAD_END = '\r\n\r\n'

/** A whole `POST` request as bytes, encoded once and sent many times. */
export const encodePost = ({ port, secret }: Target, path: string, body: object): Buffer => {
  const json = JSON.stringify(body)
  const head = [
    `POST ${path} HTTP/1.1`,
    `host: 127.0.0.1:${port}`,
    'connection: keep-alive',
    `authorization: Bearer ${secret}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(json)}`,
  ]
  return Buffer.from(`${head.join('\r\n')}${HEAD_END}${json}`)
}

interface Waiting {
  readonly resolve: (body: Buffer) => void
  readonly reject: (error: Error) => void
}

/** One kept-alive HTTP/1.1 connection with one request at a time; far cheaper than a real client, so that the server is what is measured. */
export class HttpCaller {
  readonly #socket: Socket
  #received: Buffer | undefined
  #bytesExpected = 0
  #headBytes = 0
  #waiting: Waiting | undefined

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setNoDelay(true)
    socket.on('data', (chunk: Buffer) => this.#take(chunk))
    socket.on('error', (error) => this.#waiting?.reject(error))
    socket.on('close', () => this.#waiting?.reject(new Error('The server closed a kept-alive connection')))
  }

  /** Opens a connection. */
  static async open(target: Target): Promise<HttpCaller> {
    const socket = connect(target.port, '127.0.0.1')
    await once(socket, 'connect')
    return new HttpCaller(socket)
  }

  /** Sends an encoded request and answers the body of its 200 or 202; anything else rejects. */
  post(request: Buffer): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      if (this.#socket.destroyed) reject(new Error('The server closed an idle connection'))
      this.#waiting = { resolve, reject }
      this.#socket.write(request)
    })
  }

  /** Hangs up. */
  close(): void {
    this.#waiting = undefined
    this.#socket.destroy()
  }

  #take(chunk: Buffer): void {
    const received = this.#received === undefined ? chunk : Buffer.concat([this.#received, chunk])
    if (this.#bytesExpected === 0 && !this.#readHead(received)) {
      this.#received = received
      return
    }
    if (received.length < this.#bytesExpected) {
      this.#received = received
      return
    }
    const waiting = this.#waiting
    const body = received.subarray(this.#headBytes)
    this.#received = undefined
    this.#bytesExpected = 0
    this.#waiting = undefined
    waiting?.resolve(body)
  }

  #readHead(received: Buffer): boolean {
    const end = received.indexOf(HEAD_END)
    if (end < 0) return false
    const head = received.toString('latin1', 0, end)
    const length = /content-length: *(\d+)/i.exec(head)?.[1]
    if (!/^HTTP\/1\.1 20[02] /.test(head) || length === undefined) {
      this.#waiting?.reject(new Error(`Not a plain 200 or 202:\n${received.toString()}`))
      return false
    }
    this.#headBytes = end + HEAD_END.length
    this.#bytesExpected = this.#headBytes + Number(length)
    return true
  }
}
