import { join } from 'node:path'
import { codeOf } from '../../core/failures.ts'
import { BEGINNING, type ChainEnd, findLine } from './chain.ts'
import { LOGS_FOLDER, listFiles, readLines } from './trail-files.ts'

/** Why a line does not belong where it stands. */
export type BrokenWhy = 'unreadable' | 'changed' | 'not-next'

/** What came of looking at every line of a trail. */
export type Verification =
  | { readonly kind: 'empty' }
  | {
      readonly kind: 'whole'
      readonly files: number
      readonly lines: number
      /** Of the first line that is there: older ones made room, or were taken away. */
      readonly firstSeq: number
      readonly end: ChainEnd
      /** Bytes of a last line that is not finished: cut off by an end, or being written. */
      readonly unfinishedBytes: number
    }
  | { readonly kind: 'broken'; readonly file: string; readonly line: number; readonly why: BrokenWhy }

const findBreak = (text: string, before: ChainEnd | undefined): BrokenWhy | ChainEnd => {
  const found = findLine(text)
  if (!found) return 'unreadable'
  if (!found.isGenuine) return 'changed'
  const isNext = before
    ? found.seq === before.seq + 1 && found.prev === before.hash
    : found.seq > 1 || found.prev === BEGINNING
  return isNext ? { seq: found.seq, hash: found.hash } : 'not-next'
}

/** Times that the files are looked at again, since the oldest one may make room meanwhile. */
const ATTEMPTS_MAX = 3

/**
 * Looks at every line of the trail of a data folder, while an agent writes to it or not. It finds what was changed, put
 * in, put elsewhere or taken out of the middle; whoever takes lines from the end, or writes all of it anew, is found out
 * only by the last hash, noted elsewhere before.
 */
export const verifyTrail = async (dataDir: string): Promise<Verification> => {
  for (let attempt = 1; ; attempt++) {
    try {
      return await verifyFiles(join(dataDir, LOGS_FOLDER))
    } catch (error) {
      if (codeOf(error) !== 'ENOENT' || attempt === ATTEMPTS_MAX) throw error
    }
  }
}

const verifyFiles = async (folder: string): Promise<Verification> => {
  const names = await listFiles(folder)
  let end: ChainEnd | undefined
  let firstSeq = 0
  let count = 0
  let unfinishedBytes = 0
  for (const name of names) {
    const { lines, rest } = await readLines(join(folder, name))
    for (const [index, text] of lines.entries()) {
      const found = findBreak(text, end)
      if (typeof found === 'string') return { kind: 'broken', file: name, line: index + 1, why: found }
      if (!end) firstSeq = found.seq
      end = found
    }
    count += lines.length
    unfinishedBytes = rest.length
    // only the newest file may be in the middle of a line
    if (rest.length > 0 && name !== names.at(-1)) {
      return { kind: 'broken', file: name, line: lines.length + 1, why: 'unreadable' }
    }
  }
  return end ? { kind: 'whole', files: names.length, lines: count, firstSeq, end, unfinishedBytes } : { kind: 'empty' }
}
