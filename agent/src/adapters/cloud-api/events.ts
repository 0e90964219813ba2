import { StorageError } from '../../core/failures.ts'

/** What the channel is doing. `token-refused` lasts until Meta takes the access token again. */
export type CloudState = 'closed' | 'open' | 'token-refused'

/** Why a request to the webhook was refused. */
export type WebhookRefusal =
  | 'verify-token'
  | 'signature'
  | 'too-large'
  | 'not-json'
  | 'method'
  | 'busy'
  | 'inbox-full'
  | 'storage'

/** Kinds of messages that people send. */
export type MessageKind = 'text' | 'choice' | 'image' | 'video' | 'audio' | 'document' | 'sticker' | 'other'

/** Why a message of a person does not become one of the agent. */
export type DropReason =
  | 'reaction'
  | 'system'
  | 'group'
  | 'empty'
  | 'unknown-sender'
  | 'unreadable'
  | 'known'
  | 'chat-full'
  | 'late'
  | 'overdue'
  | 'strangers-full'

/**
 * Why a message of the agent is given up: Meta refuses it, the person wrote too long ago, nobody knows whether it arrived
 * and it was tried often enough, or it has waited too long.
 */
export type GiveUpReason = 'refused' | 'outside-window' | 'in-doubt' | 'too-often' | 'too-old'

/** An error as far as it may be told: words may hold texts and numbers. */
export interface Fault {
  readonly name: string
  readonly code: string
  /** Where it was thrown. */
  readonly at: string
}

/** What becomes of the channel itself. */
export type CloudChannelEvent =
  | {
      readonly type: 'cloud.state'
      readonly state: CloudState
      /** Code of Meta's refusal. */
      readonly code?: number
      /** What the owner should do. */
      readonly sentence?: string
    }
  | { readonly type: 'cloud.listening'; readonly host: string; readonly port: number; readonly path: string }
  /** Meta has asked whether the webhook is ours, and was told so. */
  | { readonly type: 'cloud.webhook-verified' }
  /** So many requests were refused since it was told last; a flood is one line a minute. */
  | { readonly type: 'cloud.webhook-refused'; readonly why: WebhookRefusal; readonly requests: number }

/** What becomes of messages of people. `messageId` is a digest: Meta's own ids hold the number in plain sight. */
export type CloudInboundEvent =
  | {
      readonly type: 'cloud.received'
      readonly messageId: string
      readonly kind: MessageKind
      readonly chars: number
      readonly lateMs: number
    }
  | { readonly type: 'cloud.dropped'; readonly messageId: string; readonly why: DropReason }
  /** Messages and statuses that Meta writes in a way that is not known here. */
  | { readonly type: 'cloud.unreadable'; readonly things: number }
  | { readonly type: 'cloud.resumed'; readonly messages: number }
  | { readonly type: 'cloud.late'; readonly messages: number; readonly people: number; readonly isTold: boolean }

/** What becomes of messages of the agent. `messageId` is our own. */
export type CloudOutboundEvent =
  | { readonly type: 'cloud.sending'; readonly messageId: string; readonly attempt: number; readonly chars: number }
  | { readonly type: 'cloud.accepted'; readonly messageId: string; readonly attempt: number; readonly ackMs: number }
  | {
      readonly type: 'cloud.refused'
      readonly messageId: string
      /** Meta's code, else the HTTP status. */
      readonly code: number
      readonly isFinal: boolean
      /** What the owner should do, where Meta's code says it. */
      readonly sentence?: string
    }
  | { readonly type: 'cloud.unreachable'; readonly messageId: string; readonly code: string }
  /** The answer was lost: the message may have arrived. It is sent again after so long, unless a status tells of it. */
  | { readonly type: 'cloud.in-doubt'; readonly messageId: string; readonly attempt: number; readonly waitMs: number }
  /** The person must write first: Meta lets a business answer for 24 hours. */
  | { readonly type: 'cloud.outside-window'; readonly messageId: string; readonly sentence: string }
  | { readonly type: 'cloud.given-up'; readonly messageId: string; readonly why: GiveUpReason }
  | { readonly type: 'cloud.delivered'; readonly messageId: string; readonly state: 'delivered' | 'read' }
  | { readonly type: 'cloud.outbox-full'; readonly parts: number }

/** What goes wrong besides. */
export type CloudTroubleEvent =
  | { readonly type: 'cloud.typing-failed'; readonly code: string }
  | { readonly type: 'cloud.storage-failed'; readonly code: string }
  | ({ readonly type: 'cloud.broken'; readonly what: string } & Fault)

/** All that the room tells: states, codes, ids, times. Never a text, a number, a token or a secret. */
export type CloudEvent = CloudChannelEvent | CloudInboundEvent | CloudOutboundEvent | CloudTroubleEvent

/** Takes an event to whoever counts or logs it. */
export type ObserveCloud = (event: CloudEvent) => void

/** Takes a trouble that nobody can answer to, and where it arose. */
export type Complain = (what: string, error: unknown) => void

/** The first place in a stack, without the words of the error above it. */
const toPlace = (stack: string | undefined): string =>
  /^\s+at (?<place>.+)$/m.exec(stack ?? '')?.groups?.['place'] ?? ''

const toFault = (error: unknown): Fault => {
  if (!(error instanceof Error)) return { name: typeof error, code: 'thrown', at: '' }
  return { name: error.name, code: 'code' in error ? String(error.code) : 'none', at: toPlace(error.stack) }
}

/** Tells of troubles, without what might be private in them. */
export const createComplain =
  (observe: ObserveCloud): Complain =>
  (what, error) => {
    if (!(error instanceof StorageError)) observe({ type: 'cloud.broken', what, ...toFault(error) })
    // work that was under way may end when the room is closed already
    else if (error.code !== 'closed') observe({ type: 'cloud.storage-failed', code: error.code })
  }
