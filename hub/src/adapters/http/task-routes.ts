import { type BroadcastResult, ProtocolError, parseBroadcastRequest, parseTaskRequest } from '@ai-comms/shared'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Hub } from '../../core/hub.ts'
import type { EndedTask } from '../../core/task.ts'
import { type ProblemExtras, sendProblem } from './problem.ts'

const JSON_TYPE = 'application/json; charset=utf-8'
/** Shape of a W3C trace context; anything else is not passed on. @see https://www.w3.org/TR/trace-context/ */
const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/
const HUNG_UP = 'The caller hung up.'

const readTraceparent = (request: FastifyRequest): string | undefined => {
  const header = request.headers['traceparent']
  return typeof header === 'string' && TRACEPARENT.test(header) ? header : undefined
}

const toRefusal = (task: Exclude<EndedTask, { state: 'completed' }>) => new ProtocolError(task.code, task.error)

const sendEnd = (reply: FastifyReply, task: EndedTask): void => {
  if (task.state !== 'completed') {
    sendProblem(reply, toRefusal(task), toFailureExtras(task.agent))
    return
  }
  const { id: taskId, agent, response } = task
  reply.header('content-type', JSON_TYPE).send(JSON.stringify({ success: true, agent, response, taskId }))
}

const toFailureExtras = (agent: unknown): ProblemExtras =>
  typeof agent === 'string' ? { success: false, agent } : { success: false }

/** What the failures of a route carry besides the problem's own members. */
export const toRouteExtras = (request: FastifyRequest): ProblemExtras | undefined => {
  if (request.routeOptions.url !== '/task') return undefined
  const { body } = request
  return toFailureExtras(typeof body === 'object' && body !== null && 'agent' in body ? body.agent : undefined)
}

const toResult = (task: EndedTask): BroadcastResult =>
  task.state === 'completed'
    ? { success: true, agent: task.agent, response: task.response, taskId: task.id }
    : { success: false, agent: task.agent ?? '', error: task.error, code: task.code, taskId: task.id }

/** Calls `act` when the caller goes away before its answer was written. */
const onHangUp = (reply: FastifyReply, act: () => void): void => {
  reply.raw.once('close', () => {
    if (!reply.raw.writableEnded) act()
  })
}

/** `POST /task` and `POST /broadcast`: the caller stays on the line until the answer is there. */
export const addTaskRoutes = (server: FastifyInstance, hub: Hub): void => {
  server.post('/task', (request, reply) => {
    const task = parseTaskRequest(request.body)
    const ended = (end: EndedTask) => sendEnd(reply, end)
    const taskId = hub.tasks.submit(task, { ended }, readTraceparent(request))
    onHangUp(reply, () => hub.tasks.cancel(taskId, HUNG_UP))
  })

  server.post('/broadcast', (request, reply) => {
    const broadcast = parseBroadcastRequest(request.body)
    const ended = (ends: readonly EndedTask[]) => {
      reply.header('content-type', JSON_TYPE).send(JSON.stringify({ results: ends.map(toResult) }))
    }
    try {
      const taskIds = hub.tasks.broadcast(broadcast, ended)
      onHangUp(reply, () => {
        for (const taskId of taskIds) hub.tasks.cancel(taskId, HUNG_UP)
      })
    } catch (error) {
      if (!(error instanceof ProtocolError) || error.code !== 'rate_limited') throw error
      // Existing clients read `results` whatever the status says
      const results = [{ success: false, agent: 'hub', error: error.detail, code: error.code }]
      sendProblem(reply, error, { results })
    }
  })
}
