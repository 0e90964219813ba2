/** A question and the answer to it, which are kept and let go together. */
export interface Exchange {
  readonly question: string
  readonly answer: string
  /** What whoever asked calls itself, where it says so. */
  readonly sender?: string
  /** When it was answered, in epoch milliseconds. */
  readonly at: number
}

/** Bounds of what is kept of conversations; what is oldest makes room. */
export interface ConversationBounds {
  /** Most exchanges of one person. */
  readonly personExchangesMax: number
  /** Most characters of one person, questions and answers together. */
  readonly personCharsMax: number
  /** Most exchanges of everybody. */
  readonly exchangesMax: number
  /** Most characters of everybody. */
  readonly charsMax: number
}

/**
 * Where conversations are kept, one per canonical person or peer. What a call has written is kept when it returns. Each
 * call throws a {@link StorageError} when the storage does not serve; then nothing has changed.
 */
export interface ConversationStore {
  /**
   * A conversation, the oldest exchange first; empty when its newest is not newer than `since`.
   *
   * @param since epoch milliseconds
   */
  read(personId: string, since: number): readonly Exchange[]
  /** Adds to a conversation. An exchange that is larger than one person's room is not kept. */
  append(personId: string, exchange: Exchange): void
  /** Wipes a conversation, so that its text can be read nowhere any more; tells how many exchanges it had. */
  forget(personId: string): number
  /**
   * Lets go of some of the conversations whose newest exchange is not newer than `until`; tells whether there is more
   * of them.
   *
   * @param until epoch milliseconds
   */
  purge(until: number): boolean
}

/** Bounds of what is known of messages that were seen. */
export interface SeenBounds {
  /** Most messages that are known. */
  readonly idsMax: number
  /** How long one is known, in milliseconds. */
  readonly keepMs: number
}

/**
 * Which messages were seen before, over restarts. What a call has written is kept when it returns; it throws a
 * {@link StorageError} when the storage does not serve.
 */
export interface SeenStore {
  /**
   * Writes down that a message was seen; false when it had been seen before. Ids are the channel's own, so those of
   * different channels do not meet.
   */
  add(channel: string, messageId: string, now: number): boolean
}
