import { readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'
import { type Environment, HUB_SECRET_VARIABLES, overlayEnvironment } from '@ai-comms/shared'
import { StartError } from './start-error.ts'

const readEnvFile = (file: string | undefined): Environment => {
  const path = file ?? '.env'
  try {
    return parseEnv(readFileSync(path, 'utf8'))
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'failed'
    if (file === undefined && code === 'ENOENT') return {}
    throw new StartError(`The env file ${path} cannot be read (${code}).`, { cause })
  }
}

/**
 * The environment with the variables of a file under it: what is set for the process wins. Without a file named, `.env`
 * is read when it is there. The process's own environment stays as it is, so that no library sees the file.
 *
 * @throws {StartError} when the file cannot be read
 */
export const readEnvironment = (own: Environment, file: string | undefined): Environment =>
  overlayEnvironment(own, readEnvFile(file), HUB_SECRET_VARIABLES)
