import { type Bench, median, type Sides } from './rounds.ts'

/** One line of the result: the same figure of both servers, and what it should be. */
export interface Figure {
  readonly what: string
  readonly hub: string
  readonly bare: string
  readonly ratio: string
  readonly goal: string
  readonly isMet: boolean | undefined
}

/** One question of the bench. */
export interface Row {
  readonly name: string
  readonly measure: (bench: Bench) => Promise<Figure[]>
}

/** Three significant digits, without exponent. */
export const toShort = (value: number): string => {
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.max(Math.abs(value), 1e-9))))
  return value.toLocaleString('en-US', { maximumFractionDigits: Math.min(digits, 3) }).replaceAll(',', ' ')
}

/** What a ratio should be. */
interface RatioGoal {
  readonly text: string
  readonly isMet: (ratio: number) => boolean
}

/**
 * The ratio is the median over rounds, not that of the medians: what slows the machine for a while slows both sides of a
 * round.
 */
const compareWith = (what: string, samples: Sides<number[]>, goal: RatioGoal | undefined): Figure => {
  const ratio = median(samples.hub.map((value, round) => value / (samples.bare[round] ?? Number.NaN)))
  return {
    what,
    hub: toShort(median(samples.hub)),
    bare: toShort(median(samples.bare)),
    ratio: ratio.toFixed(2),
    goal: goal?.text ?? '',
    isMet: goal?.isMet(ratio),
  }
}

/** A figure of which the hub may have at most `ratioMax` times the bare relay's. */
export const compare = (what: string, samples: Sides<number[]>, ratioMax?: number): Figure =>
  compareWith(
    what,
    samples,
    ratioMax === undefined ? undefined : { text: `≤ ${ratioMax.toFixed(1)} ×`, isMet: (ratio) => ratio <= ratioMax },
  )

/** A figure of which the hub should have at least `ratioMin` times the yardstick's. */
export const compareAtLeast = (what: string, samples: Sides<number[]>, ratioMin: number): Figure =>
  compareWith(what, samples, { text: `≥ ${ratioMin.toFixed(1)} ×`, isMet: (ratio) => ratio >= ratioMin })

/** A figure whose goal is the hub's alone. */
export const state = (what: string, sides: Sides<string>, goal: string, isMet: boolean): Figure => ({
  what,
  ...sides,
  ratio: '',
  goal,
  isMet,
})

const HEADINGS = ['', 'hub', 'bare relay', 'ratio', 'goal', 'met']

const toCells = ({ what, hub, bare, ratio, goal, isMet }: Figure): string[] => [
  what,
  hub,
  bare,
  ratio,
  goal,
  isMet === undefined ? '' : isMet ? 'yes' : 'no',
]

/** The figures as a Markdown table that is also readable on a terminal. */
export const toTable = (figures: readonly Figure[]): string => {
  const rows = [HEADINGS, ...figures.map(toCells)]
  const widths = HEADINGS.map((_, column) => Math.max(3, ...rows.map((row) => row[column]?.length ?? 0)))
  const toLine = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))).join(' | ')} |`
  const rule = `|${widths.map((width, column) => (column === 0 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`
  const [headings = HEADINGS, ...lines] = rows
  return [toLine(headings), rule, ...lines.map(toLine)].join('\n')
}
