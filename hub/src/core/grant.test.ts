import { SCOPES, type Scope } from '@ai-comms/shared'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { catchRefusal } from '../test-support/catch-refusal.ts'
import { type Grant, MASTER_GRANT, mayUse, requireAgentScope, requireOwnName, requireScope } from './grant.ts'

const tokenOf = (scopes: readonly Scope[], name = 'atlas'): Grant => ({
  kind: 'token',
  id: 'jti-1',
  name,
  scopes,
  expiresAt: 1,
})

describe('a grant', () => {
  test('of the shared secret covers everything, under any name', () => {
    for (const scope of SCOPES) expect(mayUse(MASTER_GRANT, scope)).toBe(true)
    requireAgentScope(MASTER_GRANT)
    requireOwnName(MASTER_GRANT, { name: 'anybody' })
  })

  test('of a token covers its scopes and nothing else, and all of them with admin', () => {
    fc.assert(
      fc.property(fc.subarray([...SCOPES]), fc.constantFrom(...SCOPES), (scopes, scope) => {
        expect(mayUse(tokenOf(scopes), scope)).toBe(scopes.includes('admin') || scopes.includes(scope))
      }),
    )
  })

  test('says which scope is missing, and which are there', () => {
    const refusal = catchRefusal(() => requireScope(tokenOf(['agent', 'tasks:read']), 'tasks:write'))
    expect(refusal.code).toBe('forbidden')
    expect(refusal.detail).toBe('This needs a token with the scope tasks:write; this one has agent, tasks:read.')
    expect(catchRefusal(() => requireAgentScope(tokenOf([])))).toMatchObject({
      code: 'unauthorized',
      detail: 'Registering needs a token with the scope agent; this one has none.',
    })
  })

  test('registers its own name in any case and width, and no other, not even with admin', () => {
    for (const name of ['Atlas', 'ＡＴＬＡＳ', 'atlas']) requireOwnName(tokenOf(['agent'], 'aTLAS'), { name })
    for (const name of ['nova', 'atlas ', 'atlas-2', 'unnamed', 'аtlas']) {
      expect(catchRefusal(() => requireOwnName(tokenOf(['admin']), { name })).code).toBe('unauthorized')
    }
  })
})
