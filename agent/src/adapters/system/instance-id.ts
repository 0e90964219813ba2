import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { validate as isUuid, v7 as uuidV7 } from 'uuid'
import { codeOf, StartError } from '../../core/failures.ts'

/** Name of the file in the data folder. */
export const INSTANCE_ID_FILE = 'instance-id'

const findStored = (file: string): string | undefined => {
  let text: string
  try {
    text = readFileSync(file, 'utf8').trim()
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return undefined
    throw new StartError(`${file} cannot be read (${codeOf(cause)}).`, { cause })
  }
  if (isUuid(text)) return text
  throw new StartError(
    `${file} holds no instance id; delete it to get a new one, after which the hub takes this agent for another one.`,
  )
}

/**
 * The id by which a hub knows this installation again, made at the first start. The file is written aside and then
 * linked, so that it is there whole or not at all, and of two processes that start at once one id wins for both.
 *
 * @throws {StartError} when the folder cannot be used, or the file holds something else: a silent replacement would
 *   turn a damaged disk into a second agent of the same name
 */
export const readInstanceId = (dataDir: string): string => {
  const file = join(dataDir, INSTANCE_ID_FILE)
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  } catch (cause) {
    throw new StartError(`DATA_DIR ${dataDir} cannot be made (${codeOf(cause)}).`, { cause })
  }
  return findStored(file) ?? createOnce(file)
}

/** Some file systems have no links; there the last of two processes that start at once wins, and the hub says 4009. */
const putInPlace = (aside: string, file: string): void => {
  try {
    linkSync(aside, file)
  } catch (error) {
    if (!['EPERM', 'ENOTSUP', 'ENOSYS', 'EOPNOTSUPP'].includes(codeOf(error))) throw error
    renameSync(aside, file)
  }
}

const createOnce = (file: string): string => {
  const id = uuidV7()
  const aside = `${file}.${id}`
  try {
    writeFileSync(aside, `${id}\n`, { mode: 0o600, flag: 'wx', flush: true })
    putInPlace(aside, file)
    return id
  } catch (cause) {
    const other = codeOf(cause) === 'EEXIST' ? findStored(file) : undefined
    if (other !== undefined) return other
    throw new StartError(`${file} cannot be written (${codeOf(cause)}).`, { cause })
  } finally {
    rmSync(aside, { force: true })
  }
}
