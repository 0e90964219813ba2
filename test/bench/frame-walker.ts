/** Opcodes of WebSocket frames. @see https://www.rfc-editor.org/rfc/rfc6455#section-5.2 */
export const OPCODES = { text: 1, close: 8, ping: 9, pong: 10 } as const

/**
 * Walks over a server's frames by their lengths, without looking at what they hold. Ends of frames are told as opcode and,
 * for a close frame, its code (else 0).
 */
export class FrameWalker {
  readonly #tell: (opcode: number, closeCode: number) => void
  #head: number[] = []
  #opcode = 0
  #code = 0
  #left = 0

  constructor(tell: (opcode: number, closeCode: number) => void) {
    this.#tell = tell
  }

  /** Takes the next bytes of the stream. */
  walk(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length; ) {
      if (this.#left === 0) {
        this.#takeHead(chunk[at++] ?? 0)
        continue
      }
      const taken = Math.min(this.#left, chunk.length - at)
      if (this.#opcode === OPCODES.close) this.#readCode(chunk.subarray(at, at + taken))
      this.#left -= taken
      at += taken
      if (this.#left === 0) this.#tell(this.#opcode, this.#code)
    }
  }

  #takeHead(byte: number): void {
    const head = this.#head
    head.push(byte)
    if (head.length < 2) return
    const short = head[1] ?? 0
    const size = short < 126 ? 2 : short === 126 ? 4 : 10
    if (head.length < size) return
    this.#opcode = (head[0] ?? 0) & 15
    this.#code = 0
    this.#left = size === 2 ? short : head.slice(2).reduce((sum, next) => sum * 256 + next, 0)
    head.length = 0
    if (this.#left === 0) this.#tell(this.#opcode, 1005)
  }

  /** The first two bytes of the reason, even if they come in two reads. */
  #readCode(bytes: Uint8Array): void {
    for (const byte of bytes.subarray(0, 2)) if (this.#code < 256) this.#code = this.#code * 256 + byte
  }
}
