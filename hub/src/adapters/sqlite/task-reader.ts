import { isTerminal, TASK_STATES } from '@ai-comms/shared'
import type Database from 'better-sqlite3'
import { TASK_COLUMNS, type TaskRow } from './columns.ts'
import type { RowPage, RowQuery } from './lines.ts'

/** So many open tasks are read at once. */
const OPEN_ROWS_MAX = 256
/** A page ends once its texts have so many characters, so that no page is much larger than the largest task. */
const PAGE_CHARACTERS_MAX = 4 * 1_048_576

const SELECT = `SELECT ${TASK_COLUMNS.join(', ')}, seq FROM tasks`

/** One list from several indexed ones: each gives its first few places, so that nothing is read in vain. */
const merge = (parts: readonly string[], order: string) =>
  `${SELECT} WHERE seq IN (${parts.map((part) => `SELECT * FROM (${part})`).join(' UNION ALL ')})
    ORDER BY seq ${order} LIMIT @limit`

const placesOf = (condition: string) =>
  `SELECT seq FROM tasks WHERE ${condition} AND seq < @before ORDER BY seq DESC LIMIT @limit`

const LIST_ALL = `${SELECT} WHERE seq < @before ORDER BY seq DESC LIMIT @limit`
const LIST_STATE = merge([placesOf('state = @state')], 'DESC')
const LIST_BOTH = merge([placesOf('agent_key = @agentKey AND state = @state')], 'DESC')
const LIST_AGENT = merge(
  TASK_STATES.map((state) => placesOf(`agent_key = @agentKey AND state = '${state}'`)),
  'DESC',
)
const READ_OPEN = merge(
  TASK_STATES.filter((state) => !isTerminal(state)).map(
    (state) => `SELECT seq FROM tasks WHERE state = '${state}' AND seq > @after ORDER BY seq LIMIT @limit`,
  ),
  'ASC',
)

const toPage = (rows: Iterable<TaskRow>, limit: number): RowPage => {
  const page: TaskRow[] = []
  let characters = 0
  let last: number | undefined
  for (const row of rows) {
    if (page.length === limit || (page.length > 0 && characters >= PAGE_CHARACTERS_MAX)) {
      return { rows: page, next: last }
    }
    page.push(row)
    characters += row[20].length + (row[21]?.length ?? 0)
    last = row[22]
  }
  return { rows: page, next: undefined }
}

type ListValues = Omit<RowQuery, 'state' | 'agentKey'> & {
  readonly [name in 'state' | 'agentKey']?: string | undefined
}

/** Reads tasks; each read sees all that was written before it began. */
export class TaskReader {
  readonly #find: Database.Statement<[string], TaskRow>
  readonly #readOpen: Database.Statement<[{ after: number; limit: number }], TaskRow>
  readonly #lists: { readonly [name in 'all' | 'state' | 'agent' | 'both']: Database.Statement<[ListValues], TaskRow> }

  constructor(database: Database.Database) {
    const prepareList = (sql: string) => database.prepare<[ListValues], TaskRow>(sql).raw()
    this.#find = database.prepare<[string], TaskRow>(`${SELECT} WHERE id = ?`).raw()
    this.#readOpen = database.prepare<[{ after: number; limit: number }], TaskRow>(READ_OPEN).raw()
    this.#lists = {
      all: prepareList(LIST_ALL),
      state: prepareList(LIST_STATE),
      agent: prepareList(LIST_AGENT),
      both: prepareList(LIST_BOTH),
    }
  }

  find(taskId: string): TaskRow | undefined {
    return this.#find.get(taskId)
  }

  /** The newest first. */
  list(query: RowQuery): RowPage {
    const { state, agentKey, limit } = query
    const name =
      state === undefined ? (agentKey === undefined ? 'all' : 'agent') : agentKey === undefined ? 'state' : 'both'
    // One more than asked for tells whether there are more
    return toPage(this.#lists[name].iterate({ ...query, limit: limit + 1 }), limit)
  }

  /** Open tasks in the order of submission. */
  readOpen(after: number): RowPage {
    return toPage(this.#readOpen.iterate({ after, limit: OPEN_ROWS_MAX + 1 }), OPEN_ROWS_MAX)
  }
}
