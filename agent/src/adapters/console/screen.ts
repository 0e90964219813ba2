import { cellsOf } from './cells.ts'
import { type Draft, EMPTY } from './draft.ts'
import { layOut, PROMPT, toNoteRows } from './layout.ts'

/** A terminal that is written to. */
export interface ScreenOutput extends NodeJS.WritableStream {
  readonly columns: number
  readonly rows: number
}

/** How something is set off, as a parameter of "Select Graphic Rendition". */
export const STYLES = { bold: '1', dim: '2', name: '1;36', working: '33' } as const
/** How something is set off. */
export type Style = keyof typeof STYLES

/** What a terminal that does not say its size has. */
const SIZE = { columns: 80, rows: 24 }
/** Rows of progress that are shown; more would push the conversation away. */
const PROGRESS_ROWS_MAX = 6

/** A window that has had its size for so long, in milliseconds, is not being dragged. */
const SETTLE_MS = 60

/** Select Graphic Rendition, Erase in Line, Erase in Display, Cursor Up: ECMA-48 §8.3. */
const ESC = '\u001b['
const ERASE_LINE_END = `${ESC}K`
const ERASE_BELOW = `${ESC}J`
const ERASE_ALL = `${ESC}H${ESC}2J`
const toUp = (rows: number): string => `\r${rows > 0 ? `${ESC}${rows}A` : ''}`

/** What the terminal does not know of a row: it may have broken it when it became narrower. */
interface Drawn {
  readonly cells: readonly number[]
  readonly cursorRow: number
  readonly cursorCells: number
}

const NOTHING: Drawn = { cells: [], cursorRow: 0, cursorCells: 0 }

/**
 * The screen of a chat: what was said scrolls away above, and below it stands what changes: a line of progress, a sign
 * that work goes on, and what is being typed. The lower part is drawn anew whenever something is said.
 */
export class Screen {
  readonly #output: ScreenOutput
  readonly #isColored: boolean
  #drawn: Drawn = NOTHING
  #settling: NodeJS.Timeout | undefined
  #draft: Draft | undefined
  #working: string | undefined
  #progress: string | undefined

  constructor(output: ScreenOutput, isColored: boolean) {
    this.#output = output
    this.#isColored = isColored
  }

  /** Begins to show what is typed. */
  open(): void {
    this.#draft = EMPTY
    this.#output.on('resize', this.#redrawLater)
    this.#redraw()
  }

  /** Takes away the lower part; what is printed from now on simply follows. */
  close(): void {
    this.#draft = undefined
    this.#working = undefined
    this.#progress = undefined
    this.#output.off('resize', this.#redrawLater)
    clearTimeout(this.#settling)
    this.#settling = undefined
    this.#redraw()
  }

  get cellsMax(): number {
    // the last cell of a row stays empty: terminals do not agree on where the cursor is after it
    return Math.max(PROMPT.length + 2, this.#size.columns - 1)
  }

  showDraft(draft: Draft): void {
    this.#draft = draft
    this.#redraw()
  }

  /** @param working the sign that work goes on; undefined when it does not */
  showWorking(working: string | undefined): void {
    this.#working = working
    this.#redraw()
  }

  /** @param progress what is shown in place of the progress before; undefined for nothing */
  showProgress(progress: string | undefined): void {
    this.#progress = progress
    this.#redraw()
  }

  /** Prints above what is being typed. @param text made harmless by the caller, set off or not */
  print(text: string): void {
    this.#output.write(`${toUp(this.#rowsAbove)}${ERASE_BELOW}${text.replaceAll('\n', '\r\n')}\r\n${this.#draw()}`)
  }

  /** Begins with an empty screen. */
  clear(): void {
    this.#drawn = NOTHING
    this.#output.write(`${ERASE_ALL}${this.#draw()}`)
  }

  /** A text that is set off, where there are colours. */
  paint(style: Style, text: string): string {
    return this.#isColored ? `${ESC}${STYLES[style]}m${text}${ESC}0m` : text
  }

  get #size(): { readonly columns: number; readonly rows: number } {
    const { columns, rows } = this.#output
    return { columns: columns > 0 ? columns : SIZE.columns, rows: rows > 0 ? rows : SIZE.rows }
  }

  /** How far above the cursor the lower part begins, now that rows may have been broken. */
  get #rowsAbove(): number {
    const { columns } = this.#size
    const { cells, cursorRow, cursorCells } = this.#drawn
    const broken = cells.slice(0, cursorRow).map((width) => Math.max(1, Math.ceil(width / columns)))
    return broken.reduce((sum, rows) => sum + rows, 0) + Math.floor(cursorCells / columns)
  }

  /**
   * A window that is dragged has another size by the time that a row arrives there, and its terminal has broken the rows
   * differently. So nothing is drawn anew until it stands still.
   */
  readonly #redrawLater = (): void => {
    clearTimeout(this.#settling)
    this.#settling = setTimeout(() => {
      this.#settling = undefined
      this.#redraw()
    }, SETTLE_MS)
  }

  #redraw(): void {
    if (this.#settling === undefined) this.#output.write(`${toUp(this.#rowsAbove)}${this.#draw()}`)
  }

  /** The lower part, from the row on that the cursor is in. It is written over, not erased first, so nothing flickers. */
  #draw(): string {
    const cellsMax = this.cellsMax
    const progress = this.#progress === undefined ? [] : toNoteRows(this.#progress, cellsMax, PROGRESS_ROWS_MAX)
    const notes = [
      ...progress.map((row) => this.paint('dim', row)),
      ...(this.#working === undefined ? [] : [this.paint('working', this.#working)]),
    ]
    if (this.#draft === undefined) {
      this.#drawn = NOTHING
      return ERASE_BELOW
    }
    const { rows, cursorRow, beforeCursor } = layOut(
      this.#draft,
      cellsMax,
      Math.max(1, this.#size.rows - notes.length - 1),
    )
    const all = [...notes, ...rows]
    this.#drawn = {
      cells: [...progress, ...(this.#working === undefined ? [] : [this.#working]), ...rows].map(cellsOf),
      cursorRow: notes.length + cursorRow,
      cursorCells: cellsOf(beforeCursor),
    }
    const written = all.map((row) => `${row}${ERASE_LINE_END}`).join('\r\n')
    // what stands before the cursor is written once more: the terminal itself knows how wide its signs are
    return `${written}${ERASE_BELOW}${toUp(rows.length - 1 - cursorRow)}${beforeCursor}`
  }
}
