import { type Envelope, type Intent, type JsonValue, LIMITS } from '@ai-comms/shared'
import type { Identity } from '../prompt.ts'
import type { Peer } from './ports.ts'

/** This agent as its envelopes name it. */
export interface Me extends Identity {
  readonly agentId: string
}

/** An envelope that was checked, and may be acted on. */
export interface Mail {
  /** Who sent it, and the way back. */
  readonly from: Peer
  readonly isProven: boolean
  readonly envelope: Envelope
  readonly payload: JsonValue
  readonly carrier: string
  /** The envelope's own id, by which an answer names it; its nonce, or its conversation, where there is none. */
  readonly id: string
}

/** How a conversation ended, for whoever looks after this agent: it is said once. */
export interface PeerNotice {
  readonly peer: { readonly agentId?: string; readonly agentName: string }
  readonly conversationId: string
  readonly sentence: string
}

/** An id that envelopes of ours carry besides the members of the law; other systems may not have it. */
export const toMailId = (envelope: Envelope): string => {
  const { id } = envelope
  return typeof id === 'string' && id !== '' && id.length <= LIMITS.ID_CHARS_MAX
    ? id
    : (envelope.auth?.nonce ?? envelope.conversationId)
}

/** How each question is answered. */
export const ANSWER_INTENTS = {
  chat: 'chat',
  'task-request': 'task-response',
  'group-chat': 'group-chat',
} as const satisfies Partial<Record<Intent, Intent>>

/** Whether a text is meant to be an envelope. Whether it is a good one is for the law to say. */
export const isEnvelopeText = (text: string): boolean => /^\s*\{/.test(text) && text.includes('"ai-comms"')
