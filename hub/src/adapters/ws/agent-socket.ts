import { isUtf8 } from 'node:buffer'
import type { Socket } from 'node:net'
import {
  type AgentFrame,
  type CloseReason,
  type ErrorFrame,
  LIMITS,
  ProtocolError,
  parseAgentFrame,
} from '@ai-comms/shared'
import { type RawData, WebSocket } from 'ws'
import type { Observe } from '../../core/events.ts'
import type { Hub } from '../../core/hub.ts'
import type { Login, LoginOutcome } from '../../core/login.ts'
import type { Session } from '../../core/registry.ts'
import { EarlyFrames } from './early-frames.ts'
import { admit, type Greeting, readGreeting } from './greeting.ts'
import { SocketTransport } from './socket-transport.ts'
import type { TurnBatch } from './turn-batch.ts'

/** What every agent socket shares. */
export interface AgentSocketParts {
  readonly hub: Hub
  readonly login: Login
  readonly observe: Observe
  readonly batch: TurnBatch
  readonly bufferedBytesMax: number
  readonly now: () => number
}

type Phase =
  | { readonly name: 'greeting'; readonly giveUp: NodeJS.Timeout }
  | { readonly name: 'checking'; readonly giveUp: NodeJS.Timeout; readonly early: EarlyFrames }
  | { readonly name: 'open'; readonly session: Session }
  | { readonly name: 'closed' }

/** Most bytes that a socket may send before it has registered: one frame at the limit and its masked header. */
const GREETING_BYTES_MAX = LIMITS.REGISTER_BYTES_MAX + 14

const CLOSE_AFTER = new Map<string, CloseReason>([
  ['not_registered', 'notRegistered'],
  ['bad_request', 'registerRefused'],
  ['unauthorized', 'unauthorized'],
  ['rate_limited', 'lockedOut'],
  ['hub_full', 'hubFull'],
  ['hub_draining', 'goingAway'],
  ['storage_unavailable', 'goingAway'],
])

/** The hub's side of one agent's WebSocket: greeting → (checking →) open → closed. */
export class AgentSocket {
  readonly #socket: WebSocket
  readonly #stream: Socket
  readonly #address: string
  readonly #parts: AgentSocketParts
  readonly #transport: SocketTransport
  #phase: Phase
  #greetingBytes = 0

  /**
   * @param stream the connection below the WebSocket
   * @param address the key under which the peer's address is counted
   * @param ended called once, when the socket is closed
   */
  constructor(socket: WebSocket, stream: Socket, address: string, parts: AgentSocketParts, ended: () => void) {
    this.#socket = socket
    this.#stream = stream
    this.#address = address
    this.#parts = parts
    this.#transport = new SocketTransport(socket, stream, {
      ...parts,
      cut: (bufferedBytes, stalledMs) =>
        parts.observe({ type: 'session.slow', sessionId: this.#sessionId, bufferedBytes, stalledMs }),
    })
    const giveUp = setTimeout(() => this.dismiss('No registration came within 10 s.'), LIMITS.REGISTER_WAIT_MS)
    this.#phase = { name: 'greeting', giveUp }
    stream.on('data', this.#countGreeting)
    socket.on('message', (data, isBinary) => this.#read(data, isBinary))
    socket.on('pong', () => this.#pulse())
    socket.on('ping', () => this.#pulse())
    socket.on('close', () => {
      this.#close()
      ended()
    })
  }

  /** Ends a socket that has not registered, with the reason why. */
  dismiss(detail: string): void {
    if (this.#isUnregistered) this.#refuse(new ProtocolError('not_registered', detail))
  }

  /** Cuts the connection when its reader has stood still for too long. */
  cutIfStalled(): void {
    this.#transport.cutIfStalled()
  }

  get #sessionId(): string {
    return this.#phase.name === 'open' ? this.#phase.session.id : 'unregistered'
  }

  get #isUnregistered(): boolean {
    return this.#phase.name === 'greeting' || this.#phase.name === 'checking'
  }

  #pulse(): void {
    if (this.#phase.name === 'open') this.#parts.hub.notePulse(this.#phase.session)
  }

  #read(data: RawData, isBinary: boolean): void {
    // What arrives after a close frame of ours is no longer heard
    if (this.#socket.readyState !== WebSocket.OPEN || !Buffer.isBuffer(data)) return
    try {
      if (this.#phase.name === 'greeting') this.#greet(data, isBinary)
      else if (this.#phase.name === 'checking') {
        if (!this.#phase.early.offer({ data, isBinary })) this.#end('frameTooLarge')
      } else if (this.#phase.name === 'open') this.#hear(this.#phase.session, data, isBinary)
    } catch (error) {
      this.#refuse(error)
    }
  }

  #greet(data: Buffer, isBinary: boolean): void {
    if (data.length > LIMITS.REGISTER_BYTES_MAX) {
      this.#end('frameTooLarge')
      return
    }
    const greeting = readGreeting(toText(data, isBinary))
    const outcome = this.#parts.login.try(greeting.secret, this.#address)
    if (outcome instanceof Promise) this.#await(outcome, greeting)
    else this.#register(outcome, greeting)
  }

  /** Waits for a credential to be verified; what the agent says meanwhile is heard once it is registered. */
  #await(outcome: Promise<LoginOutcome>, greeting: Greeting): void {
    if (this.#phase.name !== 'greeting') return
    const early = new EarlyFrames()
    this.#phase = { name: 'checking', giveUp: this.#phase.giveUp, early }
    outcome.then(
      (known) => {
        // Gone or dismissed meanwhile: nobody is there to be registered
        if (this.#phase.name !== 'checking' || this.#socket.readyState !== WebSocket.OPEN) return
        try {
          this.#register(known, greeting)
        } catch (error) {
          this.#refuse(error)
        }
        for (const { data, isBinary } of early.take()) this.#read(data, isBinary)
      },
      (error: unknown) => this.#refuse(error),
    )
  }

  #register(outcome: LoginOutcome, greeting: Greeting): void {
    const { register, grant } = admit(outcome, greeting)
    const session = this.#parts.hub.openSession(register, this.#transport, grant)
    this.#leaveGreeting()
    this.#phase = { name: 'open', session }
  }

  #hear(session: Session, data: Buffer, isBinary: boolean): void {
    if (!this.#parts.hub.noteFrame(session)) {
      this.#end('tooManyFrames')
      return
    }
    const frame = parseAgentFrame(toText(data, isBinary))
    this.#obey(session, frame)
  }

  #obey(session: Session, frame: AgentFrame): void {
    const { hub } = this.#parts
    switch (frame.type) {
      case 'task-response':
        hub.deskOf(frame.requestId).answer(session, frame)
        break
      case 'task-error':
        hub.deskOf(frame.requestId).fail(session, frame)
        break
      case 'task-accepted':
        hub.deskOf(frame.requestId).accept(session, frame)
        break
      case 'task-progress':
        hub.deskOf(frame.requestId).progress(session, frame)
        break
      case 'task-delta':
        hub.deskOf(frame.requestId).stream(session, frame)
        break
      case 'agent-message':
        hub.relayMessage(session, frame)
        break
      case 'ping':
        this.#transport.send({ type: 'pong' })
        break
      default:
        frame satisfies never
    }
  }

  #refuse(error: unknown): void {
    const { observe } = this.#parts
    const refusal = error instanceof ProtocolError ? error : new ProtocolError('internal', 'The hub failed; try again.')
    if (refusal !== error) observe({ type: 'internal.error', where: 'agent-socket', error })
    const { code, detail, extras } = refusal
    const frame: ErrorFrame = { type: 'error', error: detail, code }
    if (extras.requestId !== undefined) frame.requestId = extras.requestId
    this.#transport.send(frame)
    if (this.#phase.name === 'open') {
      observe({ type: 'frame.refused', sessionId: this.#phase.session.id, agent: this.#phase.session.name, code })
      return
    }
    observe({ type: 'registration.refused', code, detail, address: this.#address })
    this.#end(CLOSE_AFTER.get(code) ?? 'notRegistered')
  }

  /** Before registration a socket may not make the hub hold more than one frame's bytes, however they are cut. */
  readonly #countGreeting = (chunk: Buffer): void => {
    this.#greetingBytes += chunk.length
    const bytesMax = this.#phase.name === 'checking' ? 2 * GREETING_BYTES_MAX : GREETING_BYTES_MAX
    if (this.#greetingBytes > bytesMax && this.#isUnregistered) this.#end('frameTooLarge')
  }

  #leaveGreeting(): void {
    if (this.#phase.name !== 'greeting' && this.#phase.name !== 'checking') return
    clearTimeout(this.#phase.giveUp)
    this.#stream.off('data', this.#countGreeting)
  }

  #end(reason: CloseReason): void {
    this.#transport.close(reason)
    this.#close()
  }

  #close(): void {
    const phase = this.#phase
    this.#leaveGreeting()
    this.#phase = { name: 'closed' }
    if (phase.name === 'open') this.#parts.hub.closeSession(phase.session)
  }
}

const toText = (data: Buffer, isBinary: boolean): string => {
  // `ws` has checked text frames; binary ones are taken on the same terms
  if (isBinary && !isUtf8(data)) throw new ProtocolError('bad_json', 'The binary frame is not UTF-8.')
  return data.toString('utf8')
}
