/** The law both sides obey; this is the package's only door. */

export { type BackoffBounds, fullJitterMs } from './backoff.ts'
export { canonicalJson, parseStrict, type StrictParse } from './canonical.ts'
export { CLOSE_CODES, type CloseCodeRow, type CloseReason, type Reconnect, toReconnect } from './close-codes.ts'
export {
  commaList,
  duration,
  type Environment,
  type EnvResult,
  findUnreadFiles,
  flag,
  oneOf,
  readEnv,
  toDurationText,
  wholeNumber,
} from './env.ts'
export {
  BROADCAST_ID,
  ENVELOPE_BYTES_MAX,
  ENVELOPE_DEPTH_MAX,
  ENVELOPE_FUTURE_MS_MAX,
  ENVELOPE_REFUSALS,
  ENVELOPE_STALE_MS_MAX,
  type Envelope,
  type EnvelopeDraft,
  type EnvelopeRefusal,
  type EnvelopeRefused,
  INTENTS,
  type Intent,
  type JsonValue,
  mayBeAnswered,
  type Recipient,
  type SealedEnvelope,
  type Sender,
} from './envelope.ts'
export {
  ERROR_CODES,
  ERRORS,
  type ErrorCode,
  type ErrorRow,
  ProtocolError,
  type RefusalExtras,
  toErrorRow,
} from './errors.ts'
export {
  AGENT_FRAME_TYPES,
  type AgentFrame,
  type AgentFrameInput,
  type ErrorFrame,
  HUB_FRAME_TYPES,
  type HubFrame,
  type HubFrameOf,
  type PresenceFrame,
  parseAgentFrame,
  parseHubFrame,
  type RegisterFrame,
  type RegisterFrameInput,
  readRegistration,
} from './frames.ts'
export { decodeSecret, KeyRing, type RootKey, readRootKey, SecretError, type Secrets } from './keys.ts'
export * as LIMITS from './limits.ts'
export { findNearest } from './nearest.ts'
export { type Opened, type OpenOptions, open } from './open.ts'
export {
  REPLAY_MEMORY_MS,
  REPLAY_STATE_EMPTY,
  type ReplayEntry,
  type ReplayState,
  ReplayWindow,
  toReplayStateUnsure,
} from './replay.ts'
export {
  type AgentView,
  agentsAnswer,
  type BroadcastRequest,
  type BroadcastResult,
  broadcastAnswer,
  type DurableTaskRequest,
  type HealthAnswer,
  healthAnswer,
  type Problem,
  parseBroadcastRequest,
  parseDurableTaskRequest,
  parseTaskListQuery,
  parseTaskRequest,
  problem,
  type TaskEvent,
  type TaskListQuery,
  type TaskRequest,
  type TaskView,
  taskAnswer,
  taskEvent,
  taskListAnswer,
  taskView,
} from './rest.ts'
export { isScope, parseScopes, SCOPES, type Scope } from './scopes.ts'
export { type SealOptions, seal, toPlainEnvelope, type Written } from './seal.ts'
export {
  overlayEnvironment,
  readSecretFiles,
  SECRET_FILE_BYTES_MAX,
  type SecretFiles,
  type SecretsRead,
} from './secret-files.ts'
export {
  AGENT_SECRET_VARIABLES,
  HUB_SECRET_VARIABLES,
  isSecretVariable,
  toFileVariable,
} from './secret-variables.ts'
export {
  isTerminal,
  mayMove,
  TASK_MOVES,
  TASK_STATES,
  type TaskState,
  type TerminalTaskState,
} from './task-states.ts'
export { describeIssues, hasAtMostChars, isAgentName, toMatchKey } from './text.ts'
export { AGENT_FAMILY_VARIABLES, HUB_VARIABLES, type HubVariable } from './variables.ts'
