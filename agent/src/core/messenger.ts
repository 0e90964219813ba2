import type { Chat, InboundMessage } from './message.ts'

/** What became of an outgoing message: taken by the channel, kept to be sent later, or given up. */
export type MessageOutcome = 'sent' | 'held' | 'failed'

/** Takes what a channel brings. It returns when the message is safe; the answer comes later through the messenger. */
export interface MessageReceiver {
  receiveMessage(message: InboundMessage): Promise<void>
}

/** A human channel: a terminal, WhatsApp, the Cloud API. */
export interface Messenger {
  /** Such as `console` or `whatsapp`. */
  readonly name: string
  /** What the channel is doing, for people: `open`, `connecting`, `logged-out` … */
  readonly state: string
  /** Longest text of one message, in UTF-16 units; longer answers are split before they are sent. */
  readonly charsMax: number
  start(receiver: MessageReceiver): Promise<void>
  /** Sends a text to a chat. Never throws; what cannot be sent is an outcome. */
  send(chat: Chat, text: string): Promise<MessageOutcome>
  /** Shows, or no longer shows, that an answer is being made. */
  showWorking(chat: Chat, isWorking: boolean): void
  /** A line about work that goes on, replacing the one before it where the channel can. */
  showProgress(chat: Chat, text: string): Promise<void>
  /** Sends what waits and lets go of the channel. */
  stop(): Promise<void>
}
