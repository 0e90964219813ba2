import type { AdmissionRules } from '../../core/admission.ts'
import { BRINGER_BOUNDS, type BringerBounds } from '../../core/bringer.ts'
import type { Messenger } from '../../core/messenger.ts'
import type { Clock } from '../../core/ports.ts'
import type { ConnectionName } from './connection-law.ts'
import { COURIER_BOUNDS, type CourierBounds } from './courier-bounds.ts'
import type { ObserveWhatsApp } from './events.ts'
import { PACE_BOUNDS, type PaceBounds } from './pacing.ts'

/** A version of WhatsApp Web. */
export type WebVersion = readonly [number, number, number]

/** Bounds of the room besides those of its tables. */
export interface WhatsAppBounds extends PaceBounds, CourierBounds, BringerBounds {
  /** How long after the last late message its owner is told of them, in milliseconds. */
  readonly lateQuietMs: number
  /** How long a message may be sealed before its sender is asked for it again, in milliseconds. */
  readonly sealedMsMax: number
  /** Silence after which a connection is given up, in milliseconds: the server is asked for a sign every 30 s. */
  readonly silenceMsMax: number
  /** How long an attempt may take to open or to show a QR, in milliseconds. */
  readonly connectMsMax: number
  /** How long what waits may be sent while the room is closed, in milliseconds. */
  readonly closeMsMax: number
}

/** Bounds that a patient person and WhatsApp both bear. */
export const WHATSAPP_BOUNDS: WhatsAppBounds = {
  ...PACE_BOUNDS,
  ...COURIER_BOUNDS,
  ...BRINGER_BOUNDS,
  lateQuietMs: 5_000,
  sealedMsMax: 120_000,
  silenceMsMax: 90_000,
  connectMsMax: 60_000,
  closeMsMax: 5_000,
}

/** What a link to WhatsApp is made of. */
export interface WhatsAppParts {
  /** Folder of the store, which belongs to this agent already. */
  readonly dataDir: string
  /** Name of the agent, for those who mention it. */
  readonly agent: string
  /** Who may write; the first administrator is the owner. */
  readonly admission: Pick<AdmissionRules, 'allowed' | 'blocked' | 'admins'>
  /** Where a QR or a code is shown: the terminal, and never the log. */
  readonly output: { write(text: string): unknown }
  readonly clock: Clock
  readonly observe: ObserveWhatsApp
  /** Whether groups are listened to, where the agent is mentioned or answered to. */
  readonly takesGroups: boolean
  /** Number of the agent's own account in digits, for a pairing code in place of a QR. */
  readonly pairingNumber?: string
  /** Another server than WhatsApp's. */
  readonly url?: URL
  /** Version to speak in place of the newest that can be found. */
  readonly version?: WebVersion
  /** Largest file of a person that is saved, in bytes; none is unless set. */
  readonly mediaBytesMax?: number
  /** A number in [0, 1), for the jitter and the pace. */
  readonly random?: () => number
  readonly bounds?: Partial<WhatsAppBounds>
  /** Draws a QR, for those who do not look at a terminal. */
  readonly drawQr?: (text: string) => string
}

/** The messenger of WhatsApp, through an account that is linked like a browser. */
export interface WhatsAppMessenger extends Messenger {
  readonly state: ConnectionName
  /** What the owner should do, in a state that does not end by itself. */
  readonly advice: string | undefined
  /** Whether messages come and go at the moment. */
  readonly isOpen: boolean
}
