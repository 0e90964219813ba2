import { NOISE_WA_HEADER } from '@whiskeysockets/baileys'

const LENGTH_BYTES = 3

/** A frame as it goes over the wire: three bytes of length, then the payload. */
export const toFrame = (payload: Uint8Array): Buffer => {
  const frame = Buffer.alloc(LENGTH_BYTES + payload.length)
  frame.writeUIntBE(payload.length, 0, LENGTH_BYTES)
  frame.set(payload, LENGTH_BYTES)
  return frame
}

/** Cuts a client's bytes into frames; the header that a client begins with is checked and dropped. */
export class FrameReader {
  #bytes: Buffer = Buffer.alloc(0)
  #isGreeted = false

  /** The frames that these bytes complete. @throws {Error} when the client begins with something else */
  read(bytes: Uint8Array): readonly Buffer[] {
    this.#bytes = Buffer.concat([this.#bytes, bytes])
    if (!this.#isGreeted && !this.#takeHeader()) return []
    const frames: Buffer[] = []
    for (let frame = this.#takeFrame(); frame !== undefined; frame = this.#takeFrame()) frames.push(frame)
    return frames
  }

  #takeHeader(): boolean {
    const header = Buffer.from(NOISE_WA_HEADER)
    if (this.#bytes.length < header.length) return false
    if (!this.#take(header.length).equals(header)) throw new Error('This is no WhatsApp client: its header is another')
    this.#isGreeted = true
    return true
  }

  #takeFrame(): Buffer | undefined {
    if (this.#bytes.length < LENGTH_BYTES) return undefined
    const size = LENGTH_BYTES + this.#bytes.readUIntBE(0, LENGTH_BYTES)
    return this.#bytes.length < size ? undefined : this.#take(size).subarray(LENGTH_BYTES)
  }

  #take(size: number): Buffer {
    const taken = this.#bytes.subarray(0, size)
    this.#bytes = this.#bytes.subarray(size)
    return taken
  }
}
