import type { ErrorCode, TaskState } from '@ai-comms/shared'
import type { DurableTarget } from '../../core/durable/durable-task.ts'

/** The columns of a task, in the order of {@link TaskRow}; the long texts stand last, so that nobody has to read past them. */
export const TASK_COLUMNS = [
  'id',
  'state',
  'target_kind',
  'target_name',
  'target_key',
  'agent',
  'agent_key',
  'instance_key',
  'sender',
  'conversation_id',
  'hops',
  'traceparent',
  'created_at',
  'updated_at',
  'expires_at',
  'timeout_at',
  'attempts',
  'error',
  'code',
  'ended_at',
  'message',
  'response',
] as const

/** A task as it is stored, and as it crosses between threads: an array is copied faster than an object. */
export type TaskRow = readonly [
  id: string,
  state: TaskState,
  targetKind: DurableTarget['kind'],
  targetName: string,
  targetKey: string,
  agent: string | null,
  agentKey: string | null,
  instanceKey: string | null,
  sender: string,
  conversationId: string | null,
  hops: number,
  traceparent: string | null,
  createdAt: number,
  updatedAt: number,
  expiresAt: number,
  timeoutAt: number | null,
  attempts: number,
  error: string | null,
  code: ErrorCode | null,
  endedAt: number | null,
  message: string,
  response: string | null,
  /** Its place in the order of submission, where a row was listed. */
  seq?: number,
]

/** The columns that change over a task's life, in the order of {@link ChangeRow}. */
export const CHANGE_COLUMNS = [
  'state',
  'agent',
  'agent_key',
  'instance_key',
  'updated_at',
  'attempts',
  'error',
  'code',
  'ended_at',
  'response',
] as const

/** What changes over a task's life, and the id of the task. */
export type ChangeRow = readonly [
  state: TaskState,
  agent: string | null,
  agentKey: string | null,
  instanceKey: string | null,
  updatedAt: number,
  attempts: number,
  error: string | null,
  code: ErrorCode | null,
  endedAt: number | null,
  response: string | null,
  id: string,
]
