/** Ways to write text as other text, as bits. */
export const RUNS = {
  binary: 1,
  hexPairs: 2,
  hex: 4,
  decimal: 8,
  octal: 16,
  morse: 32,
  base32: 64,
  base32Small: 128,
  base64Lines: 256,
  base64: 512,
} as const

/** What a character may be part of. */
const IN_BASE64 = 1
const IN_BASE32 = 2
const IN_BASE32_SMALL = 4
const IN_HEX = 8
const IN_BINARY = 16
const IN_DECIMAL = 32
const IN_MORSE = 64
const IN_PAIR = 128
const LINE_END = 256
/** What may stand between two pieces of one run. */
const BETWEEN = 512

const PARTS = new Uint16Array(65_536)
const put = (characters: RegExp, part: number) => {
  for (let code = 0; code < 0x2300; code += 1) {
    if (characters.test(String.fromCharCode(code))) PARTS[code] = (PARTS[code] ?? 0) | part
  }
}
put(/[A-Za-z0-9+/_-]/, IN_BASE64)
put(/[A-Z2-7]/, IN_BASE32)
put(/[a-z2-7]/, IN_BASE32_SMALL)
put(/[0-9a-fA-F]/, IN_HEX)
put(/[01]/, IN_BINARY)
put(/[0-9]/, IN_DECIMAL)
put(/[.\-•·∙−–—_]/, IN_MORSE)
put(/[0-9a-fA-FxX\\]/, IN_PAIR)
put(/[\r\n]/, LINE_END)
put(/[\s,:;/|]/, BETWEEN)

/** Pieces that stand in a row: two to four characters of a pair, two or three digits, up to six signs of Morse. */
class Rows {
  #pairs = 0
  #numbers = 0
  #signs = 0

  /** A piece has ended; tells what its row is long enough for. */
  add(parts: number, length: number): number {
    this.#pairs = (parts & IN_PAIR) !== 0 && length >= 2 && length <= 4 ? this.#pairs + 1 : 0
    this.#numbers = (parts & IN_DECIMAL) !== 0 && length >= 2 && length <= 3 ? this.#numbers + 1 : 0
    this.#signs = (parts & IN_MORSE) !== 0 && length <= 6 ? this.#signs + 1 : 0
    // the first and the last of a row may touch what stands around it
    return (
      (this.#pairs >= 4 ? RUNS.hexPairs : 0) |
      (this.#numbers >= 6 ? RUNS.decimal : 0) |
      (this.#signs >= 5 ? RUNS.morse : 0)
    )
  }
}

/** What a run of characters that ends here is long enough for. */
const toRuns = (base64: number, base32: number, small: number, hex: number, binary: number): number =>
  (base64 >= 16 ? RUNS.base64 : 0) |
  (base32 >= 8 ? RUNS.base32 : 0) |
  (small >= 16 ? RUNS.base32Small : 0) |
  (hex >= 16 ? RUNS.hex : 0) |
  (binary >= 8 ? RUNS.binary : 0)

/**
 * Which notations a text may hold, from one walk: most texts hold none, and looking for each of them is dear. It never
 * says too few.
 */
export const surveyRuns = (text: string): number => {
  const rows = new Rows()
  let [found, piece, length, lineAt] = [0, -1, 0, -3]
  let [base64, base32, small, hex, binary, backslashes] = [0, 0, 0, 0, 0, 0]
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    const parts = PARTS[code] ?? 0
    if (base64 >= 12) lineAt = at
    if ((parts & LINE_END) !== 0 && at - lineAt <= 2) found |= RUNS.base64Lines
    base64 = (parts & IN_BASE64) === 0 ? 0 : base64 + 1
    base32 = (parts & IN_BASE32) === 0 ? 0 : base32 + 1
    small = (parts & IN_BASE32_SMALL) === 0 ? 0 : small + 1
    hex = (parts & IN_HEX) === 0 ? 0 : hex + 1
    binary = (parts & IN_BINARY) === 0 ? 0 : binary + 1
    if (base64 >= 8) found |= toRuns(base64, base32, small, hex, binary)
    if (code === 92) backslashes += 1
    if ((parts & BETWEEN) === 0) {
      piece &= parts
      length += 1
    } else if (length > 0) {
      found |= rows.add(piece, length)
      piece = -1
      length = 0
    }
  }
  if (length > 0) found |= rows.add(piece, length)
  return found | (backslashes >= 4 ? RUNS.octal : 0)
}
