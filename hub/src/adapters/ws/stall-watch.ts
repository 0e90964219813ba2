import type { Socket } from 'node:net'

/** A socket that takes no byte for so long counts as stalled, in milliseconds. */
export const STALL_MS_MAX = 10_000

/**
 * Bytes that the kernel has not yet taken of the write under way. Node counts
 * a written batch as unsent until all of it is gone, so this is the only sign
 * of a slow but living reader of a large batch; `net` itself looks at it for
 * its own timeouts.
 */
const queuedBytes = (socket: Socket): number => {
  const handle: unknown = Reflect.get(socket, '_handle')
  const size: unknown = typeof handle === 'object' && handle !== null ? Reflect.get(handle, 'writeQueueSize') : 0
  return typeof size === 'number' ? size : 0
}

/** Watches one socket for a reader that has stopped reading. */
export class StallWatch {
  readonly #socket: Socket
  #progress = ''
  #progressAt: number

  constructor(socket: Socket, now: number) {
    this.#socket = socket
    this.#progressAt = now
  }

  /** Milliseconds since the last byte left, 0 while nothing waits. Ask at least every few seconds. */
  stalledMs(now: number): number {
    const waiting = this.#socket.writableLength
    const progress = waiting === 0 ? '' : `${this.#socket.bytesWritten - waiting}/${queuedBytes(this.#socket)}`
    if (waiting > 0 && progress === this.#progress) return now - this.#progressAt
    this.#progress = progress
    this.#progressAt = now
    return 0
  }
}
