import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TokenBook } from '../adapters/credentials/token-book.ts'

/** An empty data folder that goes with the test, and the book of its tokens. */
export class TokenFolder implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), 'hub-tokens-'))
  readonly file = join(this.path, 'tokens.sqlite')
  readonly book = new TokenBook(this.path);

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true })
  }
}
