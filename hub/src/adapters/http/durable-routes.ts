import { createHash } from 'node:crypto'
import {
  canonicalJson,
  type DurableTaskRequest,
  isAgentName,
  LIMITS,
  ProtocolError,
  parseDurableTaskRequest,
  parseTaskListQuery,
  toMatchKey,
} from '@ai-comms/shared'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { DurableTask } from '../../core/durable/durable-task.ts'
import { toTaskView } from '../../core/durable/task-view.ts'
import type { Hub } from '../../core/hub.ts'
import { readCredentialId } from './authenticate.ts'
import { EventStream } from './event-stream.ts'
import { onceClosed } from './once-closed.ts'
import { readTraceparent } from './trace-context.ts'

const JSON_TYPE = 'application/json; charset=utf-8'
/** What may stand in a header without quoting. */
const VISIBLE_ASCII = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/
const EVENT_ID = /^\d{1,15}$/

interface ById {
  readonly Params: { readonly id: string }
}

const sendTask = (reply: FastifyReply, task: DurableTask): void => {
  reply.header('content-type', JSON_TYPE).send(JSON.stringify(toTaskView(task)))
}

/** A task that waits for a name or skill that nobody can ever have would only wait for its end. */
const refuseImpossible = ({ agent, skill }: DurableTaskRequest): void => {
  if (agent !== undefined && !isAgentName(agent.normalize('NFKC'))) {
    throw new ProtocolError(
      'bad_request',
      `agent must be a name that an agent can have: 1 to ${LIMITS.NAME_CHARS_MAX} letters, digits, ".", "_", "-" or inner spaces.`,
    )
  }
  if (skill !== undefined && [...skill].length > LIMITS.SKILL_CHARS_MAX) {
    throw new ProtocolError('bad_request', `skill must be at most ${LIMITS.SKILL_CHARS_MAX} characters.`)
  }
}

const readIdempotencyKey = (request: FastifyRequest): string | undefined => {
  const key = request.headers['idempotency-key']
  if (key === undefined) return undefined
  if (typeof key === 'string' && key.length <= LIMITS.IDEMPOTENCY_KEY_CHARS_MAX && VISIBLE_ASCII.test(key)) return key
  throw new ProtocolError(
    'bad_request',
    `Idempotency-Key must be 1 to ${LIMITS.IDEMPOTENCY_KEY_CHARS_MAX} printable ASCII characters.`,
  )
}

/** The digest of what a request asks for, whatever the order and spacing of its members. */
const toDigest = (task: DurableTaskRequest): string =>
  createHash('sha256').update(canonicalJson(task)).digest('base64url')

const readLastEventId = (request: FastifyRequest): number | undefined => {
  const header = request.headers['last-event-id']
  return typeof header === 'string' && EVENT_ID.test(header) ? Number(header) : undefined
}

/** `/tasks…`: work that is kept until it is done. */
export const addDurableRoutes = (server: FastifyInstance, { durable }: Hub): void => {
  server.post('/tasks', async (request, reply) => {
    const parsed = parseDurableTaskRequest(request.body)
    refuseImpossible(parsed)
    const key = readIdempotencyKey(request)
    const known =
      key === undefined ? undefined : { credential: readCredentialId(request), key, digest: toDigest(parsed) }
    const { task, isReplay } = await durable.submit(parsed, readTraceparent(request), known)
    reply.code(202).header('location', `/tasks/${task.id}`)
    if (isReplay) reply.header('idempotent-replay', 'true')
    sendTask(reply, task)
    return reply
  })

  server.get('/tasks', async (request, reply) => {
    const { state, agent, limit, cursor } = parseTaskListQuery(request.query)
    const agentKey = agent === undefined ? undefined : toMatchKey(agent)
    const { tasks, nextCursor } = await durable.lookup.list({ state, agentKey, limit, cursor })
    const answer = { tasks: tasks.map(toTaskView), ...(nextCursor === undefined ? {} : { nextCursor }) }
    reply.header('content-type', JSON_TYPE).send(JSON.stringify(answer))
    return reply
  })

  server.get<ById>('/tasks/:id', async (request, reply) => {
    sendTask(reply, await durable.lookup.find(request.params.id))
    return reply
  })

  server.get<ById>('/tasks/:id/events', async (request, reply) => {
    const isHead = request.method === 'HEAD'
    const stream = new EventStream(reply, isHead)
    const leave = await durable.lookup.follow(request.params.id, stream, readLastEventId(request))
    // It has heard the end: without this answer a browser would come back for ever
    if (leave === undefined) return reply.code(204).send()
    onceClosed(stream.begin(), leave)
    return reply
  })

  server.post<ById>('/tasks/:id/cancel', async (request, reply) => {
    sendTask(reply, await durable.cancel(request.params.id))
    return reply
  })
}
