import { describe, expect, test } from 'vitest'
import { sharedSecret, toDigest } from './shared-secret.ts'

describe('the shared secret', () => {
  test('is right, and so is the previous one; nothing else is', () => {
    const secrets = sharedSecret(['current', 'previous'])
    expect(secrets.isRequired).toBe(true)
    const tried = ['current', 'previous', 'Current', 'current ', 'curren', '', 'current\0']
    expect(tried.filter((secret) => secrets.isRight(toDigest(secret)))).toEqual(['current', 'previous'])
  })

  test('is asked of nobody when there is none', () => {
    const secrets = sharedSecret([])
    expect(secrets.isRequired).toBe(false)
    expect(secrets.isRight(toDigest(''))).toBe(false)
  })
})
