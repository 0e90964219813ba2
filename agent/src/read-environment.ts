import { readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'
import type { Environment } from '@ai-comms/shared'
import { codeOf, StartError } from './core/failures.ts'

const readFile = (file: string, isOptional: boolean): Environment => {
  try {
    return parseEnv(readFileSync(file, 'utf8'))
  } catch (cause) {
    const code = codeOf(cause)
    if (isOptional && code === 'ENOENT') return {}
    throw new StartError(`The file ${file} cannot be read (${code}).`, { cause })
  }
}

/**
 * The environment with the variables of a file under it: what is set for the process wins. Without a file named, `.env`
 * is read when it is there. The process's own environment stays as it is, so that no child and no library sees the file.
 *
 * @throws {StartError} when the file cannot be read
 */
export const readEnvironment = (own: Environment, file: string | undefined): Environment => ({
  ...readFile(file ?? '.env', file === undefined),
  ...own,
})
