import { isTerminal, toMatchKey } from '@ai-comms/shared'
import type { DurableFacts, DurableTask, LiveDurableTask } from '../../core/durable/durable-task.ts'
import type { ChangeRow, TaskRow } from './columns.ts'

const toAgentKey = ({ agent, target }: DurableTask): string | null => {
  if (agent !== undefined) return toMatchKey(agent)
  return target.kind === 'agent' ? target.key : null
}

/** The changing part of a task. */
export const toChangeRow = (task: DurableTask): ChangeRow => [
  task.state,
  task.agent ?? null,
  toAgentKey(task),
  'instanceKey' in task ? (task.instanceKey ?? null) : null,
  task.updatedAt,
  task.attempts,
  'error' in task ? task.error : null,
  'code' in task ? task.code : null,
  isTerminal(task.state) ? task.updatedAt : null,
  'response' in task ? task.response : null,
  task.id,
]

/** A whole task, to be stored. */
export const toTaskRow = (task: DurableTask): TaskRow => {
  const { target } = task
  const [state, agent, agentKey, instanceKey, updatedAt, attempts, error, code, endedAt, response] = toChangeRow(task)
  return [
    task.id,
    state,
    target.kind,
    target.kind === 'agent' ? target.name : target.skill,
    target.key,
    agent,
    agentKey,
    instanceKey,
    task.sender,
    task.conversationId ?? null,
    task.hops,
    task.traceparent ?? null,
    task.createdAt,
    updatedAt,
    task.expiresAt,
    task.timeoutAt ?? null,
    attempts,
    error,
    code,
    endedAt,
    task.message,
    response,
  ]
}

const toFacts = (row: TaskRow): DurableFacts => {
  const [id, , kind, name, key, , , , sender, conversationId, hops, traceparent, createdAt, updatedAt] = row
  return {
    id,
    target: kind === 'agent' ? { kind, name, key } : { kind, skill: name, key },
    message: row[20],
    sender,
    conversationId: conversationId ?? undefined,
    hops,
    traceparent: traceparent ?? undefined,
    createdAt,
    updatedAt,
    expiresAt: row[14],
    timeoutAt: row[15] ?? undefined,
    attempts: row[16],
  }
}

/** A stored task as the core knows it. The table's checks see to it that each state has what it needs. */
export const toTask = (row: TaskRow): DurableTask => {
  const facts = toFacts(row)
  const state = row[1]
  const agent = row[5] ?? undefined
  switch (state) {
    case 'submitted':
      return { ...facts, state, agent, instanceKey: row[7] ?? undefined }
    case 'working':
      return { ...facts, state, agent: agent ?? '', instanceKey: row[7] ?? undefined }
    case 'completed':
      return { ...facts, state, agent: agent ?? '', response: row[21] ?? '' }
    case 'failed':
    case 'canceled':
    case 'rejected':
      return { ...facts, state, agent, code: row[18] ?? 'internal', error: row[17] ?? '' }
    default:
      return state satisfies never
  }
}

/** Whether a task that was read is not over. */
export const isLive = (task: DurableTask): task is LiveDurableTask => !isTerminal(task.state)
