/** A place where people and agents write: a direct chat or a group of a human channel. */
export interface Chat {
  /** Where an answer goes; opaque to everybody but its messenger. */
  readonly id: string
  readonly isGroup: boolean
}

/** Who wrote. Never the group: in one it is the participant. */
export interface Sender {
  /** Canonical and stable over channels' spellings: E.164 digits for a phone number, `console` for the terminal. */
  readonly id: string
  /** What it calls itself: data, never a permission. */
  readonly name: string | undefined
}

/** What a message answers to, as its channel shows it. */
export interface Quote {
  readonly from: string | undefined
  readonly text: string
}

/** What every human channel translates its messages into. */
export interface InboundMessage {
  /** Unique within its channel; the same message that comes again has the same. */
  readonly id: string
  /** Name of the messenger that brought it. */
  readonly channel: string
  readonly chat: Chat
  readonly sender: Sender
  readonly text: string
  /** When it was written, in epoch milliseconds. */
  readonly sentAt: number
  /** Whether it is meant for this agent: always in a direct chat, in a group when it is mentioned or answered to. */
  readonly isAddressed: boolean
  readonly quote: Quote | undefined
  /** It was admitted before a restart, and not finished. */
  readonly isResumed?: true
}
