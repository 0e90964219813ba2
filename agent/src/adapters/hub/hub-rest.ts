import {
  type AgentView,
  agentsAnswer,
  type BroadcastResult,
  broadcastAnswer,
  type HealthAnswer,
  healthAnswer,
  LIMITS,
  type TaskEvent,
  type TaskView,
  taskAnswer,
  taskView,
} from '@ai-comms/shared'
import type { AgentAnswer, DurableHubTask, HubCalls, HubTask } from '../../core/hub-calls.ts'
import { isHealthStatus } from './hub-routes.ts'
import { readAnswer } from './rest-answer.ts'
import { RestLine, type RestParts } from './rest-line.ts'
import { TaskWatch } from './watch-task.ts'

const toBody = ({ target, message, sender, timeoutMs }: HubTask) => ({
  ...target,
  message,
  sender,
  ...(timeoutMs === undefined ? {} : { timeoutMs }),
})

/** The hub's REST routes. The credential travels in its header alone, and stands in no error. */
export class HubRest implements HubCalls {
  readonly #line: RestLine

  constructor(parts: RestParts) {
    this.#line = new RestLine(parts)
  }

  async readHealth(): Promise<HealthAnswer> {
    return readAnswer(healthAnswer, await this.#line.ask('health'), isHealthStatus)
  }

  async listAgents(): Promise<readonly AgentView[]> {
    return readAnswer(agentsAnswer, await this.#line.ask('agents')).agents
  }

  async callAgent(task: HubTask, signal?: AbortSignal): Promise<AgentAnswer> {
    const answer = await this.#line.ask('task', {
      method: 'POST',
      body: toBody(task),
      signal,
      headMsMax: (task.timeoutMs ?? LIMITS.TIMEOUT_MS_DEFAULT) + this.#line.bounds.slackMs,
    })
    const { agent, response, taskId } = readAnswer(taskAnswer, answer)
    return { agent, response, taskId }
  }

  async broadcast(message: string, sender: string): Promise<readonly BroadcastResult[]> {
    const answer = await this.#line.ask('broadcast', {
      method: 'POST',
      body: { message, sender },
      headMsMax: LIMITS.TIMEOUT_MS_DEFAULT + this.#line.bounds.slackMs,
    })
    return readAnswer(broadcastAnswer, answer).results
  }

  async submitTask(task: DurableHubTask, signal?: AbortSignal): Promise<TaskView> {
    const answer = await this.#line.ask('tasks', {
      method: 'POST',
      headers: { 'idempotency-key': task.idempotencyKey },
      body: { ...toBody(task), ...(task.ttlMs === undefined ? {} : { ttlMs: task.ttlMs }) },
      signal,
    })
    return readAnswer(taskView, answer)
  }

  watchTask(taskId: string, onEvent: (event: TaskEvent) => void, signal: AbortSignal): Promise<TaskView> {
    return new TaskWatch(this.#line, taskId, onEvent, signal).run()
  }

  async cancelTask(taskId: string): Promise<TaskView> {
    const path = `tasks/${encodeURIComponent(taskId)}/cancel`
    return readAnswer(taskView, await this.#line.ask(path, { method: 'POST' }))
  }
}
