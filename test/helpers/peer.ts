import type { ClientRequestArgs } from 'node:http'
import { type ClientOptions, type RawData, WebSocket } from 'ws'
import { Inbox } from './inbox.ts'
import type { HubAddress } from './start-hub.ts'
import { within } from './within.ts'

/** A frame as it came, unchecked. */
export interface Frame {
  readonly [member: string]: unknown
}

/** A task as it came. */
export interface TaskFrame extends Frame {
  readonly requestId: string
}

/** How a socket ended. */
export interface SocketEnd {
  readonly code: number
  readonly reason: string
}

/** How to dial. */
export interface DialOptions {
  readonly path?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly socket?: ClientOptions & ClientRequestArgs
}

const toFrame = (data: RawData): Frame => {
  const frame: Frame = JSON.parse(String(data))
  return frame
}

/** A scripted agent on a real socket: it does only what the test says. */
export class Peer implements AsyncDisposable {
  readonly socket: WebSocket
  /** How the socket ends, once it has. */
  readonly closed: Promise<SocketEnd>
  readonly #inbox = new Inbox<Frame>()

  constructor(socket: WebSocket) {
    this.socket = socket
    socket.on('message', (data) => this.#inbox.put(toFrame(data)))
    // A reset connection also closes, and the code 1006 tells the test
    socket.on('error', () => undefined)
    this.closed = new Promise((resolve) => {
      socket.on('close', (code, reason) => {
        resolve({ code, reason: String(reason) })
        this.#inbox.end(new Error(`the socket was closed with ${code}`))
      })
    })
  }

  /** Every frame so far, in order. */
  get seen(): readonly Frame[] {
    return this.#inbox.seen
  }

  send(frame: unknown): void {
    this.sendRaw(JSON.stringify(frame))
  }

  /** Sends text or bytes as they are. */
  sendRaw(data: string | Uint8Array): void {
    this.socket.send(data)
  }

  nextFrame(): Promise<Frame> {
    return this.#inbox.take(() => true, 'a frame')
  }

  /** The next frame of this type; frames of other types stay for later. */
  next(type: string): Promise<Frame> {
    return this.#inbox.take((frame) => frame['type'] === type, `a frame ${type}`)
  }

  async nextTask(): Promise<TaskFrame> {
    const frame = await this.next('task')
    const { requestId } = frame
    if (typeof requestId !== 'string') throw new Error('The task has no requestId')
    return { ...frame, requestId }
  }

  nextEvent(event: string, name?: string): Promise<Frame> {
    const fits = (frame: Frame) => frame['event'] === event && (name === undefined || frame['name'] === name)
    return this.#inbox.take(fits, `the event ${event} ${name ?? ''}`)
  }

  nextError(): Promise<Frame> {
    return this.next('error')
  }

  reply(task: TaskFrame, response: unknown): void {
    this.send({ type: 'task-response', requestId: task.requestId, response })
  }

  fail(task: TaskFrame, error: unknown, more: object = {}): void {
    this.send({ type: 'task-error', requestId: task.requestId, error, ...more })
  }

  accept(task: TaskFrame): void {
    this.send({ type: 'task-accepted', requestId: task.requestId })
  }

  /** Waits until the hub has read all that was sent so far, and all that it wrote before is here. */
  async settle(): Promise<void> {
    this.send({ type: 'ping' })
    await this.next('pong')
  }

  /** Frames of this type so far. */
  seenOf(type: string): readonly Frame[] {
    return this.seen.filter((frame) => frame['type'] === type)
  }

  end(): Promise<SocketEnd> {
    return within(this.closed, 'the end of the socket')
  }

  /** Goes away without a word, as a crash does. */
  async crash(): Promise<void> {
    this.socket.terminate()
    await this.end()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.crash()
  }
}

const opened = (socket: WebSocket): Promise<void> =>
  new Promise((resolve, reject) => {
    socket.once('open', resolve)
    socket.once('error', reject)
    socket.once('unexpected-response', (_request, response) => {
      response.resume()
      reject(new Error(`The upgrade was answered with ${response.statusCode}`))
    })
  })

/** A socket that has not registered. @throws {Error} naming the status when the upgrade is refused */
export const dial = async (
  hub: HubAddress,
  { path = '/', headers = {}, socket: options = {} }: DialOptions = {},
): Promise<Peer> => {
  const socket = new WebSocket(`${hub.socketUrl}${path}`, { perMessageDeflate: false, headers, ...options })
  const peer = new Peer(socket)
  await within(opened(socket), 'the upgrade')
  return peer
}

/** Dials and registers with what is given; the secret is the right one unless given. Returns the hub's first word too. */
export const greet = async (
  hub: HubAddress,
  register: object,
  options: DialOptions = {},
): Promise<{ readonly peer: Peer; readonly answer: Frame }> => {
  const peer = await dial(hub, options)
  peer.send({ type: 'register', secret: hub.secret, ...register })
  return { peer, answer: await peer.nextFrame() }
}

/** A registered agent. @throws {Error} when the hub refuses it */
export const connect = async (hub: HubAddress, register: object = {}, options: DialOptions = {}): Promise<Peer> => {
  const { peer, answer } = await greet(hub, register, options)
  if (answer['type'] !== 'registered') throw new Error(`Refused: ${JSON.stringify(answer)}`)
  return peer
}
