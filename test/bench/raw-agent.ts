import { randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { FrameWalker, OPCODES } from './frame-walker.ts'

/** Where a server is and how to be let in. */
export interface Address {
  readonly port: number
  readonly secret: string
}

/** All sockets read into one buffer, one after the other: their bytes are looked at and forgotten. */
const shared = Buffer.allocUnsafe(256 * 1_024)

/** A masked frame of a client, as bytes. The mask is never all zeros, which a server could skip. */
export const encodeFrame = (opcode: number, payload: Buffer): Buffer => {
  const { length } = payload
  const extended = length < 126 ? 0 : length < 65_536 ? 2 : 8
  const head = Buffer.alloc(2 + extended + 4)
  head[0] = 0x80 | opcode
  head[1] = 0x80 | (extended === 0 ? length : extended === 2 ? 126 : 127)
  if (extended === 2) head.writeUInt16BE(length, 2)
  if (extended === 8) head.writeBigUInt64BE(BigInt(length), 2)
  const mask = randomBytes(4)
  mask[0] = (mask[0] ?? 0) | 1
  mask.copy(head, 2 + extended)
  return Buffer.concat([head, payload.map((byte, index) => byte ^ (mask[index & 3] ?? 0))])
}

/** A text frame of a client, as bytes. */
export const encodeText = (frame: object): Buffer => encodeFrame(OPCODES.text, Buffer.from(JSON.stringify(frame)))

/**
 * An agent without a WebSocket library: registers, counts frames, answers pings. Ten thousand of them fit into the load
 * process, and fifty million presence events can be drained.
 */
export class RawAgent {
  readonly name: string
  readonly #socket: Socket
  readonly #walker: FrameWalker
  readonly #registration: Buffer
  #state: 'upgrading' | 'registering' | 'registered' | 'closed' = 'upgrading'
  #settle: { resolve: () => void; reject: (error: Error) => void } | undefined
  #failure: Error | undefined
  /** Close code, 1006 when the connection ended without one; undefined while it is open. */
  closeCode: number | undefined
  /** Text frames received, the answer to the registration included. */
  frames = 0
  /** Called after each read that held text frames. */
  onFrames: (() => void) | undefined

  private constructor(address: Address, name: string) {
    this.name = name
    this.#registration = encodeText({
      type: 'register',
      name,
      workspace: 'bench',
      skills: ['bench'],
      secret: address.secret,
    })
    this.#walker = new FrameWalker((opcode, code) => this.#takeFrame(opcode, code))
    const read = (bytes: number, chunk: Uint8Array) => this.#read(Buffer.from(chunk.buffer, chunk.byteOffset, bytes))
    this.#socket = connect({ port: address.port, host: '127.0.0.1', onread: { buffer: shared, callback: read } })
    this.#socket.setNoDelay(true)
    this.#socket.on('connect', () => this.#socket.write(toUpgrade(address.port)))
    this.#socket.on('error', (error) => {
      this.#failure = error
    })
    this.#socket.on('close', () => this.#takeClose())
  }

  /** Connects and registers. */
  static async register(address: Address, name: string): Promise<RawAgent> {
    const agent = new RawAgent(address, name)
    await new Promise<void>((resolve, reject) => {
      agent.#settle = { resolve, reject }
    })
    return agent
  }

  /** Whether its session is still there, as far as it can see. */
  get isOpen(): boolean {
    return this.#state === 'registered'
  }

  /** Writes encoded frames; false when the server does not take them as fast. */
  write(bytes: Buffer): boolean {
    return this.#socket.write(bytes)
  }

  /** Resolves when everything written has left. */
  async drained(): Promise<void> {
    if (this.#socket.writableNeedDrain) await new Promise((resolve) => this.#socket.once('drain', resolve))
  }

  /** Stops reading, so that the server's data piles up. */
  pause(): void {
    this.#socket.pause()
  }

  /** Reads again. */
  resume(): void {
    this.#socket.resume()
  }

  /** Hangs up. */
  close(): void {
    this.#socket.destroy()
  }

  #read(chunk: Buffer): boolean {
    let rest = chunk
    if (this.#state === 'upgrading') {
      const end = chunk.indexOf('\r\n\r\n')
      if (chunk.toString('latin1', 0, 12) !== 'HTTP/1.1 101' || end < 0) {
        this.#socket.destroy(new Error(`The upgrade was refused: ${chunk.toString()}`))
        return false
      }
      this.#state = 'registering'
      this.#socket.write(this.#registration)
      rest = chunk.subarray(end + 4)
    }
    const before = this.frames
    this.#walker.walk(rest)
    if (this.frames > before) this.onFrames?.()
    return true
  }

  #takeFrame(opcode: number, closeCode: number): void {
    if (opcode === OPCODES.ping) this.#socket.write(encodeFrame(OPCODES.pong, Buffer.alloc(0)))
    if (opcode === OPCODES.close) {
      this.closeCode = closeCode
      this.#socket.destroy()
    }
    if (opcode !== OPCODES.text) return
    this.frames++
    if (this.#state !== 'registering') return
    this.#state = 'registered'
    this.#settle?.resolve()
  }

  #takeClose(): void {
    this.closeCode ??= 1006
    this.#state = 'closed'
    this.#settle?.reject(this.#failure ?? new Error(`${this.name} was closed with ${this.closeCode}`))
  }
}

const toUpgrade = (port: number): string =>
  [
    'GET / HTTP/1.1',
    `host: 127.0.0.1:${port}`,
    'connection: Upgrade',
    'upgrade: websocket',
    'sec-websocket-version: 13',
    `sec-websocket-key: ${randomBytes(16).toString('base64')}`,
    '\r\n',
  ].join('\r\n')
