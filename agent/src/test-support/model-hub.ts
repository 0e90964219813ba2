import type { AgentView, BroadcastResult, HealthAnswer, TaskEvent, TaskView } from '@ai-comms/shared'
import { type AgentAnswer, type DurableHubTask, HubCallError, type HubCalls } from '../core/hub-calls.ts'
import type { Clock } from '../core/ports.ts'

/** What an agent does with a task: after how long, and how it ends; one that hangs never answers by itself. */
export interface Work {
  readonly afterMs: number
  readonly does: 'answer' | 'fail' | 'hang'
}

/** What befalls a call: nothing, or it is lost on its way there or back. */
export type Trouble = 'none' | 'lost-there' | 'lost-back'

/** A task as the model knows it. */
export interface ModelTask {
  readonly key: string
  readonly agent: string
  readonly message: string
  view: TaskView
  /** When it began, and when it ended, in the order of all that happened. */
  readonly begunAt: number
  endedAt: number | undefined
}

/** What a model of the hub does. */
export interface ModelScript {
  readonly agents: readonly { readonly name: string; readonly skills: readonly string[] }[]
  readonly work: (task: DurableHubTask, agent: string) => Work
  /** Asked for each call, which is named by what it does and to which task. */
  readonly trouble: (call: string) => Trouble
}

/** What an agent answers: told apart from every other, so that a test sees where it ends up. */
export const resultOf = (key: string): string => `<result of ${key}>`

const isOver = ({ state }: TaskView) => state !== 'submitted' && state !== 'working'

/** A hub in memory that keeps the promises of durable tasks, and outlives the agents that ask it. */
export class ModelHub implements HubCalls {
  readonly tasks = new Map<string, ModelTask>()
  /** Repeats of a key with another body: whoever repeats a task must do it word for word. */
  conflicts = 0
  readonly #clock: Clock
  readonly #script: ModelScript
  readonly #watchers = new Map<string, Set<() => void>>()
  #happened = 0

  constructor(clock: Clock, script: ModelScript) {
    this.#clock = clock
    this.#script = script
  }

  async readHealth(): Promise<HealthAnswer> {
    return { status: 'ok', agents: this.#script.agents.length, uptime: 1, version: '0' }
  }

  async listAgents(): Promise<readonly AgentView[]> {
    const at = new Date(this.#clock.now()).toISOString()
    return this.#script.agents.map(({ name, skills }) => ({
      id: name,
      name,
      workspace: '',
      skills: [...skills],
      connectedAt: at,
      lastSeen: at,
      inFlight: 0,
      protocol: 2,
    }))
  }

  async callAgent(): Promise<AgentAnswer> {
    throw new HubCallError('bad_request', 'Teams do not stay on the line.')
  }

  async broadcast(): Promise<readonly BroadcastResult[]> {
    return []
  }

  async submitTask(task: DurableHubTask): Promise<TaskView> {
    const trouble = this.#script.trouble(`submit ${task.idempotencyKey}`)
    if (trouble === 'lost-there') throw new HubCallError('unreachable', 'Nobody listens.', { isPassing: true })
    const view = this.#take(task)
    if (trouble === 'lost-back') throw new HubCallError('no_answer', 'The line broke.', { isPassing: true })
    return view
  }

  async watchTask(taskId: string, onEvent: (event: TaskEvent) => void, signal: AbortSignal): Promise<TaskView> {
    const task = this.#find(taskId)
    await new Promise<void>((resolve, reject) => {
      const abort = () => reject(new HubCallError('canceled', 'It was given up.'))
      if (isOver(task.view)) resolve()
      else if (signal.aborted) abort()
      else {
        signal.addEventListener('abort', abort, { once: true })
        const watchers = this.#watchers.get(taskId) ?? new Set()
        this.#watchers.set(taskId, watchers.add(resolve))
      }
    })
    onEvent({ event: 'state', data: task.view })
    return task.view
  }

  async cancelTask(taskId: string): Promise<TaskView> {
    const trouble = this.#script.trouble(`cancel ${taskId}`)
    if (trouble === 'lost-there') throw new HubCallError('unreachable', 'Nobody listens.', { isPassing: true })
    const task = this.#find(taskId)
    this.#end(task, { state: 'canceled' })
    if (trouble === 'lost-back') throw new HubCallError('no_answer', 'The line broke.', { isPassing: true })
    return task.view
  }

  #find(taskId: string): ModelTask {
    const task = this.tasks.get(taskId)
    if (!task) throw new HubCallError('unknown_task', 'There is no such task.')
    return task
  }

  #take(task: DurableHubTask): TaskView {
    const { idempotencyKey: key, message, sender, timeoutMs = 0 } = task
    const agent = 'agent' in task.target ? task.target.agent : ''
    const known = [...this.tasks.values()].find((each) => each.key === key)
    if (known) {
      if (known.message === message && known.agent === agent) return known.view
      this.conflicts += 1
      throw new HubCallError('idempotency_conflict', 'The key came before with another body.')
    }
    const at = new Date(this.#clock.now()).toISOString()
    const id = `task-${this.tasks.size + 1}`
    const view: TaskView = { id, state: 'working', agent, message, sender, createdAt: at, updatedAt: at, attempts: 1 }
    const taken: ModelTask = { key, agent, message, view, begunAt: ++this.#happened, endedAt: undefined }
    this.tasks.set(id, taken)
    const { afterMs, does } = this.#script.work(task, agent)
    this.#clock.after(timeoutMs, () => this.#end(taken, { state: 'failed', code: 'task_timeout', error: 'Too late.' }))
    this.#clock.after(afterMs, () => {
      if (does === 'answer') this.#end(taken, { state: 'completed', response: resultOf(key) })
      if (does === 'fail') this.#end(taken, { state: 'failed', code: 'agent_error', error: 'No ink.' })
    })
    return view
  }

  #end(task: ModelTask, end: Partial<TaskView> & Pick<TaskView, 'state'>): void {
    if (isOver(task.view)) return
    task.view = { ...task.view, ...end }
    task.endedAt = ++this.#happened
    for (const tell of this.#watchers.get(task.view.id) ?? []) tell()
    this.#watchers.delete(task.view.id)
  }
}
