import { accessSync, constants, existsSync, statSync } from 'node:fs'
import Database from 'better-sqlite3'
import { SCHEMA_VERSION } from '../adapters/sqlite/database.ts'
import { codeOf } from '../core/failures.ts'
import { type Check, fail } from './check.ts'

const NAME = 'data folder'

/** Longest wait for the database, in milliseconds. */
const BUSY_MS_MAX = 250

/** Databases beyond this are looked at without reading all of them, in bytes: that would keep everything else waiting. */
const WHOLE_BYTES_MAX = 67_108_864

const readVersion = (file: string): number => {
  const database = new Database(file, { fileMustExist: true, timeout: BUSY_MS_MAX })
  try {
    const version = Number(database.pragma('user_version', { simple: true }))
    const found = statSync(file).size > WHOLE_BYTES_MAX ? 'ok' : database.pragma('quick_check(1)', { simple: true })
    if (found !== 'ok') throw Object.assign(new Error('damaged'), { code: 'SQLITE_CORRUPT' })
    return version
  } finally {
    database.close()
  }
}

const explain = (file: string, code: string): Check =>
  /^SQLITE_(?:NOTADB|CORRUPT)/.test(code)
    ? fail(
        NAME,
        `${file} is damaged (${code}).`,
        `Restore ${file} from a backup, or move it away to begin without it, which forgets the tasks that were answered.`,
      )
    : fail(
        NAME,
        `${file} cannot be used (${code}).`,
        `Run "ls -l ${file}": it must be a file that you may read and write.`,
      )

/** What the agent's database says of itself, or what is wrong with it. It is not brought up to date. */
export const checkSchema = (file: string, place: string): string | Check => {
  if (!existsSync(file)) return 'no database yet'
  try {
    accessSync(file, constants.R_OK | constants.W_OK)
    const version = readVersion(file)
    if (version === SCHEMA_VERSION) return `schema ${version}`
    if (version < SCHEMA_VERSION) return `schema ${version}, which the agent brings to ${SCHEMA_VERSION}`
    return fail(
      NAME,
      `${file} has schema ${version} of a newer release, and this one knows ${SCHEMA_VERSION}.`,
      `Run the newer release, or set DATA_DIR in ${place} to another folder.`,
    )
  } catch (error) {
    return explain(file, codeOf(error))
  }
}
