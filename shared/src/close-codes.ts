/** What a client should do after its socket was closed with a code. */
export type Reconnect = 'reconnect' | 'back-off' | 'fix' | 'stop'

/** One row of the table of close codes. */
export interface CloseCodeRow {
  readonly code: number
  readonly reason: string
  readonly reconnect: Reconnect
}

/**
 * Every close code of the hub with the reason it sends and what the client
 * should do. 4000–4999 are the application's own range.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6455#section-7.4.2
 */
export const CLOSE_CODES = {
  goingAway: { code: 1001, reason: 'The hub is going away', reconnect: 'reconnect' },
  frameTooLarge: { code: 1009, reason: 'The frame is over the limit', reconnect: 'fix' },
  notRegistered: { code: 4001, reason: 'The first frame must be register, within 10 s', reconnect: 'fix' },
  registerRefused: { code: 4002, reason: 'The registration was refused', reconnect: 'fix' },
  unauthorized: { code: 4003, reason: 'Wrong or revoked credential', reconnect: 'stop' },
  hubFull: { code: 4004, reason: 'The hub is full', reconnect: 'back-off' },
  addressFull: { code: 4005, reason: 'Too many connections from this address', reconnect: 'back-off' },
  lockedOut: { code: 4006, reason: 'Too many failed attempts from this address', reconnect: 'back-off' },
  slowConsumer: { code: 4008, reason: 'The agent reads too slowly', reconnect: 'reconnect' },
  replaced: { code: 4009, reason: 'Replaced by a newer session of this instance', reconnect: 'stop' },
  tooManyFrames: { code: 4010, reason: 'Too many frames', reconnect: 'back-off' },
} as const satisfies Record<string, CloseCodeRow>

/** Name of a row of {@link CLOSE_CODES}. */
export type CloseReason = keyof typeof CLOSE_CODES

const ROWS = new Map<number, CloseCodeRow>(Object.values(CLOSE_CODES).map((row) => [row.code, row]))

/** What a client should do after this close code; anything unknown (1006 too) is worth another try. */
export const toReconnect = (code: number): Reconnect => ROWS.get(code)?.reconnect ?? 'reconnect'
