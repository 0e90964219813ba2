import { KeyRing } from '@ai-comms/shared'
import { describe, expect, it } from 'vitest'
import { readConfig } from './config.ts'

const SECRET = '0f'.repeat(32)
const KEY = 'base64:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE='
const BASE = { AGENT_NAME: 'Atlas', AGENT_HUB_URL: 'http://localhost:8090' }

const read = (env: Record<string, string>) => {
  const result = readConfig({ ...BASE, ...env })
  if (!result.ok) throw new Error(result.mistakes.join('; '))
  return { peers: result.config.peers, warnings: result.warnings }
}
const mistakesOf = (env: Record<string, string>) => {
  const result = readConfig({ ...BASE, ...env })
  return result.ok ? [] : result.mistakes
}

describe('how an agent deals with others', () => {
  it('is unsigned and open within its hub without a secret', () => {
    expect(read({}).peers).toEqual({ requireAuth: false, turnsMax: 12, groupTurnsMax: 8 })
  })

  it('asks for signatures as soon as there is a secret, and encrypts with a key', () => {
    const { peers, warnings } = read({ SECURITY_AGENT_SECRET: SECRET, SECURITY_ENCRYPTION_KEY: KEY })
    expect(peers.requireAuth).toBe(true)
    expect(peers.keyRing?.encrypts).toBe(true)
    expect(warnings).toEqual([])
    expect(JSON.stringify(peers)).not.toContain('0f0f')
  })

  it('may take unsigned ones all the same, and says so', () => {
    const { peers, warnings } = read({ SECURITY_AGENT_SECRET: SECRET, SECURITY_REQUIRE_AGENT_AUTH: 'false' })
    expect(peers.requireAuth).toBe(false)
    expect(warnings).toEqual([expect.stringContaining('SECURITY_REQUIRE_AGENT_AUTH is off')])
  })

  it('knows the former secret while it is replaced', () => {
    const { peers } = read({ SECURITY_AGENT_SECRET: SECRET, SECURITY_AGENT_SECRET_PREVIOUS: 'ab'.repeat(32) })
    expect(peers.keyRing?.encrypts).toBe(false)
  })

  it('knows the former key while it is replaced, and no key that would stand alone', () => {
    const env = { SECURITY_AGENT_SECRET: SECRET, SECURITY_ENCRYPTION_KEY_PREVIOUS: 'ab'.repeat(32) }
    const { peers } = read({ ...env, SECURITY_ENCRYPTION_KEY: KEY })
    const former = KeyRing.fromSecrets({ signing: SECRET, encryption: 'ab'.repeat(32) })
    const scope = { fromId: 'a', toId: 'b' }
    expect(peers.keyRing?.decryptionKeys(former.kid, scope)).toHaveLength(2)
    expect(mistakesOf(env)).toEqual([expect.stringContaining('needs SECURITY_ENCRYPTION_KEY, which')])
  })

  it('has as many turns as it is told', () => {
    expect(read({ AGENT_MAX_TURNS: '3', GROUP_MAX_TURNS: '2' }).peers).toMatchObject({ turnsMax: 3, groupTurnsMax: 2 })
    expect(mistakesOf({ AGENT_MAX_TURNS: '0' })).toEqual([expect.stringContaining('AGENT_MAX_TURNS')])
  })

  it.each(['SECURITY_ENCRYPTION_KEY', 'SECURITY_AGENT_SECRET_PREVIOUS'])('says that %s needs the secret', (name) => {
    expect(mistakesOf({ [name]: SECRET })).toEqual([
      `${name} needs SECURITY_AGENT_SECRET, which signs the messages between agents`,
    ])
  })

  it('cannot ask for signatures without a secret', () => {
    expect(mistakesOf({ SECURITY_REQUIRE_AGENT_AUTH: 'true' })).toEqual([
      'SECURITY_REQUIRE_AGENT_AUTH needs SECURITY_AGENT_SECRET, which signs the messages between agents',
    ])
  })

  it.each(['short', 'hex:zz', 'base64:%%%'])('says what is wrong with the secret %s, without quoting it', (secret) => {
    const [mistake = '', ...more] = mistakesOf({ SECURITY_AGENT_SECRET: secret })
    expect(mistake).toMatch(/^SECURITY_AGENT_SECRET cannot be used: /)
    expect(mistake).not.toContain(secret)
    expect(more).toEqual([])
  })
})
