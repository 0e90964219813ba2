import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect as connectTcp, type Socket } from 'node:net'
import type { HubAddress } from './start-hub.ts'
import { within } from './within.ts'

/** A bare TCP connection: it may send half a request, nonsense, or nothing. */
export class RawSocket implements AsyncDisposable {
  readonly tcp: Socket
  /** True when the other side closed in order, false after a reset. */
  readonly closed: Promise<boolean>
  #received = Buffer.alloc(0)

  constructor(tcp: Socket) {
    this.tcp = tcp
    tcp.on('data', (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk])
    })
    // A reset is one of the outcomes that tests look at
    tcp.on('error', () => undefined)
    this.closed = new Promise((resolve) => tcp.once('close', (hadError) => resolve(!hadError)))
  }

  /** Everything received so far, as text. */
  get text(): string {
    return this.#received.toString('latin1')
  }

  write(data: string | Uint8Array): void {
    this.tcp.write(data)
  }

  /** Writes and waits until the system has taken it all; false when the other side had closed. */
  push(data: string | Uint8Array): Promise<boolean> {
    return new Promise((resolve) => this.tcp.write(data, (error) => resolve(!error)))
  }

  /** Waits until this text (bytes as Latin-1) or pattern has been received. */
  async until(wanted: string | RegExp, limitMs?: number): Promise<string> {
    const isThere = () => (typeof wanted === 'string' ? this.text.includes(wanted) : wanted.test(this.text))
    const wait = async () => {
      while (!isThere()) {
        if (this.tcp.closed) throw new Error(`Closed without ${wanted}; received: ${this.text.slice(0, 300)}`)
        const more = new Promise<void>((resolve) => this.tcp.once('data', () => resolve()))
        await Promise.race([more, this.closed])
      }
      return this.text
    }
    return within(wait(), `text like ${wanted}`, limitMs)
  }

  /** Waits for the end of the connection and returns all that came. */
  async untilClosed(limitMs?: number): Promise<string> {
    await within(this.closed, 'the end of the connection', limitMs)
    return this.text
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.tcp.destroy()
    await this.closed
  }
}

/** What a close frame with this code holds, as {@link RawSocket.text} shows it. */
export const closeCodeText = (code: number): string => String.fromCharCode(code >> 8, code & 0xff)

/** Opens a bare TCP connection to a hub. */
export const openRaw = async (hub: HubAddress): Promise<RawSocket> => {
  const { hostname, port } = new URL(hub.url)
  const tcp = connectTcp({ host: hostname, port: Number(port) })
  const raw = new RawSocket(tcp)
  await once(tcp, 'connect')
  return raw
}

/** A bare TCP connection after a WebSocket upgrade, for frames that no library would send. */
export const upgradeRaw = async (hub: HubAddress): Promise<RawSocket> => {
  const raw = await openRaw(hub)
  raw.write(
    `GET / HTTP/1.1\r\nHost: ${new URL(hub.url).host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`,
  )
  await raw.until(/^HTTP\/1\.1 101 [\s\S]*\r\n\r\n/)
  return raw
}

/** What a hand-made WebSocket frame is like. */
export interface RawFrame {
  readonly opcode: number
  readonly payload?: string | Uint8Array
  readonly isFinal?: boolean
  readonly isMasked?: boolean
  /** Reserved bits, 0–7. */
  readonly reserved?: number
  /** The length that the header claims, when it is to differ from the true one. */
  readonly claimedBytes?: number
}

const toLength = (bytes: number): Buffer => {
  if (bytes < 126) return Buffer.from([bytes])
  const long = bytes > 65_535
  const head = Buffer.alloc(long ? 9 : 3)
  head[0] = long ? 127 : 126
  if (long) head.writeBigUInt64BE(BigInt(bytes), 1)
  else head.writeUInt16BE(bytes, 1)
  return head
}

/** One WebSocket frame, right or wrong. @see https://www.rfc-editor.org/rfc/rfc6455#section-5.2 */
export const rawFrame = (frame: RawFrame): Buffer => {
  const payload = Buffer.from(frame.payload ?? '')
  const isMasked = frame.isMasked ?? true
  const length = toLength(frame.claimedBytes ?? payload.length)
  length[0] = (length[0] ?? 0) | (isMasked ? 0x80 : 0)
  const first = ((frame.isFinal ?? true) ? 0x80 : 0) | ((frame.reserved ?? 0) << 4) | frame.opcode
  // A mask of zeros leaves the payload as it is
  return Buffer.concat([Buffer.from([first]), length, ...(isMasked ? [Buffer.alloc(4)] : []), payload])
}
