import { type BinaryNode, decodeBinaryNode, encodeBinaryNode, type proto } from '@whiskeysockets/baileys'
import type { RawData, WebSocket } from 'ws'
import type { Line } from './accounts.ts'
import { toFarewell } from './endings.ts'
import { FrameReader, toFrame } from './frames.ts'
import type { ServerIdentity } from './identity.ts'
import { Handshake, type Transport } from './noise.ts'

/** Who hears what comes over a connection. */
export interface Listener {
  enter(connection: Connection, noiseKey: Buffer, payload: proto.ClientPayload): void
  hear(connection: Connection, stanza: BinaryNode): void
  /** It is gone; the reason is given when the client broke the rules of the wire. */
  leave(connection: Connection, reason?: unknown): void
}

type Phase =
  | { readonly name: 'hello' | 'finish'; readonly handshake: Handshake }
  | { readonly name: 'open'; readonly transport: Transport }

/** One socket of a client, from its first byte on: frames, encryption, stanzas. */
export class Connection implements Line {
  readonly #socket: WebSocket
  readonly #listener: Listener
  readonly #frames = new FrameReader()
  #phase: Phase
  #isDeaf = false
  /** Stanzas are decoded asynchronously, and heard in the order they came in. */
  #reading: Promise<void> = Promise.resolve()

  constructor(socket: WebSocket, identity: ServerIdentity, listener: Listener) {
    this.#socket = socket
    this.#listener = listener
    this.#phase = { name: 'hello', handshake: new Handshake(identity) }
    socket.on('message', (data) => this.#enqueue(data))
    socket.on('close', () => listener.leave(this))
    // A reset connection also closes
    socket.on('error', () => undefined)
  }

  get isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN
  }

  send(stanza: BinaryNode): void {
    if (this.#isDeaf || !this.isOpen) return
    if (this.#phase.name !== 'open') throw new Error('Nothing can be said before the handshake is done')
    this.#socket.send(toFrame(this.#phase.transport.seal(encodeBinaryNode(stanza))))
  }

  end(code: number): void {
    const farewell = toFarewell(code)
    if (farewell !== undefined) this.send(farewell)
    this.#socket.close()
  }

  /** Refuses a login or a registration. */
  fail(code: number): void {
    this.send({ tag: 'failure', attrs: { reason: String(code), location: 'test' } })
    this.#socket.close()
  }

  cut(): void {
    this.#socket.terminate()
  }

  goDeaf(): void {
    this.#isDeaf = true
  }

  #enqueue(data: RawData): void {
    if (this.#isDeaf) return
    this.#reading = this.#reading
      .then(() => this.#read(data))
      .catch((reason: unknown) => {
        this.#listener.leave(this, reason)
        this.cut()
      })
  }

  async #read(data: RawData): Promise<void> {
    if (!Buffer.isBuffer(data)) throw new Error('The bytes came in pieces')
    for (const frame of this.#frames.read(data)) await this.#take(frame)
  }

  async #take(frame: Buffer): Promise<void> {
    const phase = this.#phase
    if (phase.name === 'open') {
      this.#listener.hear(this, await decodeBinaryNode(phase.transport.open(frame)))
    } else if (phase.name === 'hello') {
      this.#socket.send(toFrame(phase.handshake.answerHello(frame)))
      this.#phase = { name: 'finish', handshake: phase.handshake }
    } else {
      const { noiseKey, payload, transport } = phase.handshake.finish(frame)
      this.#phase = { name: 'open', transport }
      this.#listener.enter(this, noiseKey, payload)
    }
  }
}
