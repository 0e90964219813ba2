import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isScope, parseScopes, SCOPES } from './scopes.ts'

describe('scopes', () => {
  test('are read from a claim in one order, each once, and unknown words give nothing', () => {
    expect(parseScopes('tasks:write agent agent root')).toEqual(['agent', 'tasks:write'])
    for (const claim of ['', ' ', 'Agent', 'agent,admin', 'tasks', 'tasks:read:all', 'agent\tadmin', 'constructor']) {
      expect(parseScopes(claim), claim).toEqual([])
    }
  })

  test('are never more than what stands in the claim, whatever stands there', () => {
    const anyWord = fc.oneof(fc.constantFrom(...SCOPES), fc.string())
    fc.assert(
      fc.property(fc.array(anyWord), (words) => {
        const claim = words.join(' ')
        const read = parseScopes(claim)
        expect(read).toEqual(SCOPES.filter((scope) => claim.split(' ').includes(scope)))
        expect(read.every(isScope)).toBe(true)
      }),
    )
  })
})
