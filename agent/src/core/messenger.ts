import type { Chat, InboundMessage } from './message.ts'

/** What became of an outgoing message: taken by the channel, kept to be sent later, or given up. */
export type MessageOutcome = 'sent' | 'held' | 'failed'

/**
 * What became of a message: what it is answered with was given to the messenger, or there is nothing to say; or the agent
 * shuts down before.
 */
export type MessageEnd = 'finished' | 'interrupted'

/**
 * Takes what a channel brings, while others are not finished, too; never fails. A channel that keeps messages over
 * restarts brings one that was interrupted again, marked as resumed.
 */
export interface MessageReceiver {
  receiveMessage(message: InboundMessage): Promise<MessageEnd>
}

/** What may be said of an outgoing text. */
export interface SendOptions {
  /** Id of the message of this channel that the text answers; one that was answered is not brought again after a restart. */
  readonly answers?: string
  /** Read by a program: sent in one message as it is, or not at all. */
  readonly isForMachines?: true
}

/** A human channel: a terminal, WhatsApp, the Cloud API. */
export interface Messenger {
  /** Such as `console` or `whatsapp`. */
  readonly name: string
  /** What the channel is doing, for people: `open`, `connecting`, `logged-out` … */
  readonly state: string
  start(receiver: MessageReceiver): Promise<void>
  /**
   * Sends a text to a chat, however long it is: a channel with a limit splits it. Resolves when the text is safe: a channel
   * that keeps what it sends has it on disk. Never throws; what cannot be sent is an outcome.
   */
  send(chat: Chat, text: string, options?: SendOptions): Promise<MessageOutcome>
  /** Shows, or no longer shows, that an answer is being made. */
  showWorking(chat: Chat, isWorking: boolean): void
  /** A line about work that goes on, replacing the one before it where the channel can. */
  showProgress(chat: Chat, text: string): Promise<void>
  /** The direct chat with a person by its canonical id; undefined for somebody whom this channel cannot write to. */
  findChat(personId: string): Chat | undefined
  /** Sends what waits and lets go of the channel. */
  stop(): Promise<void>
}
