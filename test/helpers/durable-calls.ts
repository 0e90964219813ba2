import { eventsOf, follow } from './event-reader.ts'
import type { Answer } from './http-call.ts'
import type { Peer } from './peer.ts'
import type { TestHub } from './start-hub.ts'

/** A durable task as a caller sees it, unchecked but for its id. */
export interface Task {
  readonly [member: string]: unknown
  readonly id: string
}

/** A task as an event carries it. */
type SentTask = { readonly [member: string]: unknown }

const STEP_MS = 1_000

const toTask = (answer: Answer, status: number): Task => {
  const id = answer.body?.['id']
  if (answer.status === status && typeof id === 'string') return { ...answer.body, id }
  throw new Error(`${answer.status} ${answer.text}`)
}

/** Sends a durable task; to the agent `a` unless told otherwise. @throws {Error} when it is not taken */
export const submit = async (hub: TestHub, body: object = {}): Promise<Task> => {
  const target = 'skill' in body ? {} : { agent: 'a' }
  return toTask(await hub.post('/tasks', { ...target, message: 'do it', ...body }), 202)
}

/** The task as it is now. @throws {Error} when there is none */
export const findTask = async (hub: TestHub, taskId: string): Promise<Task> =>
  toTask(await hub.get(`/tasks/${taskId}`), 200)

/** Waits until the task is over. @returns it, as its followers hear it last */
export const endOf = async (hub: TestHub, taskId: string): Promise<SentTask> => {
  await using reader = await follow(hub, eventsOf(taskId))
  return (await reader.all()).at(-1)?.data ?? {}
}

/** Lets time pass in small steps, in which these agents read, write and show that they live. */
export const passTime = async (hub: TestHub, ms: number, ...agents: readonly Peer[]): Promise<void> => {
  for (let left = ms; left > 0; left -= STEP_MS) {
    hub.advance(Math.min(left, STEP_MS))
    for (const agent of agents) await agent.settle()
  }
  await hub.get('/ready')
}
