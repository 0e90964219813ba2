import { cellsOf, toCharacters } from './cells.ts'
import type { Draft } from './draft.ts'

/** Rows of a terminal, and where the cursor stands in them. */
export interface Layout {
  readonly rows: readonly string[]
  readonly cursorRow: number
  /** What stands before the cursor in its row. */
  readonly beforeCursor: string
}

/** Begins the first row of what is being typed. */
export const PROMPT = '> '
/** Begins every other one. */
const INDENT = '  '
const TAB = '  '

/** Cuts a line into rows of at most so many cells. */
const toRows = (line: string, first: string, cellsMax: number): string[] => {
  const rows: string[] = []
  let row = first
  let cells = cellsOf(first)
  for (const character of toCharacters(line)) {
    const shown = character === '\t' ? TAB : character
    const width = cellsOf(shown)
    if (cells + width > cellsMax && row !== INDENT) {
      rows.push(row)
      row = INDENT
      cells = INDENT.length
    }
    row += shown
    cells += width
  }
  return [...rows, row]
}

const toAllRows = (text: string, cellsMax: number): string[] =>
  text.split('\n').flatMap((line, at) => toRows(line, at === 0 ? PROMPT : INDENT, cellsMax))

/** A text in rows, cut short after so many; for lines that tell of work. */
export const toNoteRows = (text: string, cellsMax: number, rowsMax: number): readonly string[] => {
  const rows = text.split('\n').flatMap((line) => toRows(line, '', cellsMax))
  return rows.length > rowsMax ? [...rows.slice(0, rowsMax - 1), '…'] : rows
}

/** What was sent, as it stays on the screen; of a very long one its beginning. */
export const toSentRows = (text: string, cellsMax: number, rowsMax: number): readonly string[] => {
  const rows = toAllRows(text, cellsMax)
  if (rows.length <= rowsMax) return rows
  return [...rows.slice(0, rowsMax), `${INDENT}… and ${rows.length - rowsMax} more lines`]
}

/**
 * Lays out what is being typed: at most so many rows, those around the cursor. No row is as wide as the terminal, since
 * terminals do not agree on where the cursor is after the last cell.
 */
export const layOut = ({ text, cursor }: Draft, cellsMax: number, rowsMax: number): Layout => {
  const rows = toAllRows(text, cellsMax)
  const before = toAllRows(text.slice(0, cursor), cellsMax)
  const row = before.length - 1
  const first = Math.max(0, row - rowsMax + 1)
  const shown = rows.slice(first, first + rowsMax)
  if (first > 0 && shown.length > 1) shown[0] = `${PROMPT}… ${first + 1} lines above`
  return { rows: shown, cursorRow: row - first, beforeCursor: before[row] ?? '' }
}
