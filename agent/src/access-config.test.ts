import { describe, expect, it } from 'vitest'
import { readConfig } from './config.ts'

const HUB = { AGENT_HUB_URL: 'http://localhost:8090', AGENT_NAME: 'Atlas' }

const read = (env: Record<string, string> = {}) => {
  const result = readConfig({ ...HUB, ...env })
  if (!result.ok) throw new Error(result.mistakes.join('\n'))
  return { ...result.config.admission, warnings: result.warnings }
}
const mistakes = (env: Record<string, string>) => {
  const result = readConfig({ ...HUB, ...env })
  return result.ok ? [] : result.mistakes
}

describe('who may write to an agent', () => {
  it('is everybody, within bounds, unless something else is set', () => {
    expect(read()).toEqual({
      allowed: undefined,
      blocked: new Set(),
      admins: new Set(),
      charsMax: 5_000,
      rateMax: 30,
      rateWindowMs: 60_000,
      warnings: [],
    })
  })

  it('is read as numbers in one spelling', () => {
    const { allowed, blocked, admins } = read({
      SECURITY_ENABLE_ALLOWLIST: 'true',
      SECURITY_ALLOWLIST: '+49 171 1234567, 00491711234567,,+1 (555) 000-1234,1234567890123@lid',
      SECURITY_BLOCKLIST: '15550009@s.whatsapp.net',
      ADMIN_LIST: '+491711234567',
    })
    expect([...(allowed ?? [])]).toEqual(['491711234567', '15550001234', '1234567890123@lid'])
    expect([...blocked]).toEqual(['15550009'])
    expect([...admins]).toEqual(['491711234567'])
  })

  it('takes no number without its country, says which one it was, and repeats none', () => {
    const told = mistakes({ SECURITY_ALLOWLIST: '+491711234567, 0171 1234567, Anna', ADMIN_LIST: '123' })
    expect(told).toEqual([
      expect.stringMatching(/^SECURITY_ALLOWLIST must be phone numbers .* \(look at number 2, 3 of the list\)$/),
      expect.stringMatching(/^ADMIN_LIST must be phone numbers .* \(look at number 1 of the list\)$/),
    ])
    expect(told.join()).not.toMatch(/0171 1234567|Anna|123\b/)
  })

  it.each([
    ['SECURITY_ENABLE_ALLOWLIST', 'maybe'],
    ['SECURITY_MAX_MESSAGE_LENGTH', '0'],
    ['SECURITY_RATE_LIMIT_MAX', 'many'],
    ['SECURITY_RATE_LIMIT_WINDOW_MS', '999'],
  ])('takes no %s of %s', (name, value) => {
    expect(mistakes({ [name]: value })).toEqual([expect.stringMatching(new RegExp(`^${name} must be `))])
  })

  it('warns of a list that lets nobody in, and of one that keeps nobody out', () => {
    expect(read({ SECURITY_ENABLE_ALLOWLIST: 'true' })).toMatchObject({
      allowed: new Set(),
      warnings: [expect.stringContaining('nobody is answered but the person at the terminal')],
    })
    expect(read({ SECURITY_ALLOWLIST: '15550001' }).warnings).toEqual([
      expect.stringContaining('SECURITY_ENABLE_ALLOWLIST is off: everybody is answered'),
    ])
  })

  it('warns of an administrator who may not write', () => {
    const list = { SECURITY_ENABLE_ALLOWLIST: 'true', SECURITY_ALLOWLIST: '15550001' }
    expect(read({ ...list, ADMIN_LIST: '15550001' }).warnings).toEqual([])
    const told = [expect.stringContaining('ADMIN_LIST names people who may not write at all (1)')]
    expect(read({ ...list, ADMIN_LIST: '15550001,15550002' }).warnings).toEqual(told)
    expect(read({ ADMIN_LIST: '15550002', SECURITY_BLOCKLIST: '15550002' }).warnings).toEqual(told)
  })
})
