/** Bounds of sending. */
export interface CourierBounds {
  /** How long WhatsApp may take to acknowledge a message before it is sent again, in milliseconds. */
  readonly ackMsMax: number
  /** How often a message may fail before it is given up. */
  readonly failuresMax: number
  /** How often it is sent, those times included that a crash or a lost connection has cut off. */
  readonly attemptsMax: number
  /** First and longest wait before a message that was refused is sent again, in milliseconds. */
  readonly retryMsMin: number
  readonly retryMsMax: number
  /** Chats that are written to at the same time. */
  readonly chatsMax: number
}

/** WhatsApp acknowledges within a second when it is well; a minute between attempts annoys it less than a second. */
export const COURIER_BOUNDS: CourierBounds = {
  ackMsMax: 15_000,
  failuresMax: 5,
  attemptsMax: 25,
  retryMsMin: 2_000,
  retryMsMax: 300_000,
  chatsMax: 16,
}
