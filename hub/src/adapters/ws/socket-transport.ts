import type { Socket } from 'node:net'
import { CLOSE_CODES, type CloseReason, type HubFrame } from '@ai-comms/shared'
import { WebSocket } from 'ws'
import type { Delivery, Transport } from '../../core/ports.ts'
import { encodeTextFrame } from './frame-encoder.ts'
import { STALL_MS_MAX, StallWatch } from './stall-watch.ts'
import type { TurnBatch } from './turn-batch.ts'

/** What a transport needs besides its socket. */
export interface SocketTransportParts {
  readonly batch: TurnBatch
  readonly bufferedBytesMax: number
  readonly now: () => number
  /** The agent read too slowly and its connection was cut. */
  readonly cut: (bufferedBytes: number, stalledMs: number) => void
}

/** An agent's WebSocket as the core sees it. */
export class SocketTransport implements Transport {
  readonly #socket: WebSocket
  readonly #stream: Socket
  readonly #parts: SocketTransportParts
  readonly #watch: StallWatch

  /** @param stream the connection below the WebSocket */
  constructor(socket: WebSocket, stream: Socket, parts: SocketTransportParts) {
    this.#socket = socket
    this.#stream = stream
    this.#parts = parts
    this.#watch = new StallWatch(stream, parts.now())
  }

  get bufferedBytes(): number {
    return this.#stream.writableLength
  }

  send(frame: HubFrame): Delivery {
    return this.write(encodeTextFrame(JSON.stringify(frame)))
  }

  write(frames: Uint8Array): Delivery {
    if (this.#socket.readyState !== WebSocket.OPEN) return 'offline'
    this.#parts.batch.cork(this.#stream)
    this.#stream.write(frames)
    if (this.#stream.writableLength <= this.#parts.bufferedBytesMax) return 'sent'
    this.#cut(0)
    return 'offline'
  }

  ping(): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.ping()
  }

  close(reason: CloseReason): void {
    const { code, reason: sentence } = CLOSE_CODES[reason]
    this.#socket.close(code, sentence)
  }

  terminate(): void {
    this.#socket.terminate()
  }

  /** Cuts the connection when its reader has stood still for too long. */
  cutIfStalled(): void {
    const stalledMs = this.#watch.stalledMs(this.#parts.now())
    if (stalledMs >= STALL_MS_MAX) this.#cut(stalledMs)
  }

  #cut(stalledMs: number): void {
    this.#parts.cut(this.#stream.writableLength, stalledMs)
    // The close frame stands behind all that was never read, so the peer may see only the cut
    this.#socket.close(CLOSE_CODES.slowConsumer.code, CLOSE_CODES.slowConsumer.reason)
    this.#socket.terminate()
  }
}
