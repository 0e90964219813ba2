import { existsSync } from 'node:fs'
import { type Environment, isSecretVariable, toFileVariable } from '@ai-comms/shared'
import { AGENT_VARIABLES } from '../config.ts'
import { StartError } from '../core/failures.ts'
import { readEnvFile, readEnvironment } from '../read-environment.ts'
import { type Check, fail, ok, toCountText, warn } from './check.ts'

const NAME = 'env file'

/** Where the variables come from, and what they are together. */
export interface Sources {
  readonly env: Environment
  readonly checks: readonly Check[]
  /** Where a variable stands, or is to be written: the file, or the environment of the process. */
  readonly placeOf: (variable: string) => string
}

const isSet = (env: Environment, variable: string): boolean => (env[variable] ?? '').trim() !== ''

const findOverridden = (own: Environment, inFile: Environment): string[] =>
  AGENT_VARIABLES.filter((name) => isSet(inFile, name) && own[name] !== undefined && own[name] !== inFile[name])

const describeFile = (own: Environment, inFile: Environment, file: string, isThere: boolean): Check => {
  if (isThere) {
    const count = Object.values(inFile).filter((value) => value?.trim()).length
    return ok(NAME, count === 0 ? `${file} sets no variable.` : `${file} sets ${toCountText(count, 'variable')}.`)
  }
  if (AGENT_VARIABLES.some((name) => name !== 'NODE_ENV' && isSet(own, name))) {
    return ok(NAME, `There is no ${file} in this folder; the variables come from the environment alone.`)
  }
  return warn(
    NAME,
    `There is no ${file} in this folder, and the environment sets no variable of the agent.`,
    existsSync('.env.example')
      ? 'Run "cp .env.example .env" and write your settings into .env.'
      : 'Make a file .env in this folder, or name yours with --env-file FILE.',
  )
}

const warnOfOverridden = (name: string, file: string): Check =>
  warn(
    NAME,
    `${name} is set in the environment, too, and that wins over ${file}.`,
    `Run "unset ${name}" if ${file} is to count, or delete its line from ${file}.`,
  )

const withoutFiles = (env: Environment): Environment =>
  Object.fromEntries(
    Object.entries(env).filter(([name]) => !/_FILE$/.test(name) || !isSecretVariable(name.slice(0, -5))),
  )

/** The environment with the secrets that stand in files; those that cannot be read are told, and left out. */
const readSecrets = (own: Environment, named: string | undefined, inFile: Environment) => {
  try {
    return { env: readEnvironment(own, named), checks: [] }
  } catch (error) {
    if (!(error instanceof StartError)) throw error
    const fix = 'Put the secret, one line and nothing else, into each of these files, readable for you.'
    const checks = error.message.split('\n').map((mistake) => fail(NAME, mistake, fix))
    return { env: withoutFiles({ ...inFile, ...own }), checks }
  }
}

/** Reads the env file as the agent does; that it cannot be read is told, and the environment alone is looked at. */
export const readSources = (own: Environment, named: string | undefined): Sources => {
  const file = named ?? '.env'
  const isOwn = (variable: string) => own[variable] !== undefined || own[toFileVariable(variable)] !== undefined
  const placeOf = (variable: string) => (isOwn(variable) ? 'the environment' : file)
  try {
    const inFile = readEnvFile(named)
    const isThere = named !== undefined || existsSync(file)
    const overridden = findOverridden(own, inFile).map((name) => warnOfOverridden(name, file))
    const checks = [describeFile(own, inFile, file, isThere), ...overridden]
    const secrets = readSecrets(own, named, inFile)
    return { env: secrets.env, checks: [...checks, ...secrets.checks], placeOf }
  } catch (error) {
    if (!(error instanceof StartError)) throw error
    const fix = `Run "ls -l ${file}": the file must be there and readable for you; .env.example shows what belongs in it.`
    return { env: own, checks: [fail(NAME, error.message, fix)], placeOf }
  }
}
