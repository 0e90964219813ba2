import { join } from 'node:path'
import { LOGS_FOLDER } from './adapters/audit/trail-files.ts'
import { type BrokenWhy, type Verification, verifyTrail } from './adapters/audit/verify-trail.ts'
import { StartError } from './core/failures.ts'

const WHY: { readonly [why in BrokenWhy]: string } = {
  unreadable: 'is no line of the trail',
  changed: 'was changed after it was written',
  'not-next': 'does not follow the line before it: something was taken out, put in or put elsewhere',
}

const describe = (folder: string, found: Verification): string => {
  switch (found.kind) {
    case 'empty':
      return `There is no audit trail in ${folder} yet.`
    case 'broken':
      return `The chain is broken: line ${found.line} of ${join(folder, found.file)} ${WHY[found.why]}.`
    case 'whole': {
      const { files, lines, firstSeq, end, unfinishedBytes } = found
      const unfinished =
        unfinishedBytes === 0
          ? []
          : [`The last line is not finished (${unfinishedBytes} bytes): an agent is writing it, or its end cut it off.`]
      return [
        `The chain is whole: ${lines} lines, ${firstSeq} to ${end.seq}, in ${files} ${files === 1 ? 'file' : 'files'} of ${folder}.`,
        ...unfinished,
        `Last hash: ${end.hash}`,
      ].join('\n')
    }
  }
}

/**
 * Runs `audit verify`: looks at every line of the trail, and tells the first that is broken.
 *
 * @returns what to print, and the exit code: 1 when the chain is broken
 * @throws {StartError} when it is asked for something else, or the trail cannot be read
 */
export const runAuditCommand = async (
  words: readonly string[],
  dataDir: string,
): Promise<{ readonly code: 0 | 1; readonly text: string }> => {
  if (words.length !== 1 || words[0] !== 'verify') {
    throw new StartError('audit takes one word: pnpm agent audit verify (see --help).')
  }
  const folder = join(dataDir, LOGS_FOLDER)
  try {
    const found = await verifyTrail(dataDir)
    return { code: found.kind === 'broken' ? 1 : 0, text: `${describe(folder, found)}\n` }
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : undefined
    if (code === undefined) throw cause
    throw new StartError(`The audit trail in ${folder} cannot be read (${code}).`, { cause })
  }
}
