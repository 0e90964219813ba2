/**
 * Bounds of the hub wire, with their units in the names. Both sides import
 * them; none is written anywhere else.
 */

/** Longest agent name, in characters (code points) after NFKC. */
export const NAME_CHARS_MAX = 64
/** Longest workspace, in characters. */
export const WORKSPACE_CHARS_MAX = 256
/** Most skills of one agent. */
export const SKILLS_MAX = 64
/** Longest skill, in characters. */
export const SKILL_CHARS_MAX = 64
/** Longest `sender` of a task, in characters. */
export const SENDER_CHARS_MAX = 128
/** Longest id that a peer may choose (`requestId`, `instanceId`, `conversationId`), in characters. */
export const ID_CHARS_MAX = 128
/** Longest self-description of an agent, in characters. */
export const DESCRIPTION_CHARS_MAX = 1_024
/** Longest version string of an agent, in characters. */
export const VERSION_CHARS_MAX = 64
/** Longest progress note of a task, in characters. */
export const PROGRESS_CHARS_MAX = 4_096
/** Longest error code that an agent may put into a `task-error`, in characters. */
export const AGENT_ERROR_CODE_CHARS_MAX = 64
/** How often work may be passed on before it counts as a loop. */
export const HOPS_MAX = 8

/** Largest frame before registration, in bytes. */
export const REGISTER_BYTES_MAX = 65_536
/** Default largest frame after registration and largest REST body, in bytes. */
export const PAYLOAD_BYTES_MAX = 1_048_576
/** How long a socket may stay without registering, in milliseconds. */
export const REGISTER_WAIT_MS = 10_000
/** Most unanswered tasks that one session may hold. */
export const IN_FLIGHT_MAX = 256

/** How often the hub pings an agent, in milliseconds. */
export const HEARTBEAT_MS = 30_000
/** Silence after which a session is chosen only when nothing fresher is there, in milliseconds. */
export const STALE_AFTER_MS = 45_000
/** Silence after which a session is ended, in milliseconds. */
export const SILENCE_MS_MAX = 90_000
/** How long a lost instance may take to return before its tasks fail, in milliseconds. */
export const GRACE_MS = 15_000

/** Shortest task timeout that a caller may ask for, in milliseconds. */
export const TIMEOUT_MS_MIN = 1_000
/** Longest task timeout that a caller may ask for, in milliseconds. */
export const TIMEOUT_MS_MAX = 3_600_000
/** Default task timeout, in milliseconds: below the 180 s at which existing clients give up. */
export const TIMEOUT_MS_DEFAULT = 175_000
/** Shortest time a durable task may wait in a mailbox, in milliseconds. */
export const TTL_MS_MIN = 1_000
/** Longest time a durable task may wait in a mailbox, in milliseconds (30 days). */
export const TTL_MS_MAX = 2_592_000_000
/** Default time a durable task may wait in a mailbox, in milliseconds (24 hours). */
export const TTL_MS_DEFAULT = 86_400_000
/** Most deliveries of one durable task. */
export const ATTEMPTS_MAX = 5
/** How long a delivered durable task may stay unacknowledged, in milliseconds. */
export const ACK_WAIT_MS = 30_000
/** Waits before the second and later deliveries of a durable task, in milliseconds. */
export const REDELIVERY_BACKOFF_MS = [1_000, 5_000, 30_000, 120_000] as const
/** Longest `Idempotency-Key`, in characters. */
export const IDEMPOTENCY_KEY_CHARS_MAX = 255
/** How long an `Idempotency-Key` is remembered, in milliseconds (24 hours). */
export const IDEMPOTENCY_MS = 86_400_000
/** Largest page of `GET /tasks`. */
export const TASK_PAGE_MAX = 200
/** Default page of `GET /tasks`. */
export const TASK_PAGE_DEFAULT = 50

/** First reconnect wait of a client, in milliseconds; doubled per attempt, drawn with full jitter. */
export const RECONNECT_BASE_MS = 1_000
/** Longest reconnect wait of a client, in milliseconds. */
export const RECONNECT_CAP_MS = 30_000
/** How long a link must hold before the reconnect wait starts anew, in milliseconds. */
export const RECONNECT_STABLE_MS = 60_000
