import { describe, expect, test } from 'vitest'
import { sharedSecret } from './shared-secret.ts'

describe('the shared secret', () => {
  test('is right, and so is the previous one; nothing else is', () => {
    const credentials = sharedSecret(['current', 'previous'])
    expect(credentials.isRequired).toBe(true)
    const tried = ['current', 'previous', 'Current', 'current ', 'curren', '', 'current\0']
    expect(tried.filter((secret) => credentials.isRight(secret))).toEqual(['current', 'previous'])
  })

  test('is asked of nobody when there is none', () => {
    const credentials = sharedSecret([])
    expect(credentials.isRequired).toBe(false)
    expect(credentials.isRight('')).toBe(false)
  })
})
