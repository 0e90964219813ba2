import { z } from 'zod'
import { type ErrorCode, ProtocolError } from './errors.ts'
import {
  AGENT_ERROR_CODE_CHARS_MAX,
  DESCRIPTION_CHARS_MAX,
  ID_CHARS_MAX,
  PROGRESS_CHARS_MAX,
  SKILL_CHARS_MAX,
  SKILLS_MAX,
  VERSION_CHARS_MAX,
  WORKSPACE_CHARS_MAX,
} from './limits.ts'
import { anyText, describeIssues, filledText, isAgentName, shortText } from './text.ts'

const requestId = filledText('requestId', ID_CHARS_MAX)
const count = (member: string) => z.int({ error: `${member} must be a whole number` })

const name = anyText('name')
  .default('')
  .transform((text) => (text === '' ? 'unnamed' : text.normalize('NFKC')))
  .refine(isAgentName, {
    error:
      'name must be 1 to 64 characters: a letter or digit first, then letters, digits, marks, ".", "_", "-" or inner spaces',
  })

/** First frame of an agent. `protocol: 2` opts in to everything that level 1 does not know. */
export const registerFrame = z.object({
  type: z.literal('register'),
  name,
  workspace: shortText('workspace', WORKSPACE_CHARS_MAX).default(''),
  skills: z
    .array(shortText('each skill', SKILL_CHARS_MAX), { error: 'skills must be a list of strings' })
    .max(SKILLS_MAX, { error: `skills must be at most ${SKILLS_MAX}` })
    .default([]),
  secret: anyText('secret').optional(),
  protocol: count('protocol').min(1, { error: 'protocol must be 1 or more' }).optional(),
  instanceId: filledText('instanceId', ID_CHARS_MAX).optional(),
  maxConcurrency: count('maxConcurrency').min(1, { error: 'maxConcurrency must be 1 or more' }).optional(),
  description: shortText('description', DESCRIPTION_CHARS_MAX).optional(),
  version: shortText('version', VERSION_CHARS_MAX).optional(),
})

/**
 * An agent's answer. `response` is null when the agent sent something that is
 * no string: the hub then says `bad_response` and ends the task.
 */
export const taskResponseFrame = z.object({
  type: z.literal('task-response'),
  requestId,
  response: z
    .unknown()
    .optional()
    .transform((value) => (typeof value === 'string' ? value.toWellFormed() : null)),
})

/** An agent's failure. `error` is null when the agent gave no readable reason; the task ends all the same. */
export const taskErrorFrame = z.object({
  type: z.literal('task-error'),
  requestId,
  error: z
    .unknown()
    .optional()
    .transform((value) => (typeof value === 'string' ? value.toWellFormed() : null)),
  code: shortText('code', AGENT_ERROR_CODE_CHARS_MAX).optional(),
  retryable: z.boolean({ error: 'retryable must be true or false' }).optional(),
})

/** The work has begun (level 2). */
export const taskAcceptedFrame = z.object({ type: z.literal('task-accepted'), requestId })

/** Still alive (level 2). */
export const taskProgressFrame = z.object({
  type: z.literal('task-progress'),
  requestId,
  message: shortText('message', PROGRESS_CHARS_MAX).optional(),
  percent: z
    .number({ error: 'percent must be a number' })
    .min(0, { error: 'percent must be 0 to 100' })
    .max(100, { error: 'percent must be 0 to 100' })
    .optional(),
})

/** A piece of a streamed answer (level 2). */
export const taskDeltaFrame = z.object({
  type: z.literal('task-delta'),
  requestId,
  seq: count('seq').min(0, { error: 'seq must be 0 or more' }),
  text: anyText('text'),
})

/** A direct message to another agent, by name. */
export const agentMessageFrame = z.object({
  type: z.literal('agent-message'),
  target: anyText('target'),
  message: anyText('message'),
  hops: count('hops').min(0, { error: 'hops must be 0 or more' }).optional(),
})

/** Application heartbeat. */
export const pingFrame = z.object({ type: z.literal('ping') })

const agentFrameKinds = [
  taskResponseFrame,
  taskErrorFrame,
  taskAcceptedFrame,
  taskProgressFrame,
  taskDeltaFrame,
  agentMessageFrame,
  pingFrame,
] as const

/** Types that a registered agent may send. */
export const AGENT_FRAME_TYPES = agentFrameKinds.map((kind) => kind.shape.type.value)
const KNOWN_TYPES = new Set<unknown>(AGENT_FRAME_TYPES)

const agentFrame = z.discriminatedUnion('type', agentFrameKinds, {
  error: `type must be one of ${AGENT_FRAME_TYPES.join(', ')}`,
})

/** The registration, parsed. */
export type RegisterFrame = z.output<typeof registerFrame>
/** The registration as an agent writes it. */
export type RegisterFrameInput = z.input<typeof registerFrame>
/** Every frame that a registered agent may send. */
export type AgentFrame = z.output<typeof agentFrame>
/** Every frame that an agent may send, as it writes it. */
export type AgentFrameInput = z.input<typeof agentFrame> | RegisterFrameInput

/** What the hub tells an agent about its bounds. */
const limits = z.object({ maxPayload: z.int(), maxInFlight: z.int() })

const hubFrame = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('registered'),
    agentId: z.string(),
    message: z.string(),
    protocol: z.int().optional(),
    heartbeatMs: z.int().optional(),
    limits: limits.optional(),
  }),
  z.object({
    type: z.literal('task'),
    requestId: z.string(),
    message: z.string(),
    sender: z.string(),
    deadline: z.string().optional(),
    attempt: z.int().optional(),
    conversationId: z.string().optional(),
    hops: z.int().optional(),
    traceparent: z.string().optional(),
  }),
  z.object({ type: z.literal('task-cancel'), requestId: z.string(), reason: z.string() }),
  z.object({ type: z.literal('agent-message'), from: z.string(), message: z.string() }),
  z.object({ type: z.literal('pong') }),
  z.object({
    type: z.literal('event'),
    event: z.string(),
    name: z.string().optional(),
    workspace: z.string().optional(),
    skills: z.array(z.string()).optional(),
  }),
  z.object({
    type: z.literal('error'),
    error: z.string(),
    code: z.string().optional(),
    requestId: z.string().optional(),
  }),
])

/** Every frame that a hub may send, as an agent reads it: events and codes it does not know are no mistake. */
export type HubFrame = z.output<typeof hubFrame>
/** One kind of hub frame. */
export type HubFrameOf<Type extends HubFrame['type']> = Extract<HubFrame, { type: Type }>
/** A presence event, as the hub writes it. */
export type PresenceFrame =
  | { type: 'event'; event: 'agent-joined'; name: string; workspace: string; skills: string[] }
  | { type: 'event'; event: 'agent-left'; name: string }
  | { type: 'event'; event: 'hub-shutdown' }
/** The frame that says no. */
export type ErrorFrame = { type: 'error'; error: string; code: ErrorCode; requestId?: string }

/** Types that a hub may send. */
export const HUB_FRAME_TYPES = hubFrame.options.map((option) => option.shape.type.value)

const readObject = (text: string): Record<string, unknown> => {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new ProtocolError('bad_json', 'The frame is not JSON; send one JSON object per frame.', { cause })
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ProtocolError('bad_request', 'The frame is not a JSON object; send one JSON object per frame.')
  }
  return value as Record<string, unknown>
}

/**
 * Reads an agent's first frame, in two steps so that the hub can look at the
 * credential before it looks at anything else: `secret` is whatever came.
 *
 * @throws {ProtocolError} `not_registered` when it is no `register` object
 */
export const readRegistration = (text: string): { secret: unknown; parse: () => RegisterFrame } => {
  let frame: Record<string, unknown>
  try {
    frame = readObject(text)
  } catch (cause) {
    throw new ProtocolError('not_registered', 'The first frame must be a JSON object of type "register".', { cause })
  }
  if (frame['type'] !== 'register') {
    throw new ProtocolError('not_registered', 'The first frame must be of type "register".')
  }
  return {
    secret: frame['secret'],
    parse: () => {
      const parsed = registerFrame.safeParse(frame)
      if (parsed.success) return parsed.data
      throw new ProtocolError('bad_request', describeIssues(parsed.error))
    },
  }
}

/**
 * Reads a frame of a registered agent.
 *
 * @throws {ProtocolError} `bad_json`, `bad_request`, `unknown_type`, or `already_registered` for a second `register`
 */
export const parseAgentFrame = (text: string): AgentFrame => {
  const frame = readObject(text)
  const parsed = agentFrame.safeParse(frame)
  if (parsed.success) return parsed.data
  const type = frame['type']
  if (type === 'register') throw new ProtocolError('already_registered', 'This socket is registered already.')
  if (typeof type === 'string' && !KNOWN_TYPES.has(type)) {
    throw new ProtocolError('unknown_type', `Unknown frame type; known are ${AGENT_FRAME_TYPES.join(', ')}.`)
  }
  const given = frame['requestId']
  throw new ProtocolError('bad_request', describeIssues(parsed.error), {
    ...(typeof given === 'string' && given.length <= ID_CHARS_MAX ? { requestId: given } : {}),
  })
}

/**
 * Reads a frame of a hub, or undefined for a type that this version does not
 * know: a newer hub may send more, and an older agent must live on.
 *
 * @throws {ProtocolError} `bad_json` or `bad_request`
 */
export const parseHubFrame = (text: string): HubFrame | undefined => {
  const frame = readObject(text)
  const parsed = hubFrame.safeParse(frame)
  if (parsed.success) return parsed.data
  const type = frame['type']
  if (typeof type === 'string' && !HUB_FRAME_TYPES.some((known) => known === type)) return undefined
  throw new ProtocolError('bad_request', describeIssues(parsed.error))
}
