/**
 * The hub's variables, in the order of their documentation. The agent knows
 * them, too: one `.env` may serve both, and none of them is a misspelling.
 */
export const HUB_VARIABLES = [
  'PORT',
  'HUB_HOST',
  'HUB_SECRET',
  'HUB_SECRET_PREVIOUS',
  'HUB_MAX_AGENTS',
  'HUB_LOG_LEVEL',
  'HUB_DRAIN_MS',
  'HUB_MAX_FRAMES_PER_S',
  'HUB_BROADCAST_COOLDOWN_MS',
  'HUB_MAX_PER_IP',
  'HUB_MAX_PAYLOAD',
  'HUB_MAX_BUFFERED',
  'HUB_TASK_TIMEOUT_MS',
  'HUB_ALLOWED_ORIGINS',
  'HUB_TRUST_PROXY',
  'HUB_DATA_DIR',
  'HUB_NATS_URL',
  'TLS_CERT_PATH',
  'TLS_KEY_PATH',
] as const

/** Name of a variable of the hub. */
export type HubVariable = (typeof HUB_VARIABLES)[number]
