import { type BackoffBounds, fullJitterMs } from '@ai-comms/shared'

/** Why a person must act before the connection can go on. */
export type Stuck = 'unpaired' | 'logged-out' | 'restricted' | 'replaced' | 'too-old' | 'mismatch' | 'not-whatsapp'

/** What the connection is doing; each state carries only what it has. */
export type ConnectionState =
  | { readonly name: 'idle' }
  | { readonly name: 'connecting' }
  /** A QR or a code waits for the owner's phone. */
  | { readonly name: 'pairing' }
  | { readonly name: 'open'; readonly since: number }
  | { readonly name: 'waiting' }
  | { readonly name: 'needs-pairing' | 'logged-out' | 'restricted' | 'failed'; readonly because: Stuck }
  | { readonly name: 'stopped' }

/** Name of a state of the connection. */
export type ConnectionName = ConnectionState['name']

/** What happens to a connection, with the time and a number in [0, 1) for the jitter. */
export type ConnectionEvent = (
  | { readonly type: 'start' }
  /** The wait is over. */
  | { readonly type: 'due' }
  | { readonly type: 'pairing' }
  | { readonly type: 'opened' }
  | { readonly type: 'closed'; readonly code: number }
  /** Nothing was heard for longer than a living connection is silent. */
  | { readonly type: 'deaf' }
  | { readonly type: 'stop' }
) & { readonly now: number; readonly random: number }

/** What is to be done, in this order. */
export type Effect = 'end-socket' | 'forget-identity' | 'refresh-version' | 'connect'

/** What the next decision needs to know of earlier ones. */
export interface History {
  /** Failures without a minute of being open between them. */
  readonly attempts: number
  /** Sets of QRs that nobody scanned. */
  readonly pairingRounds: number
  /** Restarts that the server asked for since the last opening. */
  readonly restarts: number
  readonly isVersionRefreshed: boolean
  /** When another process took the session over, in epoch milliseconds. */
  readonly replacedAt: readonly number[]
}

/** Where the connection goes, and what is to be done for it. */
export interface Decision {
  readonly state: ConnectionState
  readonly history: History
  readonly effects: readonly Effect[]
  /** In `waiting`: when it is due. */
  readonly delayMs?: number
}

/** A connection that was never tried. */
export const NO_HISTORY: History = {
  attempts: 0,
  pairingRounds: 0,
  restarts: 0,
  isVersionRefreshed: false,
  replacedAt: [],
}

/** Waits between attempts, drawn from 0 to a bound that doubles. */
export const RECONNECT_BOUNDS: BackoffBounds = { baseMs: 1_000, capMs: 60_000 }
/** Waits when the server says that it was too much, on top of a minute. */
export const SLOW_BOUNDS: BackoffBounds = { baseMs: 60_000, capMs: 900_000 }
const SLOW_MS_MIN = 60_000
/** So long a connection must have been open for its failures to be forgotten: one that is replaced opens each time. */
export const STEADY_MS_MIN = 60_000
/** Wait after another process has taken the session, in milliseconds. */
export const REPLACED_WAIT_MS = 30_000
/** So often within that time, in milliseconds, it may be taken before somebody must look. */
export const REPLACED_MAX = 3
export const REPLACED_WINDOW_MS = 300_000
/** Sets of QRs that are shown before somebody must ask for another one. */
export const PAIRING_ROUNDS_MAX = 2
/** Restarts in a row that are done at once. */
export const RESTARTS_MAX = 3

type Rule =
  | 'restart'
  | 'backoff'
  | 'slow'
  | 'refresh'
  | 'replaced'
  | 'logged-out'
  | 'restricted'
  | 'mismatch'
  | 'forged'

/** Close codes of WhatsApp and of Baileys; what is not here is a fault that passes. */
const RULES: ReadonlyMap<number, Rule> = new Map([
  // while connecting: the certificate of the server is not WhatsApp's
  [400, 'forged'],
  [401, 'logged-out'],
  [402, 'restricted'],
  [403, 'restricted'],
  [405, 'refresh'],
  [406, 'restricted'],
  [408, 'backoff'],
  [411, 'mismatch'],
  [428, 'backoff'],
  [429, 'slow'],
  [440, 'replaced'],
  // Baileys says "bad session" for whatever it does not know: nothing is ever wiped for it
  [500, 'backoff'],
  [502, 'backoff'],
  [503, 'backoff'],
  [515, 'restart'],
])

/** What the owner is told of a connection that does not go on by itself. */
export const STUCK_SENTENCES: { readonly [Why in Stuck]: string } = {
  unpaired:
    'Nobody linked this agent in time. Start it again when the phone is at hand, and scan the QR, or type the code, within a minute.',
  'logged-out':
    'WhatsApp says that this device is no longer linked: somebody removed it on the phone, or the account is new there. Its keys are forgotten; start the agent again and link it anew.',
  restricted:
    'WhatsApp has restricted or banned this number. Do not start the agent again before WhatsApp on the phone says that all is well: each attempt makes it worse.',
  replaced:
    'Another process uses the same linked device and takes the connection over again and again. End the other one; two agents need two linked devices and a DATA_DIR each.',
  'too-old':
    'WhatsApp refuses the version that this agent speaks, even the newest it could find. Update the agent, or set WHATSAPP_VERSION to the version that web.whatsapp.com has.',
  mismatch:
    'WhatsApp does not accept this device as one of several. Remove it under "Linked devices" on the phone, move whatsapp.sqlite away, and link the agent anew.',
  'not-whatsapp':
    'Whoever answers there cannot prove to be WhatsApp. Look who stands between this machine and web.whatsapp.com, such as a proxy, and at WHATSAPP_WS_URL.',
}

/** Whether a state lasts until a person does something. */
export const isStuck = (state: ConnectionState): state is Extract<ConnectionState, { because: Stuck }> =>
  'because' in state

const isLive = ({ name }: ConnectionState): boolean => name === 'connecting' || name === 'pairing' || name === 'open'

const connect = (history: History, ...before: readonly Effect[]): Decision => ({
  state: { name: 'connecting' },
  history,
  effects: [...before, 'connect'],
})

const wait = (history: History, delayMs: number, ...effects: readonly Effect[]): Decision => ({
  state: { name: 'waiting' },
  history: { ...history, attempts: history.attempts + 1 },
  effects,
  delayMs,
})

const getStuck = (name: 'needs-pairing' | 'logged-out' | 'restricted' | 'failed', because: Stuck, history: History) =>
  ({ state: { name, because }, history, effects: [] }) as const satisfies Decision

const backOff = (history: History, random: number, ...effects: readonly Effect[]): Decision =>
  wait(history, fullJitterMs(history.attempts, RECONNECT_BOUNDS, random), ...effects)

/** Failures before a steady time do not count any more. */
const forgive = (state: ConnectionState, history: History, now: number): History =>
  state.name === 'open' && now - state.since >= STEADY_MS_MIN ? { ...history, attempts: 0 } : history

const afterReplacement = (history: History, now: number): Decision => {
  const replacedAt = [...history.replacedAt.filter((at) => now - at < REPLACED_WINDOW_MS), now].slice(-REPLACED_MAX)
  const after = { ...history, replacedAt }
  return replacedAt.length >= REPLACED_MAX ? getStuck('failed', 'replaced', after) : wait(after, REPLACED_WAIT_MS)
}

const afterQrs = (history: History): Decision => {
  const after = { ...history, pairingRounds: history.pairingRounds + 1 }
  return after.pairingRounds >= PAIRING_ROUNDS_MAX ? getStuck('needs-pairing', 'unpaired', after) : connect(after)
}

const afterClose = (state: ConnectionState, code: number, history: History, random: number, now: number): Decision => {
  switch (RULES.get(code) ?? 'backoff') {
    case 'restart':
      return history.restarts < RESTARTS_MAX
        ? connect({ ...history, restarts: history.restarts + 1 })
        : backOff(history, random)
    case 'backoff':
      // Baileys ends a set of QRs that nobody scanned as if it had timed out
      return state.name === 'pairing' && code === 408 ? afterQrs(history) : backOff(history, random)
    case 'slow':
      return wait(history, SLOW_MS_MIN + fullJitterMs(history.attempts, SLOW_BOUNDS, random))
    case 'refresh':
      return history.isVersionRefreshed
        ? getStuck('failed', 'too-old', history)
        : connect({ ...history, isVersionRefreshed: true }, 'refresh-version')
    case 'replaced':
      return afterReplacement(history, now)
    case 'logged-out':
      return { ...getStuck('logged-out', 'logged-out', history), effects: ['forget-identity'] }
    case 'restricted':
      return getStuck('restricted', 'restricted', history)
    case 'mismatch':
      return getStuck('failed', 'mismatch', history)
    case 'forged':
      return state.name === 'connecting' ? getStuck('failed', 'not-whatsapp', history) : backOff(history, random)
  }
}

/**
 * The whole law of the connection: where it goes from a state when something happens, and what is to be done. An event
 * that comes too late, such as the close of a socket that was given up, changes nothing.
 */
export const next = (state: ConnectionState, event: ConnectionEvent, history: History): Decision => {
  const { now, random } = event
  const stay: Decision = { state, history, effects: [] }
  if (event.type === 'stop')
    return { state: { name: 'stopped' }, history, effects: isLive(state) ? ['end-socket'] : [] }
  switch (event.type) {
    case 'start':
      return state.name === 'idle' ? connect(history) : stay
    case 'due':
      return state.name === 'waiting' ? connect(history) : stay
    case 'pairing':
      return state.name === 'connecting' ? { ...stay, state: { name: 'pairing' } } : stay
    case 'opened': {
      if (!isLive(state) || state.name === 'open') return stay
      const after = { ...history, pairingRounds: 0, restarts: 0, isVersionRefreshed: false }
      return { state: { name: 'open', since: now }, history: after, effects: [] }
    }
    case 'closed':
      return isLive(state) ? afterClose(state, event.code, forgive(state, history, now), random, now) : stay
    case 'deaf':
      return isLive(state) ? backOff(forgive(state, history, now), random, 'end-socket') : stay
  }
}
