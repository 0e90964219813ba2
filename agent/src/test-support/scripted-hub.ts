import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { type AgentFrameInput, parseAgentFrame, readRegistration } from '@ai-comms/shared'
import { type WebSocket, WebSocketServer } from 'ws'
import { Queue } from './queue.ts'

/** A frame of an agent, as it came; the law of `shared` has read it before. */
export type ReceivedFrame = AgentFrameInput
type FrameType = ReceivedFrame['type']
type FrameOf<Type extends FrameType> = Extract<ReceivedFrame, { type: Type }>

/** One connection of an agent to the scripted hub. */
export class HubSide {
  readonly #socket: WebSocket
  readonly #frames = new Queue<ReceivedFrame>()
  readonly #closed: Promise<{ code: number; reason: string }>
  /** Each frame that came, in order. */
  readonly all: ReceivedFrame[] = []

  constructor(socket: WebSocket) {
    this.#socket = socket
    this.#closed = new Promise((resolve) => {
      socket.once('close', (code, reason) => resolve({ code, reason: reason.toString() }))
    })
    socket.on('message', (data) => {
      const text = data.toString()
      if (this.all.length === 0) readRegistration(text).parse()
      else parseAgentFrame(text)
      const frame: ReceivedFrame = JSON.parse(text)
      this.all.push(frame)
      this.#frames.push(frame)
    })
  }

  /** How the socket was closed, once it is. */
  get closed(): Promise<{ code: number; reason: string }> {
    return this.#closed
  }

  /** The next frame. */
  next(): Promise<ReceivedFrame> {
    return this.#frames.next()
  }

  /** The next frame of a type; others before it are let go. */
  until<Type extends FrameType>(type: Type): Promise<FrameOf<Type>> {
    return this.#frames.until((frame): frame is FrameOf<Type> => frame.type === type)
  }

  /** Frames that have come and nobody has waited for. */
  take(): ReceivedFrame[] {
    return this.#frames.take()
  }

  /** Sends a frame, or any text. */
  send(frame: object | string): void {
    this.#socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame))
  }

  /** Answers the registration; level 2 unless told otherwise. */
  welcome(more: object = { protocol: 2 }): void {
    this.send({ type: 'registered', agentId: 'a1', message: 'Welcome.', ...more })
  }

  /** Sends a task. */
  task(requestId: string, message: string, more: object = {}): void {
    this.send({ type: 'task', requestId, message, sender: 'tester', ...more })
  }

  /** Says goodbye. */
  close(code: number, reason = ''): void {
    this.#socket.close(code, reason)
  }

  /** Cuts the line. */
  cut(): void {
    this.#socket.terminate()
  }

  /** Resolves when all that was sent has been read and answered: a ping travels behind it. */
  async settle(): Promise<void> {
    this.#socket.ping()
    await once(this.#socket, 'pong')
  }

  /** Stops reading, as a hub does that is too busy. */
  pause(): void {
    this.#socket.pause()
  }

  /** Reads on. */
  resume(): void {
    this.#socket.resume()
  }
}

/** A hub that does what the test says and nothing else. */
export class ScriptedHub {
  readonly #server: WebSocketServer
  readonly #connections = new Queue<HubSide>()

  constructor(server: WebSocketServer) {
    this.#server = server
    server.on('connection', (socket) => this.#connections.push(new HubSide(socket)))
  }

  /** Its port. */
  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** Its URL, as an operator writes it. */
  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  /** The next connection. */
  connection(): Promise<HubSide> {
    return this.#connections.next()
  }

  /** The next connection, its registration read and answered. */
  async online(more?: object): Promise<HubSide> {
    const side = await this.connection()
    await side.until('register')
    side.welcome(more)
    return side
  }

  /** Stops listening and cuts every line. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#server.clients) client.terminate()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}

/** Starts a scripted hub on a free port, or on the one of a hub that is gone. */
export const startScriptedHub = async (port = 0): Promise<ScriptedHub> => {
  const server = new WebSocketServer({ host: '127.0.0.1', port })
  await once(server, 'listening')
  return new ScriptedHub(server)
}
