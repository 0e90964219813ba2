import { accessSync, constants, existsSync, rmSync, type Stats, statfsSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { DATABASE_FILE } from '../adapters/sqlite/database.ts'
import { LOCK_FILE, lockFolder } from '../adapters/sqlite/folder-lock.ts'
import { INSTANCE_ID_FILE, readInstanceId } from '../adapters/system/instance-id.ts'
import { codeOf, StartError } from '../core/failures.ts'
import { type Check, fail, ok, warn } from './check.ts'
import { checkSchema } from './check-schema.ts'

const NAME = 'data folder'

/** Free space below which there is a warning, in bytes: what the journal may grow to, and room for the rest. */
const FREE_BYTES_MIN = 268_435_456

/** What was found, and whether an agent is at work in the folder. */
export interface FolderFindings {
  readonly checks: readonly Check[]
  readonly isInUse: boolean
}

const toSizeText = (bytes: number): string =>
  bytes < 1_073_741_824 ? `${Math.floor(bytes / 1_048_576)} MiB` : `${Math.floor(bytes / 1_073_741_824)} GiB`

const only = (check: Check): FolderFindings => ({ checks: [check], isInUse: false })

const chooseAnother = (place: string): string => `set DATA_DIR in ${place} to a folder that you may write`

const findExisting = (path: string): string =>
  existsSync(path) || dirname(path) === path ? path : findExisting(dirname(path))

/** The agent makes the folder at its first start; the doctor leaves nothing behind. */
const checkFuture = (dataDir: string, place: string): Check => {
  const above = findExisting(resolve(dataDir))
  try {
    if (!statSync(above).isDirectory()) throw Object.assign(new Error('no folder'), { code: 'ENOTDIR' })
    accessSync(above, constants.W_OK | constants.X_OK)
    return ok(NAME, `${dataDir} is not there yet; the agent can make it.`)
  } catch (error) {
    const fix = `Run "mkdir -p ${dataDir}" as a user who may, and give the folder to yours, or ${chooseAnother(place)}.`
    return fail(NAME, `${dataDir} is not there and cannot be made (${codeOf(error)}).`, fix)
  }
}

/** Rights alone do not tell of a full or read-only disk, so a file is written and removed. */
const findWriteProblem = (dataDir: string): string | undefined => {
  const file = join(dataDir, `.doctor-${process.pid}`)
  try {
    writeFileSync(file, 'x', { mode: 0o600, flag: 'wx', flush: true })
    return undefined
  } catch (error) {
    return codeOf(error)
  } finally {
    // where it cannot be looked for it cannot have been written
    if (existsSync(file)) rmSync(file, { force: true })
  }
}

const failToWrite = (dataDir: string, code: string, place: string): Check => {
  const another = `, or ${chooseAnother(place)}`
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return fail(NAME, `The disk of ${dataDir} is full (${code}).`, `Make room on it${another}.`)
    case 'EROFS':
      return fail(NAME, `${dataDir} is on a disk that is read-only (${code}).`, `Mount it writable${another}.`)
    default: {
      const fix = `Run "sudo chown -R $(id -u) ${dataDir} && chmod u+rwx ${dataDir}"${another}.`
      return fail(NAME, `${dataDir} cannot be written (${code}).`, fix)
    }
  }
}

/** Whether an agent has the folder; the lock is taken only where there is one, and let go at once. */
const findLock = (dataDir: string): 'free' | 'in use' | StartError => {
  if (!existsSync(join(dataDir, LOCK_FILE))) return 'free'
  try {
    lockFolder(dataDir).release()
    return 'free'
  } catch (error) {
    if (!(error instanceof StartError)) throw error
    return codeOf(error.cause).startsWith('SQLITE_BUSY') ? 'in use' : error
  }
}

const checkRights = (dataDir: string, { mode }: Stats): Check[] => {
  if (process.platform === 'win32' || (mode & 0o077) === 0) return []
  const rights = (mode & 0o777).toString(8)
  return [
    warn(NAME, `Other users of this machine may look into ${dataDir} (${rights}).`, `Run "chmod 700 ${dataDir}".`),
  ]
}

const checkSpace = (dataDir: string, freeBytes: number): Check[] => {
  if (freeBytes >= FREE_BYTES_MIN) return []
  return [
    warn(
      NAME,
      `The disk of ${dataDir} has ${toSizeText(freeBytes)} left.`,
      'Make room: the agent refuses tasks when it is full.',
    ),
  ]
}

const checkInstanceId = (dataDir: string): Check[] => {
  const file = join(dataDir, INSTANCE_ID_FILE)
  if (!existsSync(file)) return []
  try {
    readInstanceId(dataDir)
    return []
  } catch (error) {
    if (!(error instanceof StartError)) throw error
    return [fail(NAME, error.message, `Run "ls -l ${file}" and make it readable, or delete it to become a new agent.`)]
  }
}

const describeFolder = (dataDir: string, isInUse: boolean, freeBytes: number, schema: string): Check => {
  const use = isInUse ? 'an agent is at work in it' : 'free for an agent'
  return ok(NAME, `${dataDir} can be written, ${toSizeText(freeBytes)} left, ${schema}, ${use}.`)
}

/** Undefined when nothing is there; the system's word when not even that can be known. */
const findStats = (dataDir: string): Stats | string | undefined => {
  try {
    return statSync(dataDir, { throwIfNoEntry: false })
  } catch (error) {
    return codeOf(error)
  }
}

/** Looks at the folder of `DATA_DIR` as the agent will find it, without making it and without changing what is in it. */
export const checkDataFolder = (dataDir: string, place: string): FolderFindings => {
  const stats = findStats(dataDir)
  if (stats === undefined) return only(checkFuture(dataDir, place))
  if (typeof stats === 'string') return only(failToWrite(dataDir, stats, place))
  if (!stats.isDirectory()) {
    return only(fail(NAME, `${dataDir} is a file.`, `Move ${dataDir} away, or ${chooseAnother(place)}.`))
  }
  const problem = findWriteProblem(dataDir)
  if (problem !== undefined) return only(failToWrite(dataDir, problem, place))
  const lock = findLock(dataDir)
  if (lock instanceof StartError) {
    const fix = `Run "ls -l ${join(dataDir, LOCK_FILE)}": it must be a file that you may write, on a disk of this machine.`
    return only(fail(NAME, lock.message, fix))
  }
  const isInUse = lock === 'in use'
  const schema = checkSchema(join(dataDir, DATABASE_FILE), place)
  const { bavail, bsize } = statfsSync(dataDir)
  const failed = [...(typeof schema === 'string' ? [] : [schema]), ...checkInstanceId(dataDir)]
  const well = typeof schema === 'string' && failed.length === 0
  const found = well ? [describeFolder(dataDir, isInUse, bavail * bsize, schema)] : failed
  return { checks: [...found, ...checkRights(dataDir, stats), ...checkSpace(dataDir, bavail * bsize)], isInUse }
}
