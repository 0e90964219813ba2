import { once } from 'node:events'
import { createServer } from 'node:http'
import { type BinaryNode, DEFAULT_CONNECTION_CONFIG, type proto } from '@whiskeysockets/baileys'
import { WebSocketServer } from 'ws'
import type { Addressing, Owner } from './accounts.ts'
import { makeCertificate } from './certificate.ts'
import { Chronicle } from './changes.ts'
import { Connection, type Listener } from './connection.ts'
import { Faults } from './faults.ts'
import { makeIdentity, type ServerIdentity, TEST_ROOT } from './identity.ts'
import { enter } from './login.ts'
import { Media } from './media.ts'
import { Phone, refreshRegistration } from './phone.ts'
import { takeStanza } from './stanzas.ts'
import { type ChildTrust, openTrust, type Trust } from './trust.ts'
import { World } from './world.ts'

/** The largest frame that a client may send, in bytes. */
const FRAME_BYTES_MAX = 16 * 1024 * 1024
const CONNECTIONS_MAX = 200
const VERSION_PATH = '/sw.js'

/** How a server is started. */
export interface ServerOptions {
  /** One below the root of the tests, unless given: `makeIdentity()` is one that nobody trusts. */
  readonly identity?: ServerIdentity
  /** How people are named to each other: by their anonymous id unless given. */
  readonly addressing?: Addressing
  /** A new client hands in 812 one-time keys, as at WhatsApp, instead of five: it takes longer than all else. */
  readonly areAllKeysWanted?: boolean
}

/**
 * WhatsApp for tests, on this machine alone. Real, unmodified Baileys sockets pair with it, log in, and exchange
 * end-to-end encrypted messages through it; it never sees a text.
 */
export class WhatsAppServer implements AsyncDisposable {
  readonly #world: World
  readonly #media: Media
  readonly #trust: Trust
  readonly #identity: ServerIdentity
  readonly #http = createServer((request, response) => {
    if (request.url === VERSION_PATH) response.end(`self.data={"client_revision":${this.#revision}}`)
    else response.writeHead(404).end()
  })
  readonly #connections = new Set<Connection>()
  #port = 0
  /** What clients did that breaks the rules of the wire: the first is thrown when the server is disposed. */
  readonly #violations = new Chronicle<unknown>()

  private constructor(options: ServerOptions, media: Media, faults: Faults, trust: Trust) {
    this.#identity = options.identity ?? makeIdentity(TEST_ROOT)
    this.#media = media
    this.#trust = trust
    this.#world = new World(faults, media)
    this.#world.addressing = options.addressing ?? 'lid'
    this.#world.areAllKeysWanted = options.areAllKeysWanted ?? false
    const sockets = new WebSocketServer({ server: this.#http, maxPayload: FRAME_BYTES_MAX })
    sockets.on('connection', (socket) => {
      if (this.#connections.size >= CONNECTIONS_MAX) socket.close(1013)
      else this.#connections.add(new Connection(socket, this.#identity, this.#listener))
    })
  }

  /** A server that listens. The Baileys of this process trusts it, and its media host. */
  static async start(options: ServerOptions = {}): Promise<WhatsAppServer> {
    const faults = new Faults()
    const certificate = makeCertificate(Date.now())
    const media = new Media(certificate, faults)
    const trust = await openTrust(certificate)
    await media.open()
    const server = new WhatsAppServer(options, media, faults, trust)
    await server.resume()
    return server
  }

  get url(): string {
    return `ws://127.0.0.1:${this.#port}/ws/chat`
  }

  /** What a program of its own is started with so that it trusts this server. */
  get childTrust(): ChildTrust {
    return this.#trust.child
  }

  /** Where the current version of WhatsApp Web can be read, as at web.whatsapp.com. */
  get versionUrl(): string {
    return `http://127.0.0.1:${this.#port}${VERSION_PATH}`
  }

  get faults(): Faults {
    return this.#world.faults
  }

  /** What came so far: `attempts`, `relayed`, `receipts`, `chatStates`, `unknownQueries`. */
  get seen(): Pick<World, 'attempts' | 'relayed' | 'receipts' | 'chatStates' | 'unknownQueries'> {
    return this.#world
  }

  /** What was uploaded, encrypted, by path. */
  get uploads(): ReadonlyMap<string, Buffer> {
    return this.#media.files
  }

  /** Sockets that are connected. */
  get connections(): number {
    return this.#connections.size
  }

  addPhone(owner: Owner): Phone {
    return new Phone(this.#world, this.#world.directory.add(owner))
  }

  /** How two people are named to each other from now on. */
  address(one: Phone, other: Phone, addressing: Addressing): void {
    this.#world.address(one, other, addressing)
  }

  /** Takes back the secret in this QR code: whoever scans it afterwards is refused, and the client is told so. */
  refreshRegistration(qr: string, child?: 'companion_reg_refresh' | 'pair-device-rotate-qr'): void {
    refreshRegistration(this.#world, qr, child)
  }

  /** What the probe finds, looked at after each change. @throws {Error} naming what was awaited, after the limit */
  until<Found>(what: string, find: () => Found | undefined | false, limitMs?: number): Promise<Found> {
    return this.#world.changes.until(what, find, limitMs)
  }

  /** Cuts all connections and refuses new ones until `resume`. */
  async pause(): Promise<void> {
    const closed = once(this.#http, 'close')
    this.#http.close()
    for (const connection of this.#connections) connection.cut()
    this.#http.closeAllConnections()
    await closed
  }

  /** Listens again, on the same port. */
  async resume(): Promise<void> {
    this.#http.listen(this.#port, '127.0.0.1')
    await once(this.#http, 'listening')
    const address = this.#http.address()
    if (address !== null && typeof address !== 'string') this.#port = address.port
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#http.listening) await this.pause()
    await this.#media.close()
    await this.#trust[Symbol.asyncDispose]()
    const [first] = this.#violations.all
    if (first !== undefined) throw first
  }

  /** A revision that is let in. */
  get #revision(): number {
    return Math.max(this.faults.oldestRevision, DEFAULT_CONNECTION_CONFIG.version[2])
  }

  readonly #listener: Listener = {
    enter: (connection: Connection, noiseKey: Buffer, payload: proto.ClientPayload) =>
      enter(this.#world, connection, noiseKey, payload),
    hear: (connection: Connection, stanza: BinaryNode) => takeStanza(this.#world, connection, stanza),
    leave: (connection: Connection, reason?: unknown) => {
      if (reason !== undefined) this.#violations.add(reason)
      const role = this.#world.roleOf(connection)
      if (role.name === 'companion' && role.device.line === connection) {
        role.device.line = undefined
        role.device.isCaughtUp = false
      }
      this.#world.roles.delete(connection)
      this.#connections.delete(connection)
      this.#world.changes.announce()
    },
  }
}
