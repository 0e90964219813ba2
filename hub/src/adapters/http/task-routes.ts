import {
  type BroadcastResult,
  ProtocolError,
  parseBroadcastRequest,
  parseTaskRequest,
  type TaskRequest,
} from '@ai-comms/shared'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Hub } from '../../core/hub.ts'
import type { EndedTask } from '../../core/task.ts'
import { EventStream, wantsEvents } from './event-stream.ts'
import { onceClosed } from './once-closed.ts'
import { type ProblemExtras, sendProblem } from './problem.ts'
import { readTraceparent } from './trace-context.ts'

const JSON_TYPE = 'application/json; charset=utf-8'
const HUNG_UP = 'The caller hung up.'

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
  const path = request.routeOptions.url
  if (path === undefined || !/^\/tasks?(?:\/|$)/.test(path)) return undefined
  const { body } = request
  return toFailureExtras(typeof body === 'object' && body !== null && 'agent' in body ? body.agent : undefined)
}

const toResult = (task: EndedTask): BroadcastResult =>
  task.state === 'completed'
    ? { success: true, agent: task.agent, response: task.response, taskId: task.id }
    : { success: false, agent: task.agent ?? '', error: task.error, code: task.code, taskId: task.id }

/** Calls `act` when the caller goes away before its answer was written. */
const onHangUp = (reply: FastifyReply, act: () => void): void => {
  onceClosed(reply.raw, () => {
    if (!reply.raw.writableEnded) act()
  })
}

/** Lets the caller watch its task. It begins with a snapshot, and whoever hangs up cancels the task, as without a stream. */
const streamTask = (hub: Hub, task: TaskRequest, request: FastifyRequest, reply: FastifyReply): void => {
  const stream = new EventStream(reply)
  let id = 0
  const taskId = hub.tasks.submit(
    task,
    {
      ended: (end) => {
        stream.tell({ id: ++id, event: 'state', data: hub.tasks.toView(end) })
        stream.end()
      },
      moved: (moved) => {
        const event = id === 0 ? 'snapshot' : 'state'
        stream.tell({ id: ++id, event, data: hub.tasks.toView(moved) })
      },
      progressed: (data) => stream.tell({ id: ++id, event: 'progress', data }),
      delta: (data) => stream.tell({ id: ++id, event: 'delta', data }),
    },
    readTraceparent(request),
  )
  onHangUp(reply, () => hub.tasks.cancel(taskId, HUNG_UP))
}

/** `POST /task` and `POST /broadcast`: the caller stays on the line until the answer is there. */
export const addTaskRoutes = (server: FastifyInstance, hub: Hub): void => {
  server.post('/task', (request, reply) => {
    const task = parseTaskRequest(request.body)
    if (wantsEvents(request.headers.accept)) {
      streamTask(hub, task, request, reply)
      return
    }
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
