import type { HubFrameOf, RegisterFrameInput } from '@ai-comms/shared'
import type { Presence } from '../../core/envelopes/ports.ts'
import type { Observe } from '../../core/events.ts'
import type { Clock } from '../../core/ports.ts'
import type { Outbox } from './outbox.ts'
import { RECONNECT_BOUNDS, type ReconnectBounds } from './reconnect.ts'
import { SILENCE_BOUNDS, type SilenceBounds } from './silence-watch.ts'

/** Unsent bytes above which pieces and progress are let go and answers wait: half of what the hub may hold for us. */
export const BUFFERED_BYTES_MAX = 4_194_304

/** Bounds of the link. */
export interface LinkBounds extends ReconnectBounds, SilenceBounds {
  readonly connectMs: number
  readonly greetingMs: number
  /** How long a goodbye may take. */
  readonly closeMs: number
  readonly bufferedBytesMax: number
}

/** Bounds of the wire contract, with time for a slow host to open a socket. */
export const LINK_BOUNDS: LinkBounds = {
  ...RECONNECT_BOUNDS,
  ...SILENCE_BOUNDS,
  connectMs: 10_000,
  greetingMs: 15_000,
  closeMs: 2_000,
  bufferedBytesMax: BUFFERED_BYTES_MAX,
}

/** Who takes what the hub sends. */
export interface LinkReceiver {
  performTask(frame: HubFrameOf<'task'>): void
  cancelTask(requestId: string, reason: string): void
}

/** Who takes what the hub brings from other agents, and says of them. */
export interface PeerReceiver {
  /** `from` is the name that the hub knows the sender by. */
  receiveAgentMessage(from: string, text: string): void
  receivePresence(presence: Presence): void
}

/** Why a link is at its end. */
export interface LinkEnd {
  readonly because: string
  readonly byOwner: boolean
}

/** What a link is made of. */
export interface LinkParts {
  /** Undefined for an agent without a hub: its link never leaves `idle`. */
  readonly url: URL | undefined
  readonly registration: RegisterFrameInput
  readonly clock: Clock
  readonly observe: Observe
  readonly bounds?: Partial<LinkBounds>
  readonly outbox?: Outbox
  /** A number in [0, 1), for the jitter. */
  readonly random?: () => number
}
