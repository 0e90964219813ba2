/** Code points that take two cells of a terminal, besides emoji, in pairs of first and last. */
const WIDE: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2329, 0x232a],
  [0x2e80, 0x303e],
  [0x3041, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe10, 0xfe19],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x16fe0, 0x18cff],
  [0x1aff0, 0x1b2ff],
  [0x1f200, 0x1f2ff],
  [0x20000, 0x3fffd],
]
const EMOJI = /^[\p{Emoji_Presentation}\p{Regional_Indicator}]$/u
const NOTHING = /^[\p{Mn}\p{Me}\p{Cf}]$/u
/** Asks for the coloured form of a sign, which then takes a cell more. */
const COLOURED_FORM = '\uFE0F'

const GRAPHEMES = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

/** A text in the characters that people see. */
export const toCharacters = (text: string): readonly string[] =>
  Array.from(GRAPHEMES.segment(text), ({ segment }) => segment)

const cellsOfPoint = (point: string): number => {
  const code = point.codePointAt(0) ?? 0
  if (code < 0x300) return 1
  if (point === COLOURED_FORM) return 1
  if (NOTHING.test(point)) return 0
  return EMOJI.test(point) || WIDE.some(([first, last]) => code >= first && code <= last) ? 2 : 1
}

/**
 * The most cells of a terminal that a text takes. Terminals disagree on joined emoji: some show one sign of two cells,
 * some every part of it. What is laid out by this figure fits in all of them.
 */
export const cellsOf = (text: string): number => {
  let cells = 0
  for (const point of text) cells += cellsOfPoint(point)
  return cells
}
