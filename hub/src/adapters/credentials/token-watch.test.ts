import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { TokenFolder } from '../../test-support/token-folder.ts'
import { TokenWatch } from './token-watch.ts'

const NOW = Date.UTC(2026, 0, 1)
const ORDER = { name: 'atlas', scopes: ['agent'], ttlMs: 60_000 } as const

const watch = (folder: string, now = () => NOW) => {
  const revoked: string[] = []
  const troubles: string[] = []
  const tokens = new TokenWatch(folder, {
    epochMs: now,
    revoked: ({ jti }) => revoked.push(jti),
    trouble: (detail) => troubles.push(detail),
  })
  return { tokens, revoked, troubles, [Symbol.dispose]: () => tokens.close() }
}

test('a folder that is not there has no tokens, and is no trouble', () => {
  using folder = new TokenFolder()
  for (const path of [folder.path, `${folder.path}/nowhere`, ':memory:']) {
    using watched = watch(path)
    watched.tokens.look()
    expect(watched.tokens.publicJwk).toBeUndefined()
    expect(watched.tokens.statusOf('x')).toBe('unknown')
    expect(watched.troubles).toEqual([])
  }
})

test('what is issued and revoked is seen at the next look, and each revocation is told once', async () => {
  using folder = new TokenFolder()
  using watched = watch(folder.path)
  watched.tokens.look()
  const { jti } = await folder.book.issue(ORDER, NOW)
  const { jti: later } = await folder.book.issue(ORDER, NOW)
  expect(watched.tokens.statusOf(jti)).toBe('unknown')
  watched.tokens.look()
  expect([jti, later].map((each) => watched.tokens.statusOf(each))).toEqual(['good', 'good'])
  expect(watched.tokens.publicJwk).toContain('Ed25519')
  folder.book.revoke({ jti }, NOW)
  for (let look = 0; look < 3; look++) watched.tokens.look()
  expect([jti, later].map((each) => watched.tokens.statusOf(each))).toEqual(['revoked', 'good'])
  expect(watched.revoked).toEqual([jti])
})

test('what was revoked before the first look is no news', async () => {
  using folder = new TokenFolder()
  const { jti } = await folder.book.issue(ORDER, NOW)
  folder.book.revoke({ jti }, NOW)
  using watched = watch(folder.path)
  watched.tokens.look()
  expect(watched.tokens.statusOf(jti)).toBe('revoked')
  expect(watched.revoked).toEqual([])
})

test('a file that is removed ends all its tokens, and one in its place counts', async () => {
  using folder = new TokenFolder()
  using watched = watch(folder.path)
  const { jti } = await folder.book.issue(ORDER, NOW)
  watched.tokens.look()
  const key = watched.tokens.publicJwk
  rmSync(folder.file)
  watched.tokens.look()
  expect(watched.tokens.statusOf(jti)).toBe('unknown')
  const { jti: fresh } = await folder.book.issue(ORDER, NOW)
  watched.tokens.look()
  expect([jti, fresh].map((each) => watched.tokens.statusOf(each))).toEqual(['unknown', 'good'])
  expect(watched.tokens.publicJwk).not.toBe(key)
  expect(watched.troubles).toEqual([])
})

test('trouble is told once, what was known stands meanwhile, and the next trouble is told again', async () => {
  using folder = new TokenFolder()
  using watched = watch(folder.path)
  const { jti } = await folder.book.issue(ORDER, NOW)
  watched.tokens.look()
  const damage = () => {
    rmSync(folder.file, { recursive: true })
    writeFileSync(folder.file, 'no database, but long enough to be taken for one')
  }
  damage()
  for (let look = 0; look < 20; look++) watched.tokens.look()
  expect(watched.troubles).toEqual([expect.stringContaining('damaged')])
  expect(watched.tokens.isCurrent).toBe(false)
  expect(watched.tokens.statusOf(jti)).toBe('good')
  rmSync(folder.file)
  watched.tokens.look()
  expect(watched.tokens.isCurrent).toBe(true)
  mkdirSync(folder.file)
  for (let look = 0; look < 20; look++) watched.tokens.look()
  expect(watched.troubles).toHaveLength(2)
})

test('a file that is being written is no trouble for a while, and waits for nobody', async () => {
  using folder = new TokenFolder()
  let now = NOW
  using watched = watch(folder.path, () => now)
  const { jti } = await folder.book.issue(ORDER, NOW)
  const writer = new Database(folder.file)
  writer.exec('BEGIN EXCLUSIVE')
  // However many new tokens are shown meanwhile: each makes the watch look several times
  for (const later of [0, 5_000, 9_999]) {
    now = NOW + later
    for (let look = 0; look < 50; look++) watched.tokens.look()
  }
  expect(watched.troubles).toEqual([])
  expect(watched.tokens.isBusy).toBe(true)
  now = NOW + 10_000
  for (let look = 0; look < 3; look++) watched.tokens.look()
  expect(watched.troubles).toEqual([expect.stringContaining('being written')])
  writer.exec('ROLLBACK')
  writer.close()
  watched.tokens.look()
  expect(watched.tokens.isBusy).toBe(false)
  expect(watched.tokens.statusOf(jti)).toBe('good')
})
