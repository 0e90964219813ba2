import { closeSync, mkdirSync, openSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import Database from 'better-sqlite3'

/** An open file of tokens. */
export type TokenDatabase = Database.Database

/** The tokens cannot be read or written; the message is one sentence for the operator. */
export class TokenFileError extends Error {
  override readonly name = 'TokenFileError'
  /** True while another process writes: the next try will do. */
  readonly isBusy: boolean

  constructor(message: string, options: { readonly cause?: unknown; readonly isBusy?: boolean } = {}) {
    super(message, { cause: options.cause })
    this.isBusy = options.isBusy ?? false
  }
}

const FILE_NAME = 'tokens.sqlite'
const SCHEMA_VERSION = 1
/** How long a writer waits for another one, in milliseconds. */
const WRITER_WAIT_MS = 5_000
const SCHEMA = `
  CREATE TABLE signing_key (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    private_jwk TEXT NOT NULL,
    public_jwk TEXT NOT NULL
  ) STRICT;
  CREATE TABLE tokens (
    jti TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    scope TEXT NOT NULL,
    issued_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    revoked_at INTEGER
  ) STRICT, WITHOUT ROWID;
`

/**
 * Where a data folder keeps its tokens.
 *
 * @throws {TokenFileError} when tokens cannot be kept there
 */
export const toTokenPath = (folder: string): string => {
  if (folder === ':memory:') throw new TokenFileError('Tokens need a data folder; set HUB_DATA_DIR to one.')
  return join(folder, FILE_NAME)
}

/** Whether there is a file, and which one: a file that was replaced is another. Empty ones are not made yet. */
export const findFileId = (path: string): string | undefined => {
  const file = statSync(path, { throwIfNoEntry: false })
  return file === undefined || file.size === 0 ? undefined : `${file.dev}:${file.ino}`
}

/** Runs an act on the file; whatever fails becomes one sentence. */
export const withSentence = <Result>(path: string, act: () => Result): Result => {
  try {
    return act()
  } catch (cause) {
    if (cause instanceof TokenFileError) throw cause
    throw toSentence(path, cause)
  }
}

const toSentence = (path: string, cause: unknown): TokenFileError => {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  if (/^SQLITE_(?:BUSY|LOCKED)/.test(code)) {
    return new TokenFileError(`${path} is being written by another program; try again.`, { cause, isBusy: true })
  }
  if (/^SQLITE_(?:NOTADB|CORRUPT|ERROR|MISMATCH)/.test(code)) return toDamaged(path, cause)
  const reason = code === '' && cause instanceof Error ? cause.message : code
  return new TokenFileError(`${path} cannot be used (${reason}); look at its folder and its rights.`, { cause })
}

const toDamaged = (path: string, cause?: unknown) =>
  new TokenFileError(
    `${path} is damaged or no file of tokens; put a backup in its place, or remove it to begin anew.`,
    {
      cause,
    },
  )

const readVersion = (database: TokenDatabase): unknown => database.pragma('user_version', { simple: true })

const checkVersion = (path: string, version: unknown): void => {
  if (version === SCHEMA_VERSION) return
  if (typeof version === 'number' && version > SCHEMA_VERSION) {
    throw new TokenFileError(`${path} was written by a newer release of the hub; start that one.`)
  }
  throw toDamaged(path)
}

/**
 * Opens an existing file for reading. Nothing waits: a file that is being
 * written is refused as busy.
 *
 * @throws {TokenFileError}
 */
export const openForReading = (path: string): TokenDatabase =>
  withSentence(path, () => {
    const database = new Database(path, { readonly: true, fileMustExist: true, timeout: 0 })
    return closeUnless(database, () => checkVersion(path, readVersion(database)))
  })

/**
 * Opens an existing file for writing.
 *
 * @throws {TokenFileError}
 */
export const openForWriting = (path: string): TokenDatabase =>
  withSentence(path, () => {
    const database = new Database(path, { fileMustExist: true, timeout: WRITER_WAIT_MS })
    return closeUnless(database, () => checkVersion(path, readVersion(database)))
  })

/**
 * Opens the file for writing and makes it, and its folder, when they are not
 * there. It is made in one transaction: whoever looks meanwhile, or after a
 * crash, sees an empty file, which counts as none. Only its owner may read it.
 *
 * @param makeKeyPair asked only for a new file, before anything is written
 * @throws {TokenFileError}
 */
export const openOrMake = async (
  path: string,
  makeKeyPair: () => Promise<{ readonly privateJwk: string; readonly publicJwk: string }>,
): Promise<TokenDatabase> => {
  if (withSentence(path, () => findFileId(path)) !== undefined) return openForWriting(path)
  const { privateJwk, publicJwk } = await makeKeyPair()
  return withSentence(path, () => {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    // SQLite gives its journal the rights of its file
    closeSync(openSync(path, 'a', 0o600))
    const database = new Database(path, { timeout: WRITER_WAIT_MS })
    return closeUnless(database, () => {
      const make = database.transaction(() => {
        // Another process may have been faster
        if (readVersion(database) === 0 && isEmpty(database)) {
          database.exec(SCHEMA)
          database.prepare('INSERT INTO signing_key VALUES (1, ?, ?)').run(privateJwk, publicJwk)
          database.pragma(`user_version = ${SCHEMA_VERSION}`)
        }
      })
      make.immediate()
      checkVersion(path, readVersion(database))
    })
  })
}

const isEmpty = (database: TokenDatabase): boolean =>
  database.prepare('SELECT count(*) FROM sqlite_schema').pluck().get() === 0

const closeUnless = (database: TokenDatabase, check: () => void): TokenDatabase => {
  try {
    check()
    return database
  } catch (error) {
    database.close()
    throw error
  }
}
