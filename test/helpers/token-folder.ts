import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type IssuedToken, TokenBook } from '@ai-comms/hub'
import { type HubOptions, startHub, type TestHub } from './start-hub.ts'

type Scopes = Parameters<TokenBook['issue']>[0]['scopes']

const DAY_MS = 86_400_000

/** A hub with a data folder of its own, and the operator's hand on its tokens. */
export class TokenHub implements AsyncDisposable {
  readonly hub: TestHub
  /** The hub's data folder. */
  readonly folder: string
  readonly book: TokenBook

  constructor(hub: TestHub, folder: string) {
    this.hub = hub
    this.folder = folder
    this.book = new TokenBook(folder)
  }

  get now(): number {
    return this.hub.clock.toEpochMs(this.hub.clock.now())
  }

  issue(name: string, scopes: Scopes, ttlMs = DAY_MS): Promise<IssuedToken> {
    return this.book.issue({ name, scopes, ttlMs }, this.now)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.hub[Symbol.asyncDispose]()
    await rm(this.folder, { recursive: true })
  }
}

/** Starts a hub that keeps its data in a new folder; no token is there yet. */
export const startTokenHub = async ({ env = {} }: HubOptions = {}): Promise<TokenHub> => {
  const folder = await mkdtemp(join(tmpdir(), 'token-hub-'))
  return new TokenHub(await startHub({ env: { HUB_DATA_DIR: folder, ...env } }), folder)
}

/** What a caller with this token sends. */
export const bearer = (token: string): { readonly headers: { readonly authorization: string } } => ({
  headers: { authorization: `Bearer ${token}` },
})
