import * as fs from 'node:fs'
import { parseEnv } from 'node:util'
import { AGENT_SECRET_VARIABLES, type Environment, overlayEnvironment, readSecretFiles } from '@ai-comms/shared'
import { codeOf, StartError } from './core/failures.ts'
import { PROVIDER_KEY_VARIABLES } from './provider-config.ts'

/** Every secret that the agent takes, each of which may stand in a file of its own. */
const SECRETS = [...AGENT_SECRET_VARIABLES, ...PROVIDER_KEY_VARIABLES]

/**
 * The variables of an env file as they stand there; without a file named, those of `.env` when it is there.
 *
 * @throws {StartError} when the file cannot be read
 */
export const readEnvFile = (file: string | undefined): Environment => {
  const path = file ?? '.env'
  try {
    return parseEnv(fs.readFileSync(path, 'utf8'))
  } catch (cause) {
    const code = codeOf(cause)
    if (file === undefined && code === 'ENOENT') return {}
    throw new StartError(`The file ${path} cannot be read (${code}).`, { cause })
  }
}

/**
 * The environment with the variables of a file under it: what is set for the process wins. Without a file named, `.env`
 * is read when it is there. The process's own environment stays as it is, so that no child and no library sees the file.
 * Secrets that stand in files of their own (`AGENT_HUB_SECRET_FILE` …) are read as if they had been set themselves.
 *
 * @throws {StartError} when a file cannot be read, or holds no secret; a line for each that is wrong
 */
export const readEnvironment = (own: Environment, file: string | undefined): Environment => {
  const { env, mistakes } = readSecretFiles(overlayEnvironment(own, readEnvFile(file), SECRETS), SECRETS, fs)
  if (mistakes.length > 0) throw new StartError(mistakes.map((mistake) => `${mistake}.`).join('\n'))
  return env
}
