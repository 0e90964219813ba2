import type { AdmissionRules } from '../../core/admission.ts'
import { BRINGER_BOUNDS, type BringerBounds } from '../../core/bringer.ts'
import type { Messenger } from '../../core/messenger.ts'
import type { Clock } from '../../core/ports.ts'
import { COURIER_BOUNDS, type CourierBounds } from './courier-bounds.ts'
import type { CloudState, ObserveCloud } from './events.ts'
import { GRAPH_BOUNDS, type GraphBounds } from './graph-api.ts'
import { INBOX_BOUNDS, type InboxBounds } from './inbox.ts'
import { OUTBOX_BOUNDS, type OutboxBounds } from './outbox.ts'
import { WEBHOOK_BOUNDS, type WebhookBounds } from './webhook.ts'

/** The account at Meta, and the door that Meta knocks at. */
export interface CloudSettings {
  /** Meta's id of the phone number, which is not the number. */
  readonly phoneNumberId: string
  readonly accessToken: string
  readonly appSecret: string
  readonly verifyToken: string
  /** 0 for any free one. */
  readonly webhookPort: number
  readonly webhookHost: string
  /** Such as `/webhooks/whatsapp`. */
  readonly webhookPath: string
  /** Where the Graph API is. */
  readonly graphUrl: URL
  /** Such as `v26.0`. */
  readonly graphVersion: string
}

/** Bounds of the room. */
export interface CloudBounds {
  readonly inbox: InboxBounds
  readonly outbox: OutboxBounds
  readonly bringer: BringerBounds
  readonly courier: CourierBounds
  readonly graph: GraphBounds
  readonly webhook: WebhookBounds
  /** How long after the last late message its owner is told of them, in milliseconds. */
  readonly lateQuietMs: number
  /** How often it is tried whether Meta takes a token again that it refused, in milliseconds. */
  readonly tokenEveryMs: number
  /** How long what waits may be sent while the room is closed, in milliseconds. */
  readonly closeMsMax: number
}

/** Bounds that people, Meta and a small machine all bear. */
export const CLOUD_BOUNDS: CloudBounds = {
  inbox: INBOX_BOUNDS,
  outbox: OUTBOX_BOUNDS,
  bringer: BRINGER_BOUNDS,
  courier: COURIER_BOUNDS,
  graph: GRAPH_BOUNDS,
  webhook: WEBHOOK_BOUNDS,
  lateQuietMs: 5_000,
  tokenEveryMs: 300_000,
  closeMsMax: 5_000,
}

/** What the messenger is made of. */
export interface CloudApiParts {
  readonly settings: CloudSettings
  /** Folder of the store, which belongs to this agent already. */
  readonly dataDir: string
  /** Name of the agent, for those who quote it. */
  readonly agent: string
  /** Who may write; the first administrator is the owner. */
  readonly admission: Pick<AdmissionRules, 'allowed' | 'blocked' | 'admins'>
  readonly clock: Clock
  readonly observe: ObserveCloud
  /** A number in [0, 1), for the jitter. */
  readonly random?: () => number
  readonly bounds?: Partial<CloudBounds>
}

/** The messenger of WhatsApp, through the API that Meta offers to businesses. */
export interface CloudMessenger extends Messenger {
  readonly state: CloudState
  /** What the owner should do, in a state that does not end by itself. */
  readonly advice: string | undefined
  /** Whether messages come and go at the moment. */
  readonly isOpen: boolean
  /** Where the webhook listens, once it does. */
  readonly webhookPort: number | undefined
}
