import { accessSync, constants, statfsSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { StorageError, type StorageTrouble } from '../../core/durable/task-store.ts'

/** Codes of the operating system that tell what is wrong; others are `failed`. */
const OF_SYSTEM: ReadonlyMap<string, StorageTrouble> = new Map([
  ['ENOSPC', 'full'],
  ['EDQUOT', 'full'],
  ['EROFS', 'read-only'],
  ['EACCES', 'unusable'],
  ['EPERM', 'unusable'],
  ['ENOTDIR', 'unusable'],
  ['EEXIST', 'unusable'],
  ['EISDIR', 'unusable'],
  ['ELOOP', 'unusable'],
  ['ENAMETOOLONG', 'unusable'],
])

/** Primary codes of SQLite; others are `failed`. @see https://www.sqlite.org/rescode.html */
const OF_SQLITE: ReadonlyMap<string, StorageTrouble> = new Map([
  ['SQLITE_FULL', 'full'],
  ['SQLITE_READONLY', 'read-only'],
  ['SQLITE_CORRUPT', 'damaged'],
  ['SQLITE_NOTADB', 'damaged'],
  ['SQLITE_CANTOPEN', 'unusable'],
  ['SQLITE_PERM', 'unusable'],
])

/** A sentence for the operator: what it is about and what to do. */
const toSentence = (trouble: StorageTrouble, file: string, reason: string): string => {
  switch (trouble) {
    case 'full':
      return `No space is left for ${file}: free some on its disk; the hub goes on by itself.`
    case 'read-only':
      return `${file} is read-only: make the file, its folder and its disk writable.`
    case 'damaged':
      return `${file} is damaged (${reason}): restore a backup, or move it away to begin anew; in both cases without its -wal and -shm.`
    case 'locked':
      return `Another hub uses ${dirname(file)}: stop it, or give each hub a folder of its own.`
    case 'future':
      return `${file} was written by a later release (${reason}): run that one, or use another folder.`
    case 'unusable':
      return `${file} cannot be used (${reason}): choose a folder that the hub may write and that holds nothing else.`
    case 'closed':
      return 'The store is not open.'
    case 'overloaded':
      return `More is waiting to be written to ${file} than may wait.`
    case 'failed':
      return `${file} could not be read or written (${reason}): look at its disk.`
    default:
      return trouble satisfies never
  }
}

/** A trouble told in one sentence. @param reason what was found, in parentheses where the sentence has a place for it */
export const troubleWith = (trouble: StorageTrouble, file: string, reason = '', cause?: unknown): StorageError =>
  new StorageError(trouble, toSentence(trouble, file, reason), { cause })

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''

/** SQLite says no more than "disk I/O error" for some of what the operating system knows better. */
const askSystem = (file: string): StorageTrouble | undefined => {
  try {
    accessSync(dirname(file), constants.W_OK)
    return statfsSync(dirname(file)).bavail === 0 ? 'full' : undefined
  } catch (error) {
    return OF_SYSTEM.get(codeOf(error))
  }
}

/** Tells an error of SQLite or of the file system by its code. @param file what was worked on */
export const toStorageError = (error: unknown, file: string): StorageError => {
  if (error instanceof StorageError) return error
  const code = codeOf(error)
  const reason = error instanceof Error ? `${code === '' ? error.name : code}: ${error.message}` : String(error)
  if (!(error instanceof Database.SqliteError)) return troubleWith(OF_SYSTEM.get(code) ?? 'failed', file, reason, error)
  const primary = /^SQLITE_[A-Z]+/.exec(code)?.[0] ?? ''
  const isVague = primary === 'SQLITE_IOERR' || primary === 'SQLITE_CANTOPEN'
  const trouble = (isVague ? askSystem(file) : undefined) ?? OF_SQLITE.get(primary) ?? 'failed'
  return troubleWith(trouble, file, reason, error)
}
