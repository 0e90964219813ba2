import { describe, expect, test } from 'vitest'
import { FakeClock } from '../test-support/fake-clock.ts'
import type { HubEvent } from './events.ts'
import { Login } from './login.ts'

const buildLogin = (isRequired = true) => {
  const clock = new FakeClock()
  const events: HubEvent[] = []
  const credentials = { isRequired, isRight: (secret: string) => secret === 'right' }
  return { clock, events, login: new Login({ credentials, clock, observe: (event) => events.push(event) }) }
}

describe('the door', () => {
  test('lets the right secret in and refuses the wrong one', () => {
    const { login, events } = buildLogin()
    expect(login.try('right', 'here')).toEqual({ kind: 'admitted' })
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
    for (let time = 0; time < 10; time++) login.try('wrong', 'here')
    clock.advance(1_500)
    expect(login.try('wrong', 'here')).toEqual({ kind: 'locked', waitMs: 58_500 })
    expect(login.try('right', 'here')).toEqual({ kind: 'admitted' })
    expect(login.try('wrong', 'elsewhere')).toEqual({ kind: 'refused' })
  })

  test('a sweep lets a lock stand until it is over', () => {
    const { login, clock } = buildLogin()
    for (let time = 0; time < 10; time++) login.try('wrong', 'here')
    clock.advance(59_000)
    login.sweep()
    expect(login.try('wrong', 'here')).toEqual({ kind: 'locked', waitMs: 1_000 })
    clock.advance(1_000)
    login.sweep()
    expect(login.try('wrong', 'here')).toEqual({ kind: 'refused' })
  })

  test('asks nobody when no secret is required', () => {
    const { login } = buildLogin(false)
    expect(login.try(undefined, 'here')).toEqual({ kind: 'admitted' })
    expect(login.try('wrong', 'here')).toEqual({ kind: 'admitted' })
  })
})
