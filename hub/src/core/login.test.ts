import { describe, expect, test } from 'vitest'
import { FakeClock } from '../test-support/fake-clock.ts'
import type { HubEvent } from './events.ts'
import { MASTER_GRANT, type TokenGrant } from './grant.ts'
import { Login } from './login.ts'
import type { Credentials, Verdict } from './ports.ts'

const ADMITTED = { kind: 'admitted', grant: MASTER_GRANT }
const TOKEN: TokenGrant = { kind: 'token', id: 'jti-1', name: 'atlas', scopes: ['agent'], expiresAt: 9 }

const buildLogin = (isRequired = true) => {
  const clock = new FakeClock()
  const events: HubEvent[] = []
  const verdicts: { readonly [secret: string]: Verdict | Promise<Verdict> } = {
    right: { kind: 'right', grant: MASTER_GRANT },
    token: Promise.resolve({ kind: 'right', grant: TOKEN }),
    expired: Promise.resolve({ kind: 'ended', grant: TOKEN, why: 'expired' }),
    forged: Promise.resolve({ kind: 'wrong' }),
    unreadable: Promise.resolve({ kind: 'unavailable' }),
  }
  const credentials: Credentials = {
    isRequired,
    check: (secret) => verdicts[secret] ?? { kind: 'wrong' },
    findEnd: () => 'revoked',
  }
  return { clock, events, login: new Login({ credentials, clock, observe: (event) => events.push(event) }) }
}

describe('the door', () => {
  test('lets the right secret in and refuses the wrong one', () => {
    const { login, events } = buildLogin()
    expect(login.try('right', 'here')).toEqual(ADMITTED)
    expect(login.try('wrong', 'here')).toEqual({ kind: 'refused' })
    expect(events).toEqual([{ type: 'login.failed', address: 'here', locked: false }])
  })

  test('refuses who shows nothing, and does not count it', () => {
    const { login, events } = buildLogin()
    for (let time = 0; time < 20; time++) expect(login.try(undefined, 'here')).toEqual({ kind: 'refused' })
    expect(login.try('', 'here')).toEqual({ kind: 'refused' })
    expect(login.try('wrong', 'here')).toEqual({ kind: 'refused' })
    expect(events).toHaveLength(1)
  })

  test('after ten wrong secrets further ones must wait, and right ones still pass', () => {
    const { login, clock } = buildLogin()
    for (let time = 0; time < 10; time++) expect(login.try('wrong', 'here')).toEqual({ kind: 'refused' })
    clock.advance(1_500)
    expect(login.try('wrong', 'here')).toEqual({ kind: 'locked', waitMs: 58_500 })
    expect(login.try('right', 'here')).toEqual(ADMITTED)
    expect(login.try('wrong', 'elsewhere')).toEqual({ kind: 'refused' })
  })

  test('a sweep lets a lock stand until it is over', () => {
    const { login, clock } = buildLogin()
    for (let time = 0; time < 10; time++) expect(login.try('wrong', 'here')).toEqual({ kind: 'refused' })
    clock.advance(59_000)
    login.sweep()
    expect(login.try('wrong', 'here')).toEqual({ kind: 'locked', waitMs: 1_000 })
    clock.advance(1_000)
    login.sweep()
    expect(login.try('wrong', 'here')).toEqual({ kind: 'refused' })
  })

  test('asks nobody when no secret is required', () => {
    const { login } = buildLogin(false)
    expect(login.try(undefined, 'here')).toEqual(ADMITTED)
    expect(login.try('wrong', 'here')).toEqual(ADMITTED)
  })

  test('lets a token in with what it gives, once it was verified', async () => {
    const { login, events } = buildLogin()
    expect(await login.try('token', 'here')).toEqual({ kind: 'admitted', grant: TOKEN })
    expect(events).toEqual([])
  })

  test('counts a forged token as a wrong secret', async () => {
    const { login } = buildLogin()
    for (let time = 0; time < 10; time++) expect(await login.try('forged', 'here')).toEqual({ kind: 'refused' })
    expect(await login.try('forged', 'here')).toEqual({ kind: 'locked', waitMs: 60_000 })
    expect(login.try('wrong', 'here')).toMatchObject({ kind: 'locked' })
    expect(await login.try('token', 'here')).toMatchObject({ kind: 'admitted' })
  })

  test('refuses a token that has ended, or that cannot be looked at, and does not count it', async () => {
    const { login, events } = buildLogin()
    for (let time = 0; time < 20; time++) {
      expect(await login.try('expired', 'here')).toEqual({ kind: 'ended', why: 'expired' })
      expect(await login.try('unreadable', 'here')).toEqual({ kind: 'unavailable' })
    }
    expect(login.try('wrong', 'here')).toEqual({ kind: 'refused' })
    expect(events[0]).toEqual({ type: 'login.ended', address: 'here', jti: 'jti-1', name: 'atlas', why: 'expired' })
  })

  test('knows when a token has ended since; the shared secret never does', () => {
    const { login } = buildLogin()
    expect(login.findEnd(TOKEN)).toBe('revoked')
    expect(login.findEnd(MASTER_GRANT)).toBeUndefined()
  })
})
