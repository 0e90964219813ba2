import { CLOSE_CODES } from './close-codes.ts'

/** One row of the table of errors. `closeCode` is set where the socket does not survive the error. */
export interface ErrorRow {
  readonly title: string
  readonly status: number
  readonly retryable: boolean
  readonly closeCode?: number
}

/**
 * Every error that crosses the wire: its title, the HTTP status of its problem
 * document, whether the same request may succeed later, and the close code
 * where it ends a socket. Codes are never reused for another meaning.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9457
 */
export const ERRORS = {
  bad_json: { title: 'Not JSON', status: 400, retryable: false },
  bad_request: { title: 'Bad request', status: 400, retryable: false, closeCode: CLOSE_CODES.registerRefused.code },
  bad_response: { title: 'Bad response of the agent', status: 502, retryable: false },
  unknown_type: { title: 'Unknown frame type', status: 400, retryable: false },
  already_registered: { title: 'Already registered', status: 409, retryable: false },
  not_registered: {
    title: 'Not registered',
    status: 401,
    retryable: false,
    closeCode: CLOSE_CODES.notRegistered.code,
  },
  unauthorized: {
    title: 'Wrong or missing credential',
    status: 401,
    retryable: false,
    closeCode: CLOSE_CODES.unauthorized.code,
  },
  forbidden: { title: 'Not allowed', status: 403, retryable: false },
  rate_limited: { title: 'Too many requests', status: 429, retryable: true },
  payload_too_large: { title: 'Too large', status: 413, retryable: false },
  unsupported_media_type: { title: 'Unsupported media type', status: 415, retryable: false },
  not_found: { title: 'Not found', status: 404, retryable: false },
  method_not_allowed: { title: 'Method not allowed', status: 405, retryable: false },
  agent_not_found: { title: 'No such agent', status: 404, retryable: true },
  no_agent_with_skill: { title: 'No agent with this skill', status: 404, retryable: true },
  agent_busy: { title: 'The agent is busy', status: 503, retryable: true },
  agent_error: { title: 'The agent failed', status: 502, retryable: false },
  agent_disconnected: { title: 'The agent disconnected', status: 502, retryable: true },
  task_timeout: { title: 'The task timed out', status: 504, retryable: true },
  task_canceled: { title: 'The task was canceled', status: 409, retryable: false },
  unknown_task: { title: 'No such task', status: 404, retryable: false },
  not_your_task: { title: 'Not your task', status: 403, retryable: false },
  idempotency_conflict: { title: 'Idempotency key used for another body', status: 422, retryable: false },
  loop_detected: { title: 'The work was passed on too often', status: 400, retryable: false },
  hub_full: { title: 'The hub is full', status: 503, retryable: true, closeCode: CLOSE_CODES.hubFull.code },
  hub_draining: { title: 'The hub is shutting down', status: 503, retryable: true },
  storage_unavailable: { title: 'Storage is unavailable', status: 507, retryable: true },
  undeliverable: { title: 'Undeliverable', status: 502, retryable: false },
  expired: { title: 'Expired', status: 504, retryable: false },
  rejected: { title: 'Rejected by the agent', status: 502, retryable: false },
  internal: { title: 'Internal error', status: 500, retryable: true },
} as const satisfies Record<string, ErrorRow>

/** A code of the table. */
export type ErrorCode = keyof typeof ERRORS

/** Every code, in the order of the table. */
export const ERROR_CODES = Object.keys(ERRORS) as readonly ErrorCode[]

/** The row of a code, with its optional members visible. */
export const toErrorRow = (code: ErrorCode): ErrorRow => ERRORS[code]

/** Members that a refusal carries besides its code and sentence. */
export interface RefusalExtras {
  /** Near names, for `agent_not_found`. */
  readonly suggestions?: readonly string[]
  /** The skill asked for, for `no_agent_with_skill`. */
  readonly skill?: string
  /** The task it is about. */
  readonly requestId?: string
  /** When to try again, in milliseconds from now. */
  readonly retryAfterMs?: number
}

/**
 * A refusal that crosses the wire. `detail` is shown to the peer: one human
 * sentence that says what was wrong and what is allowed, without secrets or
 * internals.
 */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError'
  readonly code: ErrorCode
  readonly detail: string
  readonly extras: RefusalExtras

  constructor(code: ErrorCode, detail: string, options: { readonly cause?: unknown } & RefusalExtras = {}) {
    const { cause, ...extras } = options
    super(detail, cause === undefined ? undefined : { cause })
    this.code = code
    this.detail = detail
    this.extras = extras
  }
}
