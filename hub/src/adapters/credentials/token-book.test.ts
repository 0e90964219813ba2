import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import { TokenFolder } from '../../test-support/token-folder.ts'
import { TokenBook, type TokenOrder } from './token-book.ts'

const NOW = Date.UTC(2026, 0, 1) + 500.25
const DAY = 86_400_000
const ORDER: TokenOrder = { name: 'atlas', scopes: ['agent', 'tasks:read'], ttlMs: 90 * DAY }

const rightsOf = (path: string) => (statSync(path).mode & 0o777).toString(8)

describe('the book of tokens', () => {
  test('issues a token and keeps what is known of it, on whole seconds, but not the token', async () => {
    using folder = new TokenFolder()
    const { token, ...record } = await folder.book.issue(ORDER, NOW)
    const whole = Date.UTC(2026, 0, 1)
    const issued = { issuedAt: whole, expiresAt: whole + 90 * DAY, revokedAt: undefined }
    expect(record).toEqual({ jti: expect.any(String), name: 'atlas', scopes: ['agent', 'tasks:read'], ...issued })
    expect(folder.book.list()).toEqual([record])
    const [head, claims = '', signature = ''] = token.split('.')
    expect(Buffer.from(head ?? '', 'base64url').toString()).toBe('{"alg":"EdDSA","typ":"JWT"}')
    expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toEqual({
      ...{ iss: 'ai-comms-hub', sub: 'atlas', scope: 'agent tasks:read', jti: record.jti },
      ...{ iat: whole / 1_000, exp: (whole + 90 * DAY) / 1_000 },
    })
    expect(readFileSync(folder.file, 'latin1')).not.toContain(signature)
  })

  test('is made with the first token, for its owner only, and by nothing else', async () => {
    using folder = new TokenFolder()
    const inner = join(folder.path, 'made', 'here')
    const book = new TokenBook(inner)
    expect(book.list()).toEqual([])
    expect(book.revoke({ name: 'atlas' }, NOW)).toEqual([])
    expect(existsSync(inner)).toBe(false)
    await book.issue(ORDER, NOW)
    expect(rightsOf(inner)).toBe('700')
    expect(rightsOf(join(inner, 'tokens.sqlite'))).toBe('600')
  })

  test('made by several at once has one key, and every token', async () => {
    using folder = new TokenFolder()
    const books = Array.from({ length: 8 }, () => new TokenBook(folder.path))
    await Promise.all(books.map((book) => book.issue(ORDER, NOW)))
    expect(folder.book.list()).toHaveLength(8)
    using database = openRaw(folder.file)
    expect(database.prepare('SELECT count(*) FROM signing_key').pluck().get()).toBe(1)
  })

  test('left empty by a crash while it was made is made anew', async () => {
    using folder = new TokenFolder()
    writeFileSync(folder.file, '')
    expect(folder.book.list()).toEqual([])
    await folder.book.issue(ORDER, NOW)
    expect(folder.book.list()).toHaveLength(1)
  })

  test('revokes one token or all of a name, once, and says which it meant', async () => {
    using folder = new TokenFolder()
    const { token: _, ...first } = await folder.book.issue(ORDER, NOW)
    const { token: __, ...second } = await folder.book.issue(ORDER, NOW + 5_000)
    const { jti: other } = await folder.book.issue({ ...ORDER, name: 'nova' }, NOW)
    expect(folder.book.revoke({ jti: first.jti }, NOW + DAY)).toEqual([first])
    const revoked = { ...first, revokedAt: Date.UTC(2026, 0, 2) }
    expect(folder.book.revoke({ jti: first.jti }, NOW + 2 * DAY)).toEqual([revoked])
    expect(folder.book.revoke({ name: 'atlas' }, NOW + 2 * DAY)).toEqual([revoked, second])
    expect(folder.book.revoke({ jti: 'nobody' }, NOW)).toEqual([])
    const left = folder.book.list().filter(({ revokedAt }) => revokedAt === undefined)
    expect(left.map(({ jti }) => jti)).toEqual([other])
    expect(folder.book.list().find(({ jti }) => jti === first.jti)).toEqual(revoked)
  })

  test('revokes all of a name however it is written: they let in the same agent', async () => {
    using folder = new TokenFolder()
    const names = ['Atlas', 'aTLAS', 'Çelik', 'Atlas 2']
    for (const name of names) await folder.book.issue({ ...ORDER, name }, NOW)
    const revoked = folder.book.revoke({ name: 'ＡＴＬＡＳ' }, NOW)
    expect(revoked.map(({ name }) => name).sort()).toEqual(['Atlas', 'aTLAS'])
    const left = folder.book.list().filter(({ revokedAt }) => revokedAt === undefined)
    expect(left.map(({ name }) => name).sort()).toEqual(['Atlas 2', 'Çelik'])
    expect(folder.book.revoke({ name: 'ÇELIK' }, NOW).map(({ name }) => name)).toEqual(['Çelik'])
  })

  test('forgets tokens a month after their end, when the next one is issued', async () => {
    using folder = new TokenFolder()
    const { jti } = await folder.book.issue({ ...ORDER, ttlMs: DAY }, NOW)
    await folder.book.issue(ORDER, NOW + 30 * DAY)
    expect(folder.book.list().map((token) => token.jti)).toContain(jti)
    await folder.book.issue(ORDER, NOW + 32 * DAY)
    expect(folder.book.list().map((token) => token.jti)).not.toContain(jti)
  })

  test('holds 10 000 good tokens; for one more some must be revoked', async () => {
    using folder = new TokenFolder()
    await folder.book.issue(ORDER, NOW)
    {
      using database = openRaw(folder.file)
      const add = database.prepare("INSERT INTO tokens VALUES (?, 'many', 'agent', 0, ?, NULL)")
      database.transaction(() => {
        for (let at = 1; at < 10_000; at++) add.run(`jti-${at}`, NOW + DAY - ((NOW + DAY) % 1_000))
      })()
    }
    await expect(folder.book.issue(ORDER, NOW)).rejects.toThrow('There are 10000 tokens already')
    folder.book.revoke({ jti: 'jti-1' }, NOW)
    await folder.book.issue(ORDER, NOW)
  })
})

describe('a file that cannot be the book', () => {
  const refusals = async (folder: TokenFolder): Promise<string[]> => {
    const issued = await folder.book.issue(ORDER, NOW).catch((error: unknown) => error)
    const acts = [() => folder.book.list(), () => folder.book.revoke({ jti: 'x' }, NOW)]
    const thrown = acts.map((act) => {
      try {
        return act()
      } catch (error) {
        return error
      }
    })
    return [issued, ...thrown].map((error) => (error instanceof Error ? `${error.name}: ${error.message}` : 'done'))
  }

  test('is one sentence, whatever was tried, and is left as it is', async () => {
    using folder = new TokenFolder()
    writeFileSync(folder.file, 'this is no database, but long enough to be taken for one')
    for (const sentence of await refusals(folder)) expect(sentence).toMatch(/^TokenFileError: .* is damaged .*anew\.$/)
    expect(readFileSync(folder.file, 'utf8')).toContain('this is no database')
  })

  test('of another program is not written to', async () => {
    using folder = new TokenFolder()
    {
      using database = openRaw(folder.file)
      database.exec('CREATE TABLE notes (text)')
    }
    for (const sentence of await refusals(folder)) expect(sentence).toContain('no file of tokens')
  })

  test('of a newer release says so', async () => {
    using folder = new TokenFolder()
    await folder.book.issue(ORDER, NOW)
    {
      using database = openRaw(folder.file)
      database.pragma('user_version = 2')
    }
    for (const sentence of await refusals(folder)) expect(sentence).toContain('newer release')
  })

  test('that is a folder, or lies below a file, says where to look', async () => {
    using folder = new TokenFolder()
    mkdirSync(folder.file)
    for (const sentence of await refusals(folder)) expect(sentence).toContain('look at its folder and its rights')
  })

  test('in memory is refused before anything is tried', () => {
    expect(() => new TokenBook(':memory:')).toThrow('Tokens need a data folder')
  })
})

const openRaw = (path: string) => {
  const database = new Database(path)
  return Object.assign(database, { [Symbol.dispose]: () => void database.close() })
}
