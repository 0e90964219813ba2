import type { ActionBook, ActionReading } from '../../core/commands/actions.ts'
import type { Tool, ToolCall } from '../../core/ports.ts'
import { ACTION_ROWS, type ActionRow } from './table.ts'

const ROWS: ReadonlyMap<string, ActionRow> = new Map(ACTION_ROWS.map((row) => [row.tool.name, row]))

/** Everything that a model may ask for in a person's name. */
export const PERSON_TOOLS: readonly Tool[] = ACTION_ROWS.map(({ tool }) => tool)

/** Small models fill in what they leave out: nothing and an empty text are as good as a member that is not there. */
const withoutEmpty = (input: unknown): unknown => {
  if (input === undefined || input === null) return {}
  if (typeof input !== 'object' || Array.isArray(input)) return input
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== null && value !== ''))
}

/** Reads what a model asks for; whatever is not exactly one of the actions is refused. */
export const readAction = ({ tool, input }: ToolCall): ActionReading =>
  ROWS.get(tool)?.read(withoutEmpty(input)) ?? { ok: false, complaint: 'There is no such action.' }

/** What a model may ask for in a person's name. */
export const PERSON_ACTIONS: ActionBook = { tools: PERSON_TOOLS, read: readAction }
