import type { Socket } from 'node:net'

/**
 * Writes to a socket at most once per turn of the event loop: the first frame
 * of a turn corks it, and all corked sockets are let go together after the
 * turn's input has been read. Many frames of one turn become one system call,
 * and a single frame waits for nothing but the end of its turn.
 */
export class TurnBatch {
  readonly #corked = new Set<Socket>()

  /** Call before writing. */
  cork(socket: Socket): void {
    if (this.#corked.has(socket)) return
    if (this.#corked.size === 0) setImmediate(this.#uncorkAll)
    this.#corked.add(socket)
    socket.cork()
  }

  readonly #uncorkAll = (): void => {
    for (const socket of this.#corked) socket.uncork()
    this.#corked.clear()
  }
}
