import { randomUUID } from 'node:crypto'
import { toMatchKey } from '@ai-comms/shared'
import {
  type CompletedDurableTask,
  cancel,
  complete,
  type DurableFacts,
  type DurableTarget,
  deliver,
  submit,
  type WaitingDurableTask,
} from '../core/durable/durable-task.ts'
import type { IdempotencyKey, TaskQuery, TaskStore } from '../core/durable/task-store.ts'

/** When stored tasks are made, unless a test says otherwise. */
export const MADE_AT = Date.UTC(2026, 0, 1)

/** A target by an agent's name. */
export const toAgent = (name: string): DurableTarget => ({ kind: 'agent', name, key: toMatchKey(name) })
/** A target by a skill. */
export const toSkill = (skill: string): DurableTarget => ({ kind: 'skill', skill, key: toMatchKey(skill) })

/** A task that was just submitted. */
export const newTask = (given: Partial<Omit<DurableFacts, 'attempts' | 'updatedAt'>> = {}): WaitingDurableTask =>
  submit({
    id: randomUUID(),
    target: toAgent('Atlas'),
    message: 'Plan a picnic',
    sender: 'bot',
    conversationId: undefined,
    hops: 0,
    traceparent: undefined,
    createdAt: MADE_AT,
    expiresAt: MADE_AT + 86_400_000,
    timeoutAt: undefined,
    ...given,
  })

/** The task in the hands of an agent. */
export const workOn = (task: WaitingDurableTask, agent = 'Atlas') =>
  deliver(task, { agent, instanceKey: `of ${agent}` }, task.updatedAt + 1)

/** The task, answered. */
export const answer = (task: WaitingDurableTask, at = task.updatedAt + 2): CompletedDurableTask =>
  complete(workOn(task), 'With sandwiches', at)

/** The task, called off before anybody had it. */
export const callOff = (task: WaitingDurableTask, at = task.updatedAt + 1) => cancel(task, 'No longer wanted', at)

/** A caller's promise about a request. */
export const keyOf = (given: Partial<IdempotencyKey> = {}): IdempotencyKey => ({
  credential: 'shared',
  key: 'picnic',
  digest: 'of the body',
  expiresAt: MADE_AT + 86_400_000,
  ...given,
})

/** A query for everything. */
export const queryOf = (given: Partial<TaskQuery> = {}): TaskQuery => ({
  state: undefined,
  agentKey: undefined,
  limit: 100,
  cursor: undefined,
  ...given,
})

/** Ids of one page, newest first. */
export const listIds = async (store: TaskStore, query: Partial<TaskQuery> = {}): Promise<string[] | undefined> => {
  const page = await store.list(queryOf(query))
  return page?.tasks.map(({ id }) => id)
}

/** Ids of all pages, newest first. */
export const listAllIds = async (store: TaskStore, query: Partial<TaskQuery> = {}): Promise<string[]> => {
  const ids: string[] = []
  let cursor: string | undefined
  do {
    const page = await store.list(queryOf({ ...query, cursor }))
    if (page === undefined) throw new Error('The store does not know its own cursor')
    ids.push(...page.tasks.map(({ id }) => id))
    cursor = page.nextCursor
  } while (cursor !== undefined)
  return ids
}

/** Ids of the tasks that are not over, in the order of submission. */
export const readOpenIds = async (store: TaskStore): Promise<string[]> => {
  const ids: string[] = []
  for await (const page of store.readOpen()) ids.push(...page.map(({ id }) => id))
  return ids
}
