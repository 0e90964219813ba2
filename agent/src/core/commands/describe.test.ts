import { describe, expect, test } from 'vitest'
import { SECURITY, STATUS } from '../../test-support/set-up-commands.ts'
import type { ChainView } from '../chain-view.ts'
import { describeProviders, describeSecurity, describeStatus } from './describe.ts'

const CHAIN: ChainView = {
  chain: [
    {
      ...{ provider: 'openai', model: 'gpt', state: 'resting', until: '2026-01-01T14:05:09.000Z', why: 'rate-limit' },
      lastFailure: { kind: 'rate-limit', at: '2026-01-01T13:05:00.000Z' },
      ...{ answered: 1, failed: { 'rate-limit': 2, timeout: 1 }, tokensToday: { in: 12_000, out: 345 } },
      costToday: 0.00005123,
    },
    { provider: 'local', model: 'll', state: 'awake', answered: 0, failed: {}, tokensToday: { in: 0, out: 0 } },
    {
      ...{
        provider: 'groq',
        model: 'gg',
        state: 'probing',
        why: 'auth',
        answered: 2,
        failed: {},
        costToday: 1_234.5678,
      },
      tokensToday: { in: 1, out: 0 },
    },
  ],
  tokensToday: 12_346,
  budget: { tokensPerDay: 2_000_000, tokensLeft: 0, renewsAt: '2026-01-02T00:00:00.000Z' },
}

describe('what an admin reads', () => {
  test('of the agent', () => {
    expect(describeStatus(STATUS)).toEqual([
      'Atlas: ok, version 1.2.3, up 2 h',
      'Hub link: online',
      'Storage: ok',
      'Messages: 0 running, 0 waiting',
      'Tasks: 1 running, 2 waiting',
      'Teams at work: 0',
    ])
    expect(describeStatus({ ...STATUS, storage: 'unavailable' })).toContain(
      'Storage: cannot be written; tasks are refused',
    )
  })

  test('of the providers', () => {
    expect(describeProviders(CHAIN)).toEqual([
      'Providers, in the order in which they are asked:',
      '• openai/gpt: resting until 2026-01-01 14:05 UTC because of rate-limit · 1 answer, 3 failures · 12,000 + 345 tokens today · cost 0.000051 · last failure rate-limit at 2026-01-01 13:05 UTC',
      '• local/ll: awake · 0 answers, 0 failures',
      '• groq/gg: to be tried again because of auth · 2 answers, 0 failures · 1 + 0 tokens today · cost 1,234.57',
      'Today: 12,346 tokens',
      'Budget: 0 of 2,000,000 tokens left until 2026-01-02 00:00 UTC',
    ])
    expect(describeProviders({ chain: [], tokensToday: 0 })).toContain('Budget: none')
  })

  test('of who may speak, without anybody’s number', () => {
    expect(describeSecurity(SECURITY)).toEqual([
      'Allowlist: off, so everybody may write',
      'Blocklist: 0 numbers',
      'Admins: 0 numbers, and the person at the terminal',
      'Limits: 30 messages in 1 min, 5,000 characters each',
      'Agents: messages are neither signed nor encrypted',
      'Since the start: 0 messages refused, 0 messages blocked',
    ])
    const numbers = new Set(['491711234567'])
    const text = describeSecurity({
      rules: { ...SECURITY.rules, allowed: numbers, blocked: numbers, admins: numbers },
      ...{ isSigning: true, isEncrypting: true, requireAuth: true, refused: 1, blocked: 2 },
    }).join('\n')
    expect(text).not.toContain('49171')
    expect(text).toMatch(
      /^Allowlist: on, 1 number\n.*\nAdmins: 1 number,.*\n.*\nAgents: .*signed and encrypted; unsigned/,
    )
    expect(text).toMatch(/: 1 message refused, 2 messages blocked$/)
    expect(describeSecurity({ ...SECURITY, rules: { ...SECURITY.rules, allowed: new Set() } })[0]).toContain(
      'only the person at the terminal',
    )
    expect(describeSecurity({ ...SECURITY, isSigning: true }).join()).toContain(
      'signed, not encrypted; unsigned ones are taken',
    )
  })
})
