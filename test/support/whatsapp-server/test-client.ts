import makeWASocket, {
  type BinaryNode,
  Browsers,
  type ConnectionState,
  type UserFacingSocketConfig,
  type WAMessage,
  type WASocket,
} from '@whiskeysockets/baileys'
import pino from 'pino'
import { Changes } from './changes.ts'
import { MemoryAuth } from './memory-auth.ts'
import { quietSignal } from './quiet-signal.ts'

const RESTART = 515
const silent = pino({ level: 'silent' })

/** What a socket may be told besides its defaults. */
export type ClientConfig = Partial<UserFacingSocketConfig>

/** A message as a client hears of it. */
export interface Arrival {
  /** `notify` when it came live, `append` when it waited for the client, or is its own. */
  readonly type: string
  readonly message: WAMessage
}

/** The code that a connection was closed with; 0 when Baileys gives none. */
const toCode = ({ lastDisconnect }: Partial<ConnectionState>): number => {
  const error: unknown = lastDisconnect?.error
  if (typeof error !== 'object' || error === null || !('output' in error)) return 0
  const { output } = error
  if (typeof output !== 'object' || output === null || !('statusCode' in output)) return 0
  return Number(output.statusCode)
}

/** A real Baileys socket with its identity in memory; it restarts when asked to, and reconnects when told to. */
export class TestClient implements AsyncDisposable {
  readonly auth = new MemoryAuth()
  readonly changes = new Changes()
  readonly arrivals: Arrival[] = []
  readonly qrCodes: string[] = []
  /** The codes that its connections were closed with. */
  readonly closes: number[] = []
  readonly errors: string[] = []
  /** What the server says of its messages, by id: `undefined` for a good acknowledgement, else the code. */
  readonly acks = new Map<string, string | undefined>()
  /** 0 refused, 3 delivered, 4 read. */
  readonly statuses = new Map<string, number>()
  /** What is sent again when a receiver asks. */
  readonly sent = new Map<string, WAMessage>()
  /** Told of each arrival at once. */
  onArrival: (arrival: Arrival) => void = () => undefined
  readonly #url: () => string
  /** Taken at the next connection. */
  readonly config: ClientConfig
  #socket: WASocket | undefined
  #isOpen = false
  #isConnected = false

  constructor(url: () => string, config: ClientConfig = {}) {
    quietSignal()
    this.#url = url
    this.config = config
  }

  /** @throws {Error} before `connect` */
  get socket(): WASocket {
    if (this.#socket === undefined) throw new Error('The client was never connected')
    return this.#socket
  }

  /** Whether the phone's history was taken: until then Baileys holds events back. */
  get hasHistory(): boolean {
    return (this.#socket?.authState.creds.accountSyncCounter ?? 0) > 0
  }

  get isOpen(): boolean {
    return this.#isOpen
  }

  connect(): void {
    const state = this.auth.read()
    const socket = makeWASocket({
      auth: state,
      waWebSocketUrl: this.#url(),
      logger: silent,
      browser: Browsers.ubuntu('Chrome'),
      markOnlineOnConnect: false,
      syncFullHistory: false,
      // A retry names the device that asks, not the chat, so only the id is known
      getMessage: async ({ id }) => this.sent.get(id ?? '')?.message ?? undefined,
      ...this.config,
    })
    this.#socket = socket
    socket.ev.on('creds.update', () => {
      this.auth.saveCreds(socket.authState.creds)
      this.changes.announce()
    })
    socket.ev.on('connection.update', (update) => {
      // What an older socket still says is no longer about this client
      if (socket === this.#socket) this.#follow(update)
    })
    socket.ev.on('messages.upsert', ({ messages, type }) => this.#take(messages, type))
    socket.ev.on('messages.update', (updates) => {
      for (const { key, update } of updates) this.#note(key.id, update.status)
    })
    socket.ws.on('CB:ack,class:message', ({ attrs }: BinaryNode) => {
      this.acks.set(attrs['id'] ?? '', attrs['error'])
      this.changes.announce()
    })
  }

  /** Connects and waits until it is open. */
  async open(limitMs?: number): Promise<void> {
    this.connect()
    await this.until('the connection to open', () => this.#isOpen, limitMs)
  }

  /** Waits for the next close, and returns its code. */
  async closed(since = this.closes.length): Promise<number> {
    return this.until('the connection to close', () => this.closes.length > since && this.closes.at(-1))
  }

  /** Ends the connection, as a program does that stops. */
  async end(): Promise<void> {
    const since = this.closes.length
    if (this.#socket === undefined || !this.#isConnected) return
    await this.#socket.end(undefined)
    if (this.closes.length === since) this.#follow({ connection: 'close' })
  }

  until<Found>(what: string, find: () => Found | undefined | false, limitMs?: number): Promise<Found> {
    return this.changes.until(what, find, limitMs)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end()
  }

  #follow(update: Partial<ConnectionState>): void {
    const { connection, qr } = update
    if (qr !== undefined) this.qrCodes.push(qr)
    if (connection !== undefined) {
      this.#isOpen = connection === 'open'
      this.#isConnected = connection !== 'close'
    }
    if (connection === 'close') {
      const code = toCode(update)
      this.closes.push(code)
      this.errors.push(String(update.lastDisconnect?.error))
      if (code === RESTART) this.connect()
    }
    this.changes.announce()
  }

  #take(messages: readonly WAMessage[], type: string): void {
    for (const message of messages) {
      const arrival = { type, message }
      this.arrivals.push(arrival)
      this.onArrival(arrival)
      // While events are held back, a status comes with our own message instead of after it
      if (message.key.fromMe) this.#note(message.key.id, message.status)
    }
    this.changes.announce()
  }

  #note(id: string | null | undefined, status: number | null | undefined): void {
    if (typeof id === 'string' && typeof status === 'number') this.statuses.set(id, status)
    this.changes.announce()
  }
}
