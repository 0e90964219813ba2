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
  'HUB_TASK_RETENTION',
  'HUB_NATS_URL',
  'TLS_CERT_PATH',
  'TLS_KEY_PATH',
] as const

/** Name of a variable of the hub. */
export type HubVariable = (typeof HUB_VARIABLES)[number]

/**
 * The agent's variables of the families whose misspelling is warned about, for
 * the hub that finds them in a shared `.env`. The providers' own are not among
 * them: their families belong to other programs, too.
 */
export const AGENT_FAMILY_VARIABLES = [
  'AGENT_NAME',
  'AGENT_ID',
  'AGENT_WORKSPACE',
  'AGENT_SKILLS',
  'AGENT_DESCRIPTION',
  'AGENT_MAX_CONCURRENCY',
  'AGENT_MAX_TURNS',
  'AGENT_HUB_URL',
  'AGENT_HUB_SECRET',
  'AGENT_LOG_LEVEL',
  'AGENT_DRAIN_MS',
  'AI_PROVIDER',
  'AI_FALLBACK_PROVIDERS',
  'AI_CONNECT_TIMEOUT_MS',
  'AI_FIRST_TOKEN_TIMEOUT_MS',
  'AI_IDLE_TIMEOUT_MS',
  'AI_TOTAL_TIMEOUT_MS',
  'AI_BUDGET_TOKENS_PER_DAY',
  'AI_PRICES',
  'WHATSAPP_MODE',
  'WHATSAPP_PAIRING_NUMBER',
  'WHATSAPP_WS_URL',
  'WHATSAPP_GROUPS',
  'WHATSAPP_VERSION',
  'WHATSAPP_MAX_MEDIA',
  'SECURITY_REQUIRE_AGENT_AUTH',
  'SECURITY_AGENT_SECRET',
  'SECURITY_AGENT_SECRET_PREVIOUS',
  'SECURITY_ENCRYPTION_KEY',
  'SECURITY_ENABLE_ALLOWLIST',
  'SECURITY_ALLOWLIST',
  'SECURITY_BLOCKLIST',
  'SECURITY_MAX_MESSAGE_LENGTH',
  'SECURITY_RATE_LIMIT_MAX',
  'SECURITY_RATE_LIMIT_WINDOW_MS',
] as const
