import { closeSync, openSync, readSync } from 'node:fs'

/**
 * How a write-ahead log ends: there is none (the last end was clean), it is
 * whole, its last write is not, or it has no valid beginning.
 */
export type LogTail = 'none' | 'whole' | 'torn' | 'headless'

const HEADER_BYTES = 32
const FRAME_HEADER_BYTES = 24
const MAGIC = 0x37_7f_06_82

type Sum = readonly [number, number]

const addUp = (sum: Sum, bytes: DataView, from: number, to: number, isLittle: boolean): Sum => {
  let [one, two] = sum
  for (let at = from; at < to; at += 8) {
    one = (one + bytes.getUint32(at, isLittle) + two) >>> 0
    two = (two + bytes.getUint32(at + 4, isLittle) + one) >>> 0
  }
  return [one, two]
}

const holdsSum = (bytes: DataView, at: number, [one, two]: Sum) =>
  bytes.getUint32(at) === one && bytes.getUint32(at + 4) === two

interface LogHeader {
  readonly pageBytes: number
  readonly isLittle: boolean
  readonly salts: Sum
  readonly sum: Sum
}

const readHeader = (bytes: DataView): LogHeader | undefined => {
  const magic = bytes.getUint32(0)
  const pageBytes = bytes.getUint32(8)
  const isPage = pageBytes >= 512 && pageBytes <= 65_536 && (pageBytes & (pageBytes - 1)) === 0
  if ((magic | 1) !== (MAGIC | 1) || !isPage) return undefined
  const isLittle = magic === MAGIC
  const sum = addUp([0, 0], bytes, 0, 24, isLittle)
  return holdsSum(bytes, 24, sum)
    ? { pageBytes, isLittle, salts: [bytes.getUint32(16), bytes.getUint32(20)], sum }
    : undefined
}

/** Whether these are bytes that an earlier round of the same log left behind; they carry other salts. */
const isLeftover = (bytes: DataView, length: number, [one, two]: Sum): boolean => {
  if (length < 16) return false
  const [first, second] = [bytes.getUint32(8), bytes.getUint32(12)]
  // A loss of power can leave zeros where a frame was to be; salts are never both zero
  return first !== one && second !== two && (first !== 0 || second !== 0)
}

const endOfFrames = (file: number, { pageBytes, isLittle, salts, sum: start }: LogHeader): LogTail => {
  const frame = new DataView(new ArrayBuffer(FRAME_HEADER_BYTES + pageBytes))
  let sum = start
  let isCommitted = true
  for (let at = HEADER_BYTES; ; at += frame.byteLength) {
    const length = readSync(file, frame, 0, frame.byteLength, at)
    if (length === 0 || isLeftover(frame, length, salts)) return isCommitted ? 'whole' : 'torn'
    if (length < frame.byteLength) return 'torn'
    const hasSalts = holdsSum(frame, 8, salts)
    sum = addUp(addUp(sum, frame, 0, 8, isLittle), frame, FRAME_HEADER_BYTES, frame.byteLength, isLittle)
    if (!hasSalts || !holdsSum(frame, 16, sum)) return 'torn'
    isCommitted = frame.getUint32(4) !== 0
  }
}

/**
 * Looks whether the last write to a write-ahead log is whole. SQLite leaves a
 * torn one out and says nothing; an operator should hear of it. Belongs before
 * the database is opened.
 *
 * @see https://www.sqlite.org/fileformat2.html#the_write_ahead_log
 */
export const readLogTail = (path: string): LogTail => {
  let file: number
  try {
    file = openSync(path, 'r')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 'none'
    throw error
  }
  try {
    const bytes = new DataView(new ArrayBuffer(HEADER_BYTES))
    const length = readSync(file, bytes, 0, HEADER_BYTES, 0)
    if (length === 0) return 'none'
    if (length < HEADER_BYTES) return 'torn'
    const header = readHeader(bytes)
    return header === undefined ? 'headless' : endOfFrames(file, header)
  } finally {
    closeSync(file)
  }
}
