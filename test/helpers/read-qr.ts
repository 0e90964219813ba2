/** Data codewords of the blocks at the lowest level of correction, by version: those that hold what a client shows. */
const BLOCKS: ReadonlyMap<number, readonly number[]> = new Map([
  [7, [78, 78]],
  [8, [97, 97]],
  [9, [116, 116]],
  [10, [68, 68, 69, 69]],
  [11, [81, 81, 81, 81]],
  [12, [92, 92, 93, 93]],
  [13, [107, 107, 107, 107]],
])

/** What inverts a module, by the pattern's number, @see ISO/IEC 18004, section 7.8.2 */
const MASKS: readonly ((row: number, column: number) => boolean)[] = [
  (row, column) => (row + column) % 2 === 0,
  (row) => row % 2 === 0,
  (_row, column) => column % 3 === 0,
  (row, column) => (row + column) % 3 === 0,
  (row, column) => (Math.floor(row / 2) + Math.floor(column / 3)) % 2 === 0,
  (row, column) => ((row * column) % 2) + ((row * column) % 3) === 0,
  (row, column) => (((row * column) % 2) + ((row * column) % 3)) % 2 === 0,
  (row, column) => (((row + column) % 2) + ((row * column) % 3)) % 2 === 0,
]

/** Format bits 12, 11 and 10 are inverted so before they are drawn. */
const FORMAT_MASK = 0b101
const BYTES = 0b0100
/** Version from which on the length takes two bytes. */
const LONG_LENGTH = 10

/** Which halves of a line are dark: terminals are black, and a QR is drawn in their ink where it is light. */
const HALVES: Readonly<Record<string, readonly [boolean, boolean]>> = {
  '█': [false, false],
  '▀': [false, true],
  '▄': [true, false],
  ' ': [true, true],
}

type Modules = readonly (readonly boolean[])[]

/** The modules within the border. */
const toModules = (drawn: string): Modules => {
  const lines = drawn.split('\n').filter((line) => line.startsWith('█'))
  const halves = lines.map((line) => [...line].slice(1, -1).map((block) => HALVES[block] ?? [false, false]))
  const rows = halves.flatMap((line) => [line.map(([upper]) => upper), line.map(([, lower]) => lower)])
  return rows.slice(0, halves[0]?.length ?? 0)
}

const isDark = (modules: Modules, row: number, column: number): boolean => modules[row]?.[column] === true

/** Whether a module belongs to a pattern, and so holds no data. */
const isPattern = (row: number, column: number, size: number): boolean => {
  const isAtEnd = (place: number) => place < 9 || place >= size - 8
  const isFinder = isAtEnd(row) && isAtEnd(column) && !(row >= size - 8 && column >= size - 8)
  const isVersion = Math.min(row, column) < 6 && Math.max(row, column) >= size - 11
  const last = size - 7
  const centers = [6, (6 + last) / 2, last]
  const near = (place: number) => centers.findIndex((center) => Math.abs(place - center) <= 2)
  const [up, left] = [near(row), near(column)]
  const isCorner = up !== 1 && left !== 1 && !(up === 2 && left === 2)
  return isFinder || isVersion || row === 6 || column === 6 || (up >= 0 && left >= 0 && !isCorner)
}

/** The columns in pairs from the right, up and down in turn. */
const toPath = (size: number): readonly (readonly [row: number, column: number])[] => {
  const starts = Array.from({ length: (size - 1) / 2 }, (_, pair) => size - 1 - 2 * pair)
  return starts.flatMap((start, turn) => {
    const right = start <= 6 ? start - 1 : start
    const rows = Array.from({ length: size }, (_, row) => (turn % 2 === 0 ? size - 1 - row : row))
    return rows.flatMap((row) => [[row, right] as const, [row, right - 1] as const])
  })
}

const readMask = (modules: Modules, size: number) => {
  const bits = [5, 4, 3].map((fromEnd, at) => (isDark(modules, size - fromEnd, 8) ? 1 << at : 0))
  return MASKS[bits.reduce((sum, bit) => sum | bit, 0) ^ FORMAT_MASK]
}

/** What the blocks hold, whose codewords stand in turns. */
const untangle = (codewords: readonly number[], blocks: readonly number[]): Buffer => {
  const parts = blocks.map((): number[] => [])
  let at = 0
  for (let turn = 0; turn < Math.max(...blocks); turn += 1) {
    for (const [index, length] of blocks.entries()) if (turn < length) parts[index]?.push(codewords[at++] ?? 0)
  }
  return Buffer.from(parts.flat())
}

/** The text of a number of bytes behind four bits of mode. */
const readBytes = (data: Buffer, version: number): string => {
  const bits = [...data].map((byte) => byte.toString(2).padStart(8, '0')).join('')
  const lengthEnd = version < LONG_LENGTH ? 12 : 20
  if (Number.parseInt(bits.slice(0, 4), 2) !== BYTES) throw new Error('The QR holds something else than bytes')
  const length = Number.parseInt(bits.slice(4, lengthEnd), 2)
  const bytes = Array.from({ length }, (_, at) => bits.slice(lengthEnd + 8 * at, lengthEnd + 8 * at + 8))
  return Buffer.from(bytes.map((byte) => Number.parseInt(byte, 2))).toString('utf8')
}

/**
 * What a QR says that is drawn in blocks of half a line, as a camera in front of the terminal would read it. Nothing is
 * corrected: a terminal has no scratches.
 *
 * @throws {Error} when it is no such QR
 */
export const readQr = (drawn: string): string => {
  const modules = toModules(drawn)
  const size = modules.length
  const version = (size - 17) / 4
  const blocks = BLOCKS.get(version)
  const mask = readMask(modules, size)
  if (blocks === undefined || mask === undefined) throw new Error(`No QR of a client:\n${drawn}`)
  const bits = toPath(size)
    .filter(([row, column]) => !isPattern(row, column, size))
    .map(([row, column]) => (isDark(modules, row, column) !== mask(row, column) ? '1' : '0'))
    .join('')
  const codewords = (bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2))
  return readBytes(untangle(codewords, blocks), version)
}
