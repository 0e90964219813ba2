import type { ConnectionName, Stuck } from './connection-law.ts'
import type { MediaKind } from './read-content.ts'
import type { Ignored } from './read-message.ts'

/** Where a version of WhatsApp Web was found. */
export type VersionSource = 'configured' | 'web' | 'kept' | 'built-in'

/** Why a message of a person does not become one of the agent. */
export type DropReason = Exclude<Ignored, 'own'> | 'known' | 'inbox-full' | 'late' | 'overdue' | 'strangers-full'

/** Why a message of the agent is given up: what WhatsApp said, or how long it has waited. */
export type GiveUpReason = 'refused' | 'unacknowledged' | 'too-old'

/** An error as far as it may be told: those of Baileys hold addresses and texts in their words. */
export interface Fault {
  readonly name: string
  readonly code: string
  /** Where it was thrown. */
  readonly at: string
}

/** What the connection tells of itself. */
export type WhatsAppLinkEvent =
  | {
      readonly type: 'whatsapp.state'
      readonly state: ConnectionName
      readonly code?: number
      readonly waitMs?: number
      readonly because?: Stuck
      /** What the owner should do. */
      readonly sentence?: string
    }
  | { readonly type: 'whatsapp.pairing'; readonly by: 'qr' | 'code' }
  | { readonly type: 'whatsapp.paired' }
  | { readonly type: 'whatsapp.version'; readonly version: string; readonly source: VersionSource }
  /** WhatsApp does not let this account begin new chats until then, in epoch milliseconds. */
  | { readonly type: 'whatsapp.time-locked'; readonly until?: number }

/** What becomes of messages of people. `messageId` is WhatsApp's own; `lateMs` is their age on arrival. */
export type WhatsAppInboundEvent =
  | {
      readonly type: 'whatsapp.received'
      readonly messageId: string
      readonly chars: number
      readonly media?: MediaKind
      readonly lateMs: number
    }
  /** Opened before a crash or a lost connection, and found again after it. */
  | { readonly type: 'whatsapp.recovered'; readonly messages: number }
  | { readonly type: 'whatsapp.dropped'; readonly messageId: string; readonly why: DropReason }
  /** It could not be opened; its sender is asked to send it anew. */
  | { readonly type: 'whatsapp.sealed'; readonly messageId: string }
  /** Somebody may not write whose number WhatsApp hides. The address is no number, and can be put on a list. */
  | { readonly type: 'whatsapp.hidden-sender'; readonly address: string }
  | { readonly type: 'whatsapp.resumed'; readonly messages: number }
  | { readonly type: 'whatsapp.media-saved'; readonly messageId: string; readonly media: MediaKind }
  | {
      readonly type: 'whatsapp.media-skipped'
      readonly messageId: string
      readonly why: 'too-large' | 'too-many' | 'failed'
    }
  | { readonly type: 'whatsapp.late'; readonly messages: number; readonly people: number; readonly isTold: boolean }

/** What becomes of messages of the agent. */
export type WhatsAppOutboundEvent =
  | { readonly type: 'whatsapp.written'; readonly messageId: string; readonly attempt: number; readonly chars: number }
  | { readonly type: 'whatsapp.accepted'; readonly messageId: string; readonly attempt: number; readonly ackMs: number }
  | { readonly type: 'whatsapp.refused'; readonly messageId: string; readonly code: string; readonly isFinal: boolean }
  | { readonly type: 'whatsapp.unacknowledged'; readonly messageId: string; readonly attempt: number }
  | { readonly type: 'whatsapp.given-up'; readonly messageId: string; readonly why: GiveUpReason }
  | { readonly type: 'whatsapp.delivered'; readonly messageId: string; readonly state: 'delivered' | 'read' }
  | { readonly type: 'whatsapp.outbox-full'; readonly parts: number }

/** What goes wrong besides. */
export type WhatsAppTroubleEvent =
  | { readonly type: 'whatsapp.storage-failed'; readonly code: string }
  /** Baileys says so, or threw it; without its facts, which hold addresses and keys, and without numbers of people. */
  | { readonly type: 'whatsapp.library'; readonly level: 'warn' | 'error'; readonly sentence: string }
  | ({ readonly type: 'whatsapp.broken'; readonly what: string } & Fault)

/**
 * All that the room tells: states, codes, ids, times. Never a text, a QR, a code, a number or where somebody can be reached.
 */
export type WhatsAppEvent = WhatsAppLinkEvent | WhatsAppInboundEvent | WhatsAppOutboundEvent | WhatsAppTroubleEvent

/** Takes an event to whoever counts or logs it. */
export type ObserveWhatsApp = (event: WhatsAppEvent) => void

/** The first place of ours, or anybody's, in a stack, without the words of the error above it. */
const toPlace = (stack: string | undefined): string =>
  /^\s+at (?<place>.+)$/m.exec(stack ?? '')?.groups?.['place'] ?? ''

/** The status that Baileys gives its own errors, such as 428 for a connection that is closed; nobody else's has one. */
export const findStatus = (error: unknown): number | undefined => {
  const output = error instanceof Error && 'output' in error ? error.output : undefined
  const status = typeof output === 'object' && output !== null && 'statusCode' in output ? output.statusCode : undefined
  return typeof status === 'number' ? status : undefined
}

/** What may be told of an error, whatever was thrown. */
export const toFault = (error: unknown): Fault => {
  if (!(error instanceof Error)) return { name: typeof error, code: 'thrown', at: '' }
  return { name: error.name, code: 'code' in error ? String(error.code) : 'none', at: toPlace(error.stack) }
}
