/** The law both sides obey; this is the package's only door. */

export { type BackoffBounds, fullJitterMs } from './backoff.ts'
export { CLOSE_CODES, type CloseCodeRow, type CloseReason, type Reconnect, toReconnect } from './close-codes.ts'
export {
  commaList,
  type Environment,
  type EnvResult,
  flag,
  oneOf,
  readEnv,
  wholeNumber,
} from './env.ts'
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
export * as LIMITS from './limits.ts'
export { findNearest } from './nearest.ts'
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
export {
  isTerminal,
  mayMove,
  TASK_MOVES,
  TASK_STATES,
  type TaskState,
  type TerminalTaskState,
} from './task-states.ts'
export { describeIssues, hasAtMostChars, isAgentName, toMatchKey } from './text.ts'
