import { z } from 'zod'
import { ERROR_CODES, ProtocolError } from './errors.ts'
import {
  HOPS_MAX,
  ID_CHARS_MAX,
  SENDER_CHARS_MAX,
  TASK_PAGE_DEFAULT,
  TASK_PAGE_MAX,
  TIMEOUT_MS_MAX,
  TIMEOUT_MS_MIN,
  TTL_MS_MAX,
  TTL_MS_MIN,
} from './limits.ts'
import { TASK_STATES } from './task-states.ts'
import { anyText, describeIssues, filledText, shortText } from './text.ts'

const DEFAULT_SENDER = 'bot'

const milliseconds = (member: string, min: number, max: number) => {
  const error = `${member} must be a whole number from ${min} to ${max}`
  return z.int({ error }).min(min, { error }).max(max, { error })
}

const message = anyText('message').refine((text) => text !== '', { error: 'message must not be empty' })
const sender = shortText('sender', SENDER_CHARS_MAX).default(DEFAULT_SENDER)
const timeoutMs = milliseconds('timeoutMs', TIMEOUT_MS_MIN, TIMEOUT_MS_MAX).optional()

const taskMembers = {
  agent: anyText('agent')
    .refine((text) => text !== '', { error: 'agent must not be empty' })
    .optional(),
  skill: anyText('skill')
    .refine((text) => text !== '', { error: 'skill must not be empty' })
    .optional(),
  message,
  sender,
  timeoutMs,
  conversationId: filledText('conversationId', ID_CHARS_MAX).optional(),
  hops: z.int({ error: 'hops must be a whole number' }).min(0, { error: 'hops must be 0 or more' }).optional(),
}

const ONE_TARGET = 'Give either agent (a name) or skill, not both and not neither'
const hasOneTarget = (body: { agent?: string | undefined; skill?: string | undefined }) =>
  (body.agent === undefined) !== (body.skill === undefined)

/** Body of `POST /task`. */
export const taskRequest = z.object(taskMembers).refine(hasOneTarget, { error: ONE_TARGET })
/** Body of `POST /tasks`: as `/task`, plus how long the task may wait for its agent. */
export const durableTaskRequest = z
  .object({ ...taskMembers, ttlMs: milliseconds('ttlMs', TTL_MS_MIN, TTL_MS_MAX).optional() })
  .refine(hasOneTarget, { error: ONE_TARGET })
/** Body of `POST /broadcast`. */
export const broadcastRequest = z.object({ message, sender, timeoutMs })

/** Query of `GET /tasks`. */
export const taskListQuery = z.object({
  state: z.enum(TASK_STATES, { error: `state must be one of ${TASK_STATES.join(', ')}` }).optional(),
  agent: anyText('agent').optional(),
  limit: z.coerce
    .number({ error: `limit must be a whole number from 1 to ${TASK_PAGE_MAX}` })
    .int({ error: `limit must be a whole number from 1 to ${TASK_PAGE_MAX}` })
    .min(1, { error: `limit must be a whole number from 1 to ${TASK_PAGE_MAX}` })
    .max(TASK_PAGE_MAX, { error: `limit must be a whole number from 1 to ${TASK_PAGE_MAX}` })
    .default(TASK_PAGE_DEFAULT),
  cursor: shortText('cursor', 512).optional(),
})

/** `POST /task`, parsed. */
export type TaskRequest = z.output<typeof taskRequest>
/** `POST /tasks`, parsed. */
export type DurableTaskRequest = z.output<typeof durableTaskRequest>
/** `POST /broadcast`, parsed. */
export type BroadcastRequest = z.output<typeof broadcastRequest>
/** `GET /tasks`, parsed. */
export type TaskListQuery = z.output<typeof taskListQuery>

const parseBody = <Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> => {
  const parsed = schema.safeParse(body)
  if (parsed.success) return parsed.data
  const isObject = typeof body === 'object' && body !== null && !Array.isArray(body)
  throw new ProtocolError('bad_request', isObject ? describeIssues(parsed.error) : 'The body must be a JSON object.')
}

const refuseLoop = <Request extends { hops?: number | undefined }>(request: Request): Request => {
  if ((request.hops ?? 0) <= HOPS_MAX) return request
  throw new ProtocolError('loop_detected', `The work was passed on more than ${HOPS_MAX} times.`)
}

/** @throws {ProtocolError} `bad_request`, or `loop_detected` above 8 hops */
export const parseTaskRequest = (body: unknown): TaskRequest => refuseLoop(parseBody(taskRequest, body))
/** @throws {ProtocolError} `bad_request`, or `loop_detected` above 8 hops */
export const parseDurableTaskRequest = (body: unknown): DurableTaskRequest =>
  refuseLoop(parseBody(durableTaskRequest, body))
/** @throws {ProtocolError} `bad_request` */
export const parseBroadcastRequest = (body: unknown): BroadcastRequest => parseBody(broadcastRequest, body)
/** @throws {ProtocolError} `bad_request` */
export const parseTaskListQuery = (query: unknown): TaskListQuery => parseBody(taskListQuery, query)

const code = z.enum(ERROR_CODES)

/** Answer of `GET /health`. */
export const healthAnswer = z.looseObject({
  status: z.enum(['ok', 'degraded', 'draining']),
  agents: z.int(),
  uptime: z.int(),
  version: z.string(),
})

/** One agent of `GET /agents`. */
export const agentView = z.looseObject({
  id: z.string(),
  name: z.string(),
  workspace: z.string(),
  skills: z.array(z.string()),
  connectedAt: z.iso.datetime(),
  lastSeen: z.iso.datetime(),
  inFlight: z.int(),
  protocol: z.int(),
  maxConcurrency: z.int().optional(),
  description: z.string().optional(),
  version: z.string().optional(),
})

/** Answer of `GET /agents`. */
export const agentsAnswer = z.object({ agents: z.array(agentView) })

/** Successful answer of `POST /task`. */
export const taskAnswer = z.looseObject({
  success: z.literal(true),
  agent: z.string(),
  response: z.string(),
  taskId: z.string(),
})

/** One entry of a broadcast's `results`. */
export const broadcastResult = z.discriminatedUnion('success', [
  z.looseObject({ success: z.literal(true), agent: z.string(), response: z.string() }),
  z.looseObject({ success: z.literal(false), agent: z.string(), error: z.string(), code }),
])

/** Answer of `POST /broadcast`. */
export const broadcastAnswer = z.object({ results: z.array(broadcastResult) })

/** A durable task as callers see it. */
export const taskView = z.object({
  id: z.string(),
  state: z.enum(TASK_STATES),
  agent: z.string().optional(),
  skill: z.string().optional(),
  message: z.string(),
  sender: z.string(),
  conversationId: z.string().optional(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  deadline: z.iso.datetime().optional(),
  attempts: z.int(),
  response: z.string().optional(),
  error: z.string().optional(),
  code: z.string().optional(),
})

/** Answer of `GET /tasks`. */
export const taskListAnswer = z.object({ tasks: z.array(taskView), nextCursor: z.string().optional() })

/** One event of `GET /tasks/{id}/events`. */
export const taskEvent = z.discriminatedUnion('event', [
  z.object({ event: z.literal('snapshot'), data: taskView }),
  z.object({ event: z.literal('state'), data: taskView }),
  z.object({
    event: z.literal('progress'),
    data: z.object({ message: z.string().optional(), percent: z.number().optional() }),
  }),
  z.object({ event: z.literal('delta'), data: z.object({ seq: z.int(), text: z.string() }) }),
])

/**
 * Every failure of the REST side. `error` repeats `detail` for clients that
 * were written before problem documents.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9457
 */
export const problem = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code,
  error: z.string(),
  success: z.literal(false).optional(),
  agent: z.string().optional(),
  suggestions: z.array(z.string()).optional(),
  skill: z.string().optional(),
})

/** One agent of `GET /agents`. */
export type AgentView = z.output<typeof agentView>
/** One entry of a broadcast's `results`. */
export type BroadcastResult = z.output<typeof broadcastResult>
/** A durable task as callers see it. */
export type TaskView = z.output<typeof taskView>
/** One event of a task's stream. */
export type TaskEvent = z.output<typeof taskEvent>
/** A problem document. */
export type Problem = z.output<typeof problem>
/** Answer of `GET /health`. */
export type HealthAnswer = z.output<typeof healthAnswer>
