import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf } from '../../core/failures.ts'
import { BEGINNING, type ChainEnd, findLine } from './chain.ts'

/** Name of the folder of the trail in the data folder. */
export const LOGS_FOLDER = 'logs'

const FILE = /^audit-(?<seq>\d{12,})\.jsonl$/

/** Name of the file that begins with a line; by their names files are in the order of the chain, and none is renamed. */
export const toFileName = (seq: number): string => `audit-${String(seq).padStart(12, '0')}.jsonl`

/** The files of a trail, the oldest first; none where there is no folder yet. */
export const listFiles = async (folder: string): Promise<string[]> => {
  try {
    return (await readdir(folder)).filter((name) => FILE.test(name)).sort()
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return []
    throw error
  }
}

/** The lines of a file that are finished, and what is behind the last line break. */
export const readLines = async (file: string): Promise<{ readonly lines: string[]; readonly rest: Buffer }> => {
  const bytes = await readFile(file)
  const end = bytes.lastIndexOf('\n') + 1
  const lines = bytes.toString('utf8', 0, end).split('\n').slice(0, -1)
  return { lines, rest: bytes.subarray(end) }
}

/** How a trail was found when it was opened. */
export interface FoundTrail {
  readonly end: ChainEnd
  /** The file to go on with; none before the first line. */
  readonly last: { readonly name: string; readonly size: number; readonly tornBytes: number } | undefined
  /** A file whose last finished line is none of the trail. */
  readonly unreadable: string | undefined
}

/** Finds the end of a trail: its last line that can be read, wherever that is. */
export const findEnd = async (folder: string): Promise<FoundTrail> => {
  const names = await listFiles(folder)
  let last: FoundTrail['last']
  let unreadable: string | undefined
  for (const name of names.toReversed()) {
    const { lines, rest } = await readLines(join(folder, name))
    last ??= { name, size: lines.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0), tornBytes: rest.length }
    for (const line of lines.toReversed()) {
      const found = findLine(line)
      if (found) return { end: found, last, unreadable }
      unreadable ??= name
    }
  }
  return { end: { seq: 0, hash: BEGINNING }, last, unreadable }
}
