import { randomBytes } from 'node:crypto'
import {
  closeSync,
  constants,
  fchmodSync,
  fsyncSync,
  linkSync,
  lstatSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname } from 'node:path'

/** A file could not be made; the message is one sentence for the operator. */
export class NewFileError extends Error {
  override readonly name = 'NewFileError'
}

const FILE_MODE = 0o600
/** What file systems say that know no second name for a file, such as those of USB sticks. */
const NO_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'])
/** What SQLite may leave beside a file that was not finished. */
const BESIDE = ['', '-journal', '-wal', '-shm']

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''

const toSentence = (code: string, target: string): string => {
  switch (code) {
    case 'EEXIST':
      return `${target} is there already, and stays as it is.`
    case 'ENOENT':
    case 'ENOTDIR':
      return `${dirname(target)} is no folder; make it first, or choose another place.`
    case 'ENOSPC':
    case 'EDQUOT':
      return `No space is left for ${target}.`
    default:
      return `${target} cannot be written (${code}); choose another place, or change its rights.`
  }
}

const withSentence = <Result>(target: string, act: () => Result): Result => {
  try {
    return act()
  } catch (cause) {
    const code = codeOf(cause)
    if (cause instanceof NewFileError || code === '') throw cause
    throw new NewFileError(toSentence(code, target), { cause })
  }
}

/** Writes a file or the entries of a folder to the disk, so that a loss of power takes nothing of them. */
const sync = (path: string, flags: number): void => {
  const file = openSync(path, flags)
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

const syncFolder = (folder: string): void => {
  // Windows lets nobody open a folder, and keeps its entries itself
  if (process.platform !== 'win32') sync(folder, constants.O_RDONLY)
}

const makePrivate = (path: string): void => {
  const file = openSync(path, 'wx', FILE_MODE)
  try {
    // The umask may have taken the owner's own rights away
    fchmodSync(file, FILE_MODE)
  } finally {
    closeSync(file)
  }
}

/** Whether something has this name, be it a link that leads nowhere. @throws {NewFileError} when that cannot be seen */
export const isThere = (path: string): boolean =>
  withSentence(path, () => lstatSync(path, { throwIfNoEntry: false }) !== undefined)

/**
 * A file that is not there yet, for this user only. It is written aside and has its name once it is whole and on the
 * disk, so nobody ever finds half of it; what has the name already is never replaced.
 */
export class NewFile {
  /** Where it is to be. */
  readonly target: string
  /** Where it is written to. */
  readonly path: string

  /** @throws {NewFileError} when something has that name, or nothing can be written there */
  constructor(target: string) {
    this.target = target
    this.path = `${target}.${randomBytes(6).toString('hex')}.part`
    withSentence(target, () => {
      if (isThere(target)) throw new NewFileError(toSentence('EEXIST', target))
      makePrivate(this.path)
    })
  }

  /** @throws {NewFileError} */
  write(content: string | Uint8Array): void {
    withSentence(this.target, () => writeFileSync(this.path, content))
  }

  /** Gives it its name. @throws {NewFileError} when something has that name by now, or the disk does not serve */
  place(): void {
    withSentence(this.target, () => {
      sync(this.path, constants.O_RDWR)
      this.#takeName()
      rmSync(this.path, { force: true })
      syncFolder(dirname(this.target))
    })
  }

  /** Removes it again after it was placed, because another file that belongs to it could not be. */
  withdraw(): void {
    rmSync(this.target)
  }

  /** Removes what was written aside, if it is still there: belongs after every attempt, whatever became of it. */
  discard(): void {
    for (const suffix of BESIDE) rmSync(`${this.path}${suffix}`, { force: true })
  }

  /** In one step, whoever else wants the name at the same moment. */
  #takeName(): void {
    try {
      linkSync(this.path, this.target)
    } catch (error) {
      if (!NO_LINKS.has(codeOf(error))) throw error
      makePrivate(this.target)
      renameSync(this.path, this.target)
    }
  }
}

/** Places files that belong together: all of them, or none. @throws {NewFileError} */
export const placeAll = (files: readonly NewFile[]): void => {
  const placed: NewFile[] = []
  try {
    for (const file of files) {
      file.place()
      placed.push(file)
    }
  } catch (error) {
    for (const file of placed) file.withdraw()
    throw error
  }
}
