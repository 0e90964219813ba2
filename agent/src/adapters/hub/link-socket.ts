import { Buffer } from 'node:buffer'
import { type RawData, WebSocket } from 'ws'
import type { Clock } from '../../core/ports.ts'
import { describeProblem } from './connect-problem.ts'

/** Largest frame that the agent takes from its hub, in bytes: the most that a hub can be set to, and room around it. */
export const HUB_FRAME_BYTES_MAX = 68_157_440

/** What a socket tells; `closed` comes exactly once, and nothing after it. */
export interface SocketListener {
  opened(): void
  received(text: string): void
  /** Anything came, a ping too. */
  heard(): void
  closed(code: number, why: string): void
}

/** How a socket is opened. */
export interface SocketOptions {
  readonly connectMs: number
  readonly listener: SocketListener
}

const toText = (data: RawData): string => {
  if (Array.isArray(data)) return Buffer.concat(data).toString('utf8')
  return (data instanceof ArrayBuffer ? Buffer.from(data) : data).toString('utf8')
}

/** One WebSocket to the hub, from its opening to its end. */
export class LinkSocket {
  readonly #socket: WebSocket
  readonly #closed = Promise.withResolvers<void>()
  #problem: string | undefined

  constructor(url: URL, { connectMs, listener }: SocketOptions) {
    this.#socket = new WebSocket(url, {
      handshakeTimeout: connectMs,
      maxPayload: HUB_FRAME_BYTES_MAX,
      perMessageDeflate: false,
    })
    this.#socket.on('open', () => listener.opened())
    this.#socket.on('message', (data) => {
      listener.heard()
      listener.received(toText(data))
    })
    this.#socket.on('ping', () => listener.heard())
    this.#socket.on('pong', () => listener.heard())
    this.#socket.on('error', (error) => {
      this.#problem ??= describeProblem(error)
    })
    this.#socket.on('close', (code, reason) => {
      this.#closed.resolve()
      listener.closed(code, this.#problem ?? reason.toString('utf8'))
    })
  }

  /** Bytes that wait to be written. */
  get bufferedBytes(): number {
    return this.#socket.bufferedAmount
  }

  /**
   * Writes a frame. False when the socket is not open any more; `written` tells later whether it left this process.
   * ws does not throw on a closing socket, it forgets the frame, so the state is looked at first.
   */
  write(text: string, written: (ok: boolean) => void = () => {}): boolean {
    if (this.#socket.readyState !== WebSocket.OPEN) return false
    this.#socket.send(text, (error) => written(!error))
    return true
  }

  /** Says goodbye once everything is written, and cuts the line when no goodbye comes back within `closeMs`. */
  async close(code: number, reason: string, clock: Clock, closeMs: number): Promise<void> {
    this.#socket.close(code, reason)
    const callOff = clock.after(closeMs, () => this.#socket.terminate())
    await this.#closed.promise
    callOff()
  }

  /** Cuts the line: a goodbye to a hub that does not answer would wait for it. */
  terminate(why: string): void {
    this.#problem ??= why
    this.#socket.terminate()
  }
}
