import {
  findFileId,
  openForReading,
  type TokenDatabase,
  TokenFileError,
  toTokenPath,
  withSentence,
} from './token-file.ts'

/** What the file says of a token at the moment. */
export type TokenStatus = 'good' | 'revoked' | 'unknown'

/** A token that was found to be revoked since the last look. */
export interface RevokedToken {
  readonly jti: string
  readonly name: string
}

/** Whom the watch tells. */
export interface TokenWatchParts {
  /** Epoch milliseconds. */
  readonly epochMs: () => number
  readonly revoked: (token: RevokedToken) => void
  /** The file cannot be read; told once, and again only after it could be read in between. */
  readonly trouble: (detail: string) => void
}

interface Row {
  readonly jti: string
  readonly name: string
  readonly isRevoked: 0 | 1
}

/** How long the file may be found being written before it is a trouble, in milliseconds; on a slow disk a write takes a while. */
const BUSY_MS_MAX = 10_000
/** Ended tokens need no status: their own end is enough. */
const READ_TOKENS = 'SELECT jti, name, revoked_at IS NOT NULL AS isRevoked FROM tokens WHERE expires_at > ?'

/** One state of the file, read at once. */
interface Snapshot {
  readonly publicJwk: string | undefined
  readonly tokens: ReadonlyMap<string, { readonly name: string; readonly isRevoked: boolean }>
}

const NOTHING: Snapshot = { publicJwk: undefined, tokens: new Map() }

/**
 * The tokens of a hub as its file has them, for the running hub: what others
 * write is noticed at the next look, which costs some microseconds. The file
 * need not be there; one that is gone makes every token unknown. While it
 * cannot be read, what was read last stands.
 */
export class TokenWatch {
  readonly #path: string | undefined
  readonly #parts: TokenWatchParts
  #database: TokenDatabase | undefined
  #fileId: string | undefined
  #version: unknown
  #snapshot = NOTHING
  /** When the file was first found being written, in epoch milliseconds. */
  #busySince: number | undefined
  #isCurrent = true
  #hasTold = false

  /** @param folder the hub's data folder; `:memory:` has no tokens */
  constructor(folder: string, parts: TokenWatchParts) {
    this.#path = folder === ':memory:' ? undefined : toTokenPath(folder)
    this.#parts = parts
  }

  /** The key that tokens are verified with, as JSON; undefined as long as there are none. */
  get publicJwk(): string | undefined {
    return this.#snapshot.publicJwk
  }

  /** Whether the last look succeeded: else `unknown` may only mean that the token is newer than what was read. */
  get isCurrent(): boolean {
    return this.#isCurrent
  }

  /** Whether the last look only met another process that was writing: the next one will do. */
  get isBusy(): boolean {
    return this.#busySince !== undefined
  }

  statusOf(jti: string): TokenStatus {
    const token = this.#snapshot.tokens.get(jti)
    if (token === undefined) return 'unknown'
    return token.isRevoked ? 'revoked' : 'good'
  }

  /** Looks whether the file has changed. Never throws and never waits. */
  look(): void {
    const path = this.#path
    if (path === undefined) return
    try {
      withSentence(path, () => this.#read(path))
      this.#isCurrent = true
      this.#hasTold = false
      this.#busySince = undefined
    } catch (error) {
      this.#close()
      this.#isCurrent = false
      this.#tell(error)
    }
  }

  /** Lets go of the file. */
  close(): void {
    this.#close()
  }

  #read(path: string): void {
    const fileId = findFileId(path)
    if (fileId !== this.#fileId) this.#close()
    if (fileId === undefined) {
      this.#snapshot = NOTHING
      return
    }
    this.#database ??= openForReading(path)
    this.#fileId = fileId
    const version = this.#database.pragma('data_version', { simple: true })
    if (version === this.#version) return
    this.#take(readSnapshot(this.#database, this.#parts.epochMs()))
    this.#version = version
  }

  #take(snapshot: Snapshot): void {
    const before = this.#snapshot
    this.#snapshot = snapshot
    for (const [jti, { name, isRevoked }] of snapshot.tokens) {
      if (isRevoked && before.tokens.get(jti)?.isRevoked === false) this.#parts.revoked({ jti, name })
    }
  }

  #close(): void {
    this.#database?.close()
    this.#database = undefined
    this.#fileId = undefined
    this.#version = undefined
  }

  #tell(error: unknown): void {
    const now = this.#parts.epochMs()
    const isBusy = error instanceof TokenFileError && error.isBusy
    this.#busySince = isBusy ? (this.#busySince ?? now) : undefined
    const mayPass = this.#busySince !== undefined && now - this.#busySince < BUSY_MS_MAX
    if (this.#hasTold || mayPass) return
    this.#hasTold = true
    this.#parts.trouble(error instanceof Error ? error.message : 'The tokens cannot be read.')
  }
}

const readSnapshot = (database: TokenDatabase, epochMs: number): Snapshot =>
  database.transaction(() => {
    const publicJwk = database.prepare<[], string>('SELECT public_jwk FROM signing_key').pluck().get()
    const rows = database.prepare<[number], Row>(READ_TOKENS).all(epochMs)
    const tokens = new Map(rows.map(({ jti, name, isRevoked }) => [jti, { name, isRevoked: isRevoked === 1 }]))
    return { publicJwk, tokens }
  })()
