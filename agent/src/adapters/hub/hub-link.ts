import { CLOSE_CODES, type HubFrame, type HubFrameOf, LIMITS, ProtocolError, parseHubFrame } from '@ai-comms/shared'
import type { Answer, CallOff, ReplyLink, SendOutcome, TaskReply } from '../../core/ports.ts'
import { encodeFrame, encodeMessage } from './encode-frame.ts'
import {
  LINK_BOUNDS,
  type LinkBounds,
  type LinkEnd,
  type LinkParts,
  type LinkReceiver,
  type PeerReceiver,
} from './link-parts.ts'
import { LinkSocket } from './link-socket.ts'
import { findAttempt, findSocket, type LinkName, type LinkState, mayLinkMove } from './link-state.ts'
import { Outbox } from './outbox.ts'
import { decideAfterLoss } from './reconnect.ts'
import { SilenceWatch } from './silence-watch.ts'

const isAnswer = (frame: TaskReply): frame is Answer => frame.type === 'task-response' || frame.type === 'task-error'

/**
 * The one link to the hub: it opens a socket, registers, hands tasks to its receiver, and begins anew when the socket is
 * lost, until the hub says that this is useless. Answers that find no open socket wait for the next one.
 */
export class HubLink implements ReplyLink {
  readonly #parts: LinkParts
  readonly #bounds: LinkBounds
  readonly #outbox: Outbox
  readonly #end = Promise.withResolvers<LinkEnd>()
  readonly #tried = Promise.withResolvers<void>()
  readonly #online = new Set<() => void>()
  #state: LinkState<LinkSocket> = { name: 'idle' }
  #receiver: LinkReceiver | undefined
  #peers: PeerReceiver | undefined
  #alarm: CallOff | undefined
  #watch: SilenceWatch | undefined

  constructor(parts: LinkParts) {
    this.#parts = parts
    this.#bounds = { ...LINK_BOUNDS, ...parts.bounds }
    this.#outbox = parts.outbox ?? new Outbox()
  }

  /** What the link is doing. */
  get state(): LinkName {
    return this.#state.name
  }

  /** Resolves when the link has stopped for good. */
  get ended(): Promise<LinkEnd> {
    return this.#end.promise
  }

  /** Resolves when the first attempt has come to something: the link is online, waits for the next one, or has stopped. */
  get tried(): Promise<void> {
    return this.#tried.promise
  }

  /** Begins, and goes on until it is stopped. Does nothing the second time. Without `peers` other agents are not heard. */
  start(receiver: LinkReceiver, peers?: PeerReceiver): void {
    if (this.#state.name !== 'idle') return
    this.#receiver = receiver
    this.#peers = peers
    if (this.#parts.url) this.#connect(this.#parts.url, 0)
    else this.#tried.resolve()
  }

  /** Calls back each time the link goes online. */
  onOnline(act: () => void): CallOff {
    this.#online.add(act)
    return () => this.#online.delete(act)
  }

  /** Sends what waits, says goodbye and never comes back. */
  async stop(): Promise<void> {
    if (this.#state.name === 'stopped') return
    this.#flush(Number.POSITIVE_INFINITY)
    if (this.#outbox.size > 0) {
      this.#parts.observe({ type: 'outbox.dropped', frames: this.#outbox.size, why: 'the agent stops without a link' })
    }
    const socket = findSocket(this.#state)
    this.#stop('The agent was stopped.', true)
    await socket?.close(1000, 'The agent stops', this.#parts.clock, this.#bounds.closeMs)
  }

  /** Writes a frame about a task; an answer that cannot be written now is held, anything else is let go. */
  send(frame: TaskReply): SendOutcome {
    if (isAnswer(frame)) return this.#sendAnswer(frame, this.#bounds.bufferedBytesMax) ? 'sent' : this.#hold(frame)
    const state = this.#state
    if (state.name !== 'online' || state.level < 2) return 'dropped'
    if (state.socket.bufferedBytes > this.#bounds.bufferedBytesMax) return 'dropped'
    const text = encodeFrame(frame, state.frameBytesMax)
    return text !== undefined && state.socket.write(text) ? 'sent' : 'dropped'
  }

  /** Writes a message to another agent; it is not held, since the hub promises it at most once anyway. */
  sendMessage(target: string, message: string): 'sent' | 'failed' {
    const state = this.#state
    if (state.name !== 'online' || state.socket.bufferedBytes > this.#bounds.bufferedBytesMax) return 'failed'
    const text = encodeMessage(target, message, state.frameBytesMax)
    return text !== undefined && state.socket.write(text) ? 'sent' : 'failed'
  }

  #sendAnswer(answer: Answer, bufferedBytesMax: number): boolean {
    const state = this.#state
    if (state.name !== 'online' || state.socket.bufferedBytes > bufferedBytesMax) return false
    const text = encodeFrame(answer, state.frameBytesMax)
    if (text === undefined) {
      this.#parts.observe({ type: 'outbox.dropped', frames: 1, why: 'the failure is larger than the hub takes' })
      return true
    }
    return state.socket.write(text, (ok) => {
      if (ok) this.#flush(this.#bounds.bufferedBytesMax)
      else this.send(answer)
    })
  }

  #hold(answer: Answer): SendOutcome {
    const dropped = this.#outbox.add(answer)
    if (dropped > 0) this.#parts.observe({ type: 'outbox.dropped', frames: dropped, why: 'the outbox is full' })
    return 'held'
  }

  #flush(bufferedBytesMax: number): void {
    for (let answer = this.#outbox.take(); answer; answer = this.#outbox.take()) {
      if (this.#sendAnswer(answer, bufferedBytesMax)) continue
      this.#outbox.add(answer)
      return
    }
  }

  #connect(url: URL, attempt: number): void {
    this.#parts.observe({ type: 'link.connecting', attempt })
    // callbacks of a socket that was given up find that it is not the state's socket any more
    const current = (act: () => void) => {
      if (findSocket(this.#state) === socket) act()
    }
    const socket: LinkSocket = new LinkSocket(url, {
      connectMs: this.#bounds.connectMs,
      listener: {
        opened: () => current(() => this.#greet(socket, attempt)),
        heard: () => current(() => this.#watch?.heard()),
        received: (text) => current(() => this.#receive(text)),
        closed: (code, why) => current(() => this.#lose(url, code, why)),
      },
    })
    this.#moveTo({ name: 'connecting', socket, attempt })
  }

  #greet(socket: LinkSocket, attempt: number): void {
    this.#moveTo({ name: 'greeting', socket, attempt })
    socket.write(JSON.stringify(this.#parts.registration))
    const seconds = this.#bounds.greetingMs / 1_000
    this.#alarm = this.#parts.clock.after(this.#bounds.greetingMs, () =>
      socket.terminate(`the hub did not answer the registration within ${seconds} s`),
    )
  }

  #receive(text: string): void {
    const frame = this.#parse(text)
    if (!frame) return
    this.#parts.observe({ type: 'link.frame-received', frame: frame.type, chars: text.length })
    if (frame.type === 'error') this.#noteRefusal(frame)
    else if (this.#state.name === 'greeting') this.#welcome(frame)
    else if (frame.type === 'task') this.#receiver?.performTask(frame)
    else if (frame.type === 'task-cancel') this.#receiver?.cancelTask(frame.requestId, frame.reason)
    else if (frame.type === 'agent-message') this.#peers?.receiveAgentMessage(frame.from, frame.message)
    else if (frame.type === 'event') this.#notePresence(frame)
  }

  #notePresence({ event, name, workspace = '', skills = [] }: HubFrameOf<'event'>): void {
    if (name === undefined) return
    if (event === 'agent-joined') this.#peers?.receivePresence({ event, name, workspace, skills })
    else if (event === 'agent-left') this.#peers?.receivePresence({ event, name })
  }

  #parse(text: string): HubFrame | undefined {
    try {
      return parseHubFrame(text)
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      this.#parts.observe({ type: 'link.frame-ignored', why: error.detail })
      return undefined
    }
  }

  #noteRefusal({ error, code = 'unknown', requestId }: HubFrameOf<'error'>): void {
    const about = requestId === undefined ? {} : { taskId: requestId }
    this.#parts.observe({ type: 'link.refused', code, error, ...about })
    if (this.#state.name === 'greeting') this.#state = { ...this.#state, refusal: error }
  }

  #welcome(frame: HubFrame): void {
    const state = this.#state
    if (state.name !== 'greeting' || frame.type !== 'registered') return
    const { socket, attempt } = state
    const { agentId, protocol: level = 1, limits } = frame
    const since = this.#parts.clock.now()
    const frameBytesMax = limits?.maxPayload ?? LIMITS.PAYLOAD_BYTES_MAX
    this.#moveTo({ name: 'online', socket, attempt, since, level, frameBytesMax })
    this.#watch = new SilenceWatch(this.#parts.clock, this.#bounds, {
      ping: () => socket.write('{"type":"ping"}'),
      silent: () => socket.terminate('nothing was heard from the hub for too long'),
    })
    this.#parts.observe({ type: 'link.online', agentId, protocol: level, held: this.#outbox.size })
    this.#flush(this.#bounds.bufferedBytesMax)
    for (const act of [...this.#online]) act()
    this.#tried.resolve()
  }

  #lose(url: URL, code: number, why: string): void {
    const state = this.#state
    const after = decideAfterLoss(
      {
        code,
        attempt: findAttempt(state),
        onlineMs: state.name === 'online' ? this.#parts.clock.now() - state.since : 0,
        refusal: state.name === 'greeting' ? state.refusal : undefined,
      },
      this.#bounds,
      (this.#parts.random ?? Math.random)(),
    )
    if ('stop' in after) {
      this.#stop(after.stop, false)
      return
    }
    this.#moveTo({ name: 'waiting', attempt: after.attempt })
    this.#tried.resolve()
    this.#parts.observe({ type: 'link.lost', code, why: why || describeCode(code), waitMs: after.waitMs })
    this.#alarm = this.#parts.clock.after(after.waitMs, () => this.#connect(url, after.attempt))
  }

  #stop(because: string, byOwner: boolean): void {
    this.#moveTo({ name: 'stopped', because })
    this.#parts.observe({ type: 'link.stopped', because, byOwner })
    this.#end.resolve({ because, byOwner })
    this.#tried.resolve()
  }

  /** The leftovers of the old state end with it. */
  #moveTo(next: LinkState<LinkSocket>): void {
    if (!mayLinkMove(this.#state.name, next.name)) {
      throw new Error(`The link cannot move from ${this.#state.name} to ${next.name}`)
    }
    this.#alarm?.()
    this.#alarm = undefined
    this.#watch?.end()
    this.#watch = undefined
    this.#state = next
  }
}

const describeCode = (code: number): string =>
  Object.values(CLOSE_CODES).find((row) => row.code === code)?.reason ?? 'the connection was cut'
