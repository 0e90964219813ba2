import { randomUUID } from 'node:crypto'
import { parseScopes, type Scope, toMatchKey } from '@ai-comms/shared'
import {
  findFileId,
  openForWriting,
  openOrMake,
  type TokenDatabase,
  TokenFileError,
  toTokenPath,
  withSentence,
} from './token-file.ts'
import { makeKeyPair, readKey, signToken } from './token-signature.ts'

/** Most tokens that may be good at a time: every hub that reads the file keeps their ids in memory. */
const TOKENS_MAX = 10_000
/** How long a token is still listed after its end, in milliseconds. */
const LISTED_AFTER_END_MS = 30 * 86_400_000

/** What is known of a token; the token itself is kept nowhere. Times are epoch milliseconds. */
export interface TokenRecord {
  readonly jti: string
  readonly name: string
  readonly scopes: readonly Scope[]
  readonly issuedAt: number
  readonly expiresAt: number
  readonly revokedAt: number | undefined
}

/** A token that was just issued. This is the only moment at which it is known. */
export interface IssuedToken extends TokenRecord {
  readonly token: string
}

/** Whom a token is for, what it may do, and for how long. */
export interface TokenOrder {
  readonly name: string
  readonly scopes: readonly Scope[]
  readonly ttlMs: number
}

interface Row {
  readonly jti: string
  readonly name: string
  readonly scope: string
  readonly issued_at: number
  readonly expires_at: number
  readonly revoked_at: number | null
}

const toRecord = (row: Row): TokenRecord => ({
  jti: row.jti,
  name: row.name,
  scopes: parseScopes(row.scope),
  issuedAt: row.issued_at,
  expiresAt: row.expires_at,
  revokedAt: row.revoked_at ?? undefined,
})

/** Tokens end on whole seconds, so everything about them is told in those. */
const toWholeSecond = (epochMs: number) => Math.floor(epochMs / 1_000) * 1_000

/**
 * The tokens of a hub, for the operator: issues, lists and revokes, whether
 * the hub runs or not. The file is made with the first token.
 */
export class TokenBook {
  readonly #path: string

  /**
   * @param folder the hub's data folder
   * @throws {TokenFileError} when tokens cannot be kept there; so do all acts
   */
  constructor(folder: string) {
    this.#path = toTokenPath(folder)
  }

  /** @param now epoch milliseconds */
  async issue({ name, scopes, ttlMs }: TokenOrder, now: number): Promise<IssuedToken> {
    const issuedAt = toWholeSecond(now)
    const expiresAt = toWholeSecond(now + ttlMs)
    const record: TokenRecord = { jti: randomUUID(), name, scopes, issuedAt, expiresAt, revokedAt: undefined }
    const database = await openOrMake(this.#path, makeKeyPair)
    try {
      const key = await readKey(withSentence(this.#path, () => readPrivateJwk(database)))
      const token = await signToken(key, record)
      // Written before it is shown: a token that was seen can be revoked
      withSentence(this.#path, () => this.#write(database, record, now))
      return { ...record, token }
    } finally {
      database.close()
    }
  }

  /** Every token that is good, and those that have ended in the last 30 days, in the order of their issue. */
  list(): TokenRecord[] {
    return this.#openAnd([], (database) =>
      database.prepare<[], Row>('SELECT * FROM tokens ORDER BY issued_at, jti').all().map(toRecord),
    )
  }

  /**
   * Revokes a token, or all of a name that are not revoked yet. A name is the
   * same in any case and width, as at the door: whoever revokes an agent's
   * tokens means every one that lets it in.
   *
   * @param now epoch milliseconds
   * @returns the tokens that are meant, as they were before; none when there is no such token
   */
  revoke(which: { readonly jti: string } | { readonly name: string }, now: number): TokenRecord[] {
    const [term, value] = 'jti' in which ? ['jti', which.jti] : ['match_key(name)', toMatchKey(which.name)]
    return this.#openAnd([], (database) => {
      database.function('match_key', (name) => toMatchKey(String(name)))
      const found = database.prepare<[string], Row>(`SELECT * FROM tokens WHERE ${term} = ? ORDER BY issued_at`)
      const revoke = database.prepare(`UPDATE tokens SET revoked_at = ? WHERE ${term} = ? AND revoked_at IS NULL`)
      return database
        .transaction(() => {
          const records = found.all(value).map(toRecord)
          revoke.run(toWholeSecond(now), value)
          return records
        })
        .immediate()
    })
  }

  #write(database: TokenDatabase, record: TokenRecord, now: number): void {
    const { jti, name, scopes, issuedAt, expiresAt } = record
    database
      .transaction(() => {
        database.prepare('DELETE FROM tokens WHERE expires_at < ?').run(toWholeSecond(now) - LISTED_AFTER_END_MS)
        const count = database.prepare<[number], number>(COUNT_GOOD).pluck().get(now) ?? 0
        if (count >= TOKENS_MAX) {
          throw new TokenFileError(`There are ${TOKENS_MAX} tokens already; revoke some, or let them expire sooner.`)
        }
        const add = database.prepare('INSERT INTO tokens VALUES (?, ?, ?, ?, ?, NULL)')
        add.run(jti, name, scopes.join(' '), issuedAt, expiresAt)
      })
      .immediate()
  }

  #openAnd<Result>(withoutFile: Result, act: (database: TokenDatabase) => Result): Result {
    return withSentence(this.#path, () => {
      if (findFileId(this.#path) === undefined) return withoutFile
      const database = openForWriting(this.#path)
      try {
        return act(database)
      } finally {
        database.close()
      }
    })
  }
}

const COUNT_GOOD = 'SELECT count(*) FROM tokens WHERE revoked_at IS NULL AND expires_at > ?'

const readPrivateJwk = (database: TokenDatabase): string => {
  const jwk = database.prepare<[], string>('SELECT private_jwk FROM signing_key').pluck().get()
  if (jwk === undefined) throw new Error('The signing key is missing')
  return jwk
}
