import type { Socket } from 'node:net'
import { CLOSE_CODES, type CloseReason, type HubFrame } from '@ai-comms/shared'
import { WebSocket } from 'ws'
import type { Delivery, Transport } from '../../core/ports.ts'
import { encodeTextFrame } from './frame-encoder.ts'
import { STALL_MS_MAX, StallWatch } from './stall-watch.ts'
import type { Flushable, TurnBatch } from './turn-batch.ts'

/** What a transport needs besides its socket. */
export interface SocketTransportParts {
  readonly batch: TurnBatch
  readonly bufferedBytesMax: number
  readonly now: () => number
  /** The agent read too slowly and its connection was cut. */
  readonly cut: (bufferedBytes: number, stalledMs: number) => void
}

/** Gathered frames up to this many bytes are copied into one buffer; above it the copy costs more than it saves. */
const COPY_BYTES_MAX = 65_536

/** With this share of what may wait for an agent it counts as backlogged: room is left for what cannot wait. */
const BACKLOG_SHARE = 1 / 8

/** An agent's WebSocket as the core sees it. */
export class SocketTransport implements Transport, Flushable {
  readonly #socket: WebSocket
  readonly #stream: Socket
  readonly #parts: SocketTransportParts
  readonly #watch: StallWatch
  /** The first frame of this turn, and what followed it: most turns have one frame, which needs no list. */
  #first: Uint8Array | undefined
  #others: Uint8Array[] | undefined
  #gatheredBytes = 0

  /** @param stream the connection below the WebSocket */
  constructor(socket: WebSocket, stream: Socket, parts: SocketTransportParts) {
    this.#socket = socket
    this.#stream = stream
    this.#parts = parts
    this.#watch = new StallWatch(stream, parts.now())
  }

  get bufferedBytes(): number {
    return this.#stream.writableLength + this.#gatheredBytes
  }

  get isBacklogged(): boolean {
    return this.bufferedBytes > this.#parts.bufferedBytesMax * BACKLOG_SHARE
  }

  send(frame: HubFrame): Delivery {
    return this.write(encodeTextFrame(JSON.stringify(frame)))
  }

  write(frames: Uint8Array): Delivery {
    if (this.#socket.readyState !== WebSocket.OPEN) return 'offline'
    if (this.#first === undefined) {
      this.#first = frames
      this.#parts.batch.add(this)
    } else if (this.#others === undefined) this.#others = [frames]
    else this.#others.push(frames)
    this.#gatheredBytes += frames.length
    if (this.bufferedBytes <= this.#parts.bufferedBytesMax) return 'sent'
    this.#cut(0)
    return 'offline'
  }

  /** Writes what was gathered in this turn. */
  flush(): void {
    const first = this.#first
    const others = this.#others
    const bytes = this.#gatheredBytes
    this.#drop()
    if (first === undefined) return
    if (others === undefined) {
      this.#stream.write(first)
    } else if (bytes <= COPY_BYTES_MAX) {
      this.#stream.write(Buffer.concat([first, ...others], bytes))
    } else {
      this.#stream.cork()
      for (const frames of [first, ...others]) this.#stream.write(frames)
      this.#stream.uncork()
    }
  }

  ping(): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.ping()
  }

  close(reason: CloseReason): void {
    this.flush()
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

  #drop(): void {
    this.#first = undefined
    this.#others = undefined
    this.#gatheredBytes = 0
  }

  #cut(stalledMs: number): void {
    this.#parts.cut(this.bufferedBytes, stalledMs)
    // What was never read is given up; the close frame stands behind it, so the peer may see only the cut
    this.#drop()
    this.#socket.close(CLOSE_CODES.slowConsumer.code, CLOSE_CODES.slowConsumer.reason)
    this.#socket.terminate()
  }
}
