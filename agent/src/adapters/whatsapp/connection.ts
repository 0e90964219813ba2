import { pause } from '../../core/alarms.ts'
import type { CallOff, Clock } from '../../core/ports.ts'
import type { Complain } from './complain.ts'
import {
  type ConnectionEvent,
  type ConnectionState,
  type Effect,
  type History,
  isStuck,
  NO_HISTORY,
  next,
  STUCK_SENTENCES,
} from './connection-law.ts'
import type { ObserveWhatsApp } from './events.ts'
import type { LiveSocket, OpenSocket, SocketListener } from './live-socket.ts'
import type { Pairing } from './pairing.ts'

/** Who uses the connection. */
export interface ConnectionUser extends Pick<SocketListener, 'takeMessages' | 'noteAck' | 'noteDelivered'> {
  /** Messages come and go from here on. */
  noteOpen(socket: LiveSocket): void
  noteLost(): void
}

/** What a connection is made of. */
export interface ConnectionParts {
  readonly open: OpenSocket
  readonly user: ConnectionUser
  readonly pairing: Pick<Pairing, 'take' | 'noteDone'>
  readonly auth: { dropHalfPairing(): void; forget(): void }
  readonly versions: { refresh(): void; keep(): void }
  readonly clock: Clock
  readonly random: () => number
  readonly observe: ObserveWhatsApp
  readonly complain: Complain
  readonly bounds: { readonly silenceMsMax: number; readonly connectMsMax: number }
}

type Happening = ConnectionEvent extends infer Event
  ? Event extends ConnectionEvent
    ? Omit<Event, 'now' | 'random'>
    : never
  : never

/** How often it is looked whether the socket still hears, in milliseconds; more often where less silence is borne. */
const WATCH_EVERY_MS = 10_000
/** Longest wait for the goodbye of a socket, in milliseconds. */
const GOODBYE_MS_MAX = 1_000

/**
 * Keeps one socket at a time, as the law says. What a socket tells after it was given up is not listened to, but for
 * messages, since those were told to be delivered.
 */
export class Connection {
  readonly #parts: ConnectionParts
  #state: ConnectionState = { name: 'idle' }
  #history: History = NO_HISTORY
  /** Number of the socket that is listened to. */
  #generation = 0
  #socket: LiveSocket | undefined
  #signAt = 0
  #callOff: CallOff | undefined
  #ending: Promise<void> = Promise.resolve()

  constructor(parts: ConnectionParts) {
    this.#parts = parts
  }

  get state(): ConnectionState {
    return this.#state
  }

  /** The socket, while messages come and go. */
  get socket(): LiveSocket | undefined {
    return this.#state.name === 'open' ? this.#socket : undefined
  }

  start(): void {
    this.#step({ type: 'start' })
  }

  /** Ends the connection for good, and waits for the goodbye a little. */
  async stop(): Promise<void> {
    this.#step({ type: 'stop' })
    await this.#ending
  }

  #step(happening: Happening): void {
    const { clock, random, user } = this.#parts
    const before = this.#state
    const event = { ...happening, now: clock.now(), random: random() } as ConnectionEvent
    const { state, history, effects, delayMs } = next(before, event, this.#history)
    this.#state = state
    this.#history = history
    if (state === before) return
    this.#tell(event, delayMs)
    this.#callOff?.()
    this.#callOff = undefined
    if (before.name === 'open' && state.name !== 'open') user.noteLost()
    for (const effect of effects) this.#do(effect)
    if (delayMs !== undefined) this.#callOff = clock.after(delayMs, () => this.#step({ type: 'due' }))
    else if (state.name === 'connecting' || state.name === 'pairing' || state.name === 'open') this.#watch()
    if (state.name === 'open' && before.name !== 'open') this.#begin()
  }

  /** Whoever uses the connection begins to. */
  #begin(): void {
    const { user, versions } = this.#parts
    this.#attempt('keep-version', () => versions.keep())
    if (this.#socket) user.noteOpen(this.#socket)
  }

  #do(effect: Effect): void {
    const { auth, versions } = this.#parts
    switch (effect) {
      case 'connect':
        this.#connect()
        return
      case 'end-socket':
        this.#endSocket()
        return
      case 'forget-identity':
        this.#attempt('forget-identity', () => auth.forget())
        return
      case 'refresh-version':
        versions.refresh()
        return
    }
  }

  #connect(): void {
    const { auth, clock, complain, open } = this.#parts
    const generation = ++this.#generation
    const isCurrent = () => generation === this.#generation
    this.#socket = undefined
    this.#signAt = clock.now()
    this.#attempt('drop-half-pairing', () => auth.dropHalfPairing())
    void open(this.#listen(isCurrent)).then(
      (socket) => {
        if (isCurrent()) this.#socket = socket
        else void this.#end(socket)
      },
      (error: unknown) => {
        complain('open-socket', error)
        if (isCurrent()) this.#step({ type: 'closed', code: 0 })
      },
    )
  }

  #listen(isCurrent: () => boolean): SocketListener {
    const { clock, observe, pairing, user } = this.#parts
    const whileCurrent = (act: () => void) => {
      if (isCurrent()) act()
    }
    return {
      takeQr: (qr) =>
        whileCurrent(() => {
          this.#step({ type: 'pairing' })
          if (this.#socket) pairing.take(qr, this.#socket)
        }),
      notePaired: () => whileCurrent(() => pairing.noteDone()),
      noteOpen: () => whileCurrent(() => this.#step({ type: 'opened' })),
      noteClosed: (code) => whileCurrent(() => this.#close(code)),
      noteSign: () =>
        whileCurrent(() => {
          this.#signAt = clock.now()
        }),
      noteTimeLock: (until) => observe({ type: 'whatsapp.time-locked', ...(until === undefined ? {} : { until }) }),
      takeMessages: (messages) => user.takeMessages(messages),
      noteAck: (id, error) => user.noteAck(id, error),
      noteDelivered: (id, state) => user.noteDelivered(id, state),
    }
  }

  #close(code: number): void {
    this.#socket = undefined
    this.#step({ type: 'closed', code })
  }

  #endSocket(): void {
    const socket = this.#socket
    // nothing of it is listened to any more, and one that is still being made is ended when it is there
    this.#generation += 1
    this.#socket = undefined
    if (socket) this.#ending = this.#end(socket)
  }

  /** A socket whose other side is gone says goodbye for half a minute; nobody waits for that. */
  async #end(socket: LiveSocket): Promise<void> {
    const { clock, complain } = this.#parts
    const said = new AbortController()
    const ended = socket.end().then(
      () => said.abort(),
      (error: unknown) => complain('end-socket', error),
    )
    await Promise.race([ended, pause(clock, GOODBYE_MS_MAX, said.signal)])
  }

  #watch(): void {
    const { bounds, clock } = this.#parts
    const silenceMsMax = this.#state.name === 'connecting' ? bounds.connectMsMax : bounds.silenceMsMax
    this.#callOff = clock.after(Math.min(WATCH_EVERY_MS, silenceMsMax), () => {
      if (clock.now() - this.#signAt > silenceMsMax) this.#step({ type: 'deaf' })
      else this.#watch()
    })
  }

  #tell(event: ConnectionEvent, delayMs: number | undefined): void {
    const state = this.#state
    this.#parts.observe({
      type: 'whatsapp.state',
      state: state.name,
      ...(event.type === 'closed' ? { code: event.code } : {}),
      ...(delayMs === undefined ? {} : { waitMs: delayMs }),
      ...(isStuck(state) ? { because: state.because, sentence: STUCK_SENTENCES[state.because] } : {}),
    })
  }

  #attempt(what: string, act: () => void): void {
    try {
      act()
    } catch (error) {
      this.#parts.complain(what, error)
    }
  }
}
