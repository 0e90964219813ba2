import type { IncomingMessage } from 'node:http'

/** Room for all bodies that are being read at the same time. */
export class BodyRoom {
  readonly #bytesMax: number
  #bytes = 0

  /** @param bytesMax of all of them together */
  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  /** Takes room; false where there is none. */
  take(bytes: number): boolean {
    if (this.#bytes + bytes > this.#bytesMax) return false
    this.#bytes += bytes
    return true
  }

  /** Gives room back. */
  release(bytes: number): void {
    this.#bytes -= bytes
  }
}

/** A whole body, or why there is none; `gone` when whoever sent it has hung up. */
export type BodyReading = Uint8Array | 'too-large' | 'busy' | 'gone'

/** Reads a body as it came, byte by byte; what is too large is not read on. */
export const readBody = async (request: IncomingMessage, bytesMax: number, room: BodyRoom): Promise<BodyReading> => {
  if (Number(request.headers['content-length'] ?? 0) > bytesMax) return 'too-large'
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    // whoever is refused must hear it, so the line stays open
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      const { length } = chunk as Buffer
      if (bytes + length > bytesMax) return 'too-large'
      if (!room.take(length)) return 'busy'
      bytes += length
      chunks.push(chunk)
    }
    return Buffer.concat(chunks)
  } catch (error) {
    if (request.destroyed) return 'gone'
    throw error
  } finally {
    room.release(bytes)
  }
}
