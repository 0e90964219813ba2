import { eventsOf, follow } from './event-reader.ts'
import type { HubLives } from './hub-lives.ts'

/** A task as `GET /tasks` shows it, unchecked. */
export interface ListedTask {
  readonly [member: string]: unknown
  readonly id: string
}

type Caller = Pick<HubLives, 'call' | 'url' | 'socketUrl' | 'secret'>

const listPage = async (hub: Caller, query: URLSearchParams): Promise<{ tasks: ListedTask[]; nextCursor?: string }> => {
  const { status, text } = await hub.call('GET', `/tasks?${query}`)
  if (status !== 200) throw new Error(`${status} ${text}`)
  return JSON.parse(text)
}

/** Every task, newest first, from page to page. */
export const listTasks = async (hub: Caller, query: Readonly<Record<string, string>> = {}): Promise<ListedTask[]> => {
  const all: ListedTask[] = []
  let cursor: string | undefined
  do {
    const page = await listPage(hub, new URLSearchParams({ ...query, ...(cursor !== undefined && { cursor }) }))
    all.push(...page.tasks)
    cursor = page.nextCursor
  } while (cursor !== undefined)
  return all
}

/** Waits until a task is over. @returns its last state */
export const untilOver = async (hub: Caller, taskId: string): Promise<unknown> => {
  await using reader = await follow(hub, eventsOf(taskId))
  const events = await reader.all()
  return events.at(-1)?.data['state']
}

/** Waits until no task is open any more. */
export const untilAllOver = async (hub: Caller): Promise<void> => {
  for (const state of ['submitted', 'working', 'submitted']) {
    for (const { id } of await listTasks(hub, { state, limit: '200' })) await untilOver(hub, id)
  }
}
