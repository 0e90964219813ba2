import Database from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import type { HubEvent } from '../../core/events.ts'
import { MASTER_GRANT } from '../../core/grant.ts'
import { FakeClock } from '../../test-support/fake-clock.ts'
import { TokenFolder } from '../../test-support/token-folder.ts'
import { openCredentials } from './credentials.ts'

const SECRETS = ['current', 'previous']
const ORDER = { name: 'atlas', scopes: ['agent', 'tasks:read'], ttlMs: 60_000 } as const

const open = (folder = ':memory:', secrets: readonly string[] = SECRETS) => {
  const clock = new FakeClock()
  const events: HubEvent[] = []
  const credentials = openCredentials({ secrets, folder, clock, observe: (event) => events.push(event) })
  const now = () => clock.toEpochMs(clock.now())
  return { clock, events, credentials, now, [Symbol.dispose]: () => credentials.close() }
}

describe('credentials', () => {
  test('the shared secrets are right at once, with one and the same grant; anything else is wrong at once', () => {
    using hub = open()
    const { credentials } = hub
    for (const secret of SECRETS) expect(credentials.check(secret)).toEqual({ kind: 'right', grant: MASTER_GRANT })
    for (const secret of ['', 'Current', 'current ', 'a.b.c', 'x'.repeat(10_000)]) {
      expect(credentials.check(secret), secret).toEqual({ kind: 'wrong' })
    }
    expect(credentials.findEnd(MASTER_GRANT)).toBeUndefined()
  })

  test('a token is waited for once and then known at once, until it ends', async () => {
    using folder = new TokenFolder()
    using hub = open(folder.path)
    const { credentials, clock } = hub
    const { token, jti } = await folder.book.issue(ORDER, hub.now())
    const grant = {
      kind: 'token',
      id: jti,
      name: 'atlas',
      scopes: ORDER.scopes,
      expiresAt: hub.now() + 60_000,
    } as const
    const first = credentials.check(token)
    expect(first).toBeInstanceOf(Promise)
    expect(await first).toEqual({ kind: 'right', grant })
    expect(credentials.check(token)).toEqual({ kind: 'right', grant })
    clock.advance(59_999)
    expect(credentials.findEnd(grant)).toBeUndefined()
    clock.advance(1)
    expect(credentials.findEnd(grant)).toBe('expired')
    expect(credentials.check(token)).toEqual({ kind: 'ended', grant, why: 'expired' })
  })

  test('a token that was revoked is known to be at the next look, whoever holds its grant', async () => {
    using folder = new TokenFolder()
    using hub = open(folder.path)
    const { token, jti } = await folder.book.issue(ORDER, hub.now())
    const verdict = await hub.credentials.check(token)
    folder.book.revoke({ jti }, hub.now())
    hub.credentials.look()
    expect(hub.credentials.check(token)).toMatchObject({ kind: 'ended', why: 'revoked' })
    expect(verdict.kind === 'right' && hub.credentials.findEnd(verdict.grant)).toBe('revoked')
    expect(hub.events).toEqual([{ type: 'token.revoked', jti, name: 'atlas' }])
  })

  test('a token of a hub with another folder is wrong', async () => {
    using folder = new TokenFolder()
    using elsewhere = new TokenFolder()
    using hub = open(folder.path)
    const { token } = await elsewhere.book.issue(ORDER, hub.now())
    expect(await hub.credentials.check(token)).toEqual({ kind: 'wrong' })
    await folder.book.issue(ORDER, hub.now())
    expect(await hub.credentials.check(token)).toEqual({ kind: 'wrong' })
  })

  test('a genuine token that the file no longer has is as good as revoked', async () => {
    using folder = new TokenFolder()
    using hub = open(folder.path)
    const { token, jti } = await folder.book.issue(ORDER, hub.now())
    const database = new Database(folder.file)
    database.prepare('DELETE FROM tokens WHERE jti = ?').run(jti)
    database.close()
    expect(await hub.credentials.check(token)).toMatchObject({ kind: 'ended', why: 'revoked' })
  })

  test('a new token cannot be looked at while its file is locked, and is waited for while it is only being written', async () => {
    using folder = new TokenFolder()
    using hub = open(folder.path)
    const { token } = await folder.book.issue(ORDER, hub.now())
    const writer = new Database(folder.file)
    writer.exec('BEGIN EXCLUSIVE')
    expect(await hub.credentials.check(token)).toEqual({ kind: 'unavailable' })
    const waiting = hub.credentials.check(token)
    writer.exec('COMMIT')
    writer.close()
    expect(await waiting).toMatchObject({ kind: 'right' })
  })

  test('without a secret nobody is asked, and no file is looked at', async () => {
    using folder = new TokenFolder()
    using hub = open(folder.path, [])
    expect(hub.credentials.isRequired).toBe(false)
    const { jti } = await folder.book.issue(ORDER, hub.now())
    folder.book.revoke({ jti }, hub.now())
    hub.credentials.look()
    expect(hub.events).toEqual([])
  })
})
