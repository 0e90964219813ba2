/** Bounds of sending. */
export interface CourierBounds {
  /** First and longest wait before a message is sent again that was certainly not sent, in milliseconds. */
  readonly retryMsMin: number
  readonly retryMsMax: number
  /**
   * How long a status of Meta is waited for when nobody knows whether a message was sent, in milliseconds; each time twice
   * as long.
   */
  readonly doubtMs: number
  /** How often a message is sent without knowing what became of it; as many copies may arrive at the very worst. */
  readonly doubtsMax: number
  /** How often Meta may refuse a message for a trouble that passes. */
  readonly attemptsMax: number
  /** How often a message is sent that Meta took and then did not deliver: each try counts against the number. */
  readonly deliveriesMax: number
  /** Chats that are written to at the same time. */
  readonly chatsMax: number
}

/** Statuses come within a second or two; Meta asks for waits that grow from seconds to minutes. */
export const COURIER_BOUNDS: CourierBounds = {
  retryMsMin: 2_000,
  retryMsMax: 300_000,
  doubtMs: 20_000,
  doubtsMax: 4,
  attemptsMax: 100,
  deliveriesMax: 5,
  chatsMax: 16,
}
