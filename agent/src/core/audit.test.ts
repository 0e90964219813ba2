import { describe, expect, it } from 'vitest'
import { FakeClock } from '../test-support/fake-clock.ts'
import { Audit, type AuditEntry, type AuditLog, describeRecord } from './audit.ts'

const ANNA = { channel: 'whatsapp', senderId: '+49 171 1234567' }

const setUp = () => {
  const clock = new FakeClock(0)
  const entries: AuditEntry[] = []
  const asked: number[] = []
  const log: AuditLog = {
    append: (entry) => void entries.push(entry),
    readTail: async (count) => {
      asked.push(count)
      return []
    },
  }
  const audit = new Audit({ log, clock, toReference: (senderId) => `#${senderId.length}:${senderId.slice(-2)}` })
  return { asked, audit, clock, entries }
}

describe('the audit', () => {
  it('records every kind of fact with its time, and a sender by its reference in one spelling', () => {
    const { audit, clock, entries } = setUp()
    clock.pass(5)
    audit.record({ type: 'block', rule: 'tier-1.roleplay', ...ANNA })
    audit.record({ type: 'refusal', why: 'unknown', ...ANNA, senderId: '491711234567' })
    audit.record({ type: 'command', command: 'team stop', outcome: 'done', ...ANNA })
    audit.record({ type: 'delegation', to: 'Nova (2)', taskId: 't1', ...ANNA })
    audit.record({ type: 'login', channel: 'whatsapp', outcome: 'in' })
    const anna = { channel: 'whatsapp', sender: '#12:67' }
    expect(entries).toEqual([
      { at: 5, type: 'block', facts: { ...anna, rule: 'tier-1.roleplay' } },
      { at: 5, type: 'refusal', facts: { ...anna, why: 'unknown' } },
      { at: 5, type: 'command', facts: { ...anna, command: 'team stop', outcome: 'done' } },
      { at: 5, type: 'delegation', facts: { ...anna, to: 'Nova ?2?', taskId: 't1' } },
      { at: 5, type: 'login', facts: { channel: 'whatsapp', outcome: 'in' } },
    ])
    expect(JSON.stringify(entries)).not.toContain('1711234567')
  })

  it('lets no text through as a command or a name', () => {
    const { audit, entries } = setUp()
    audit.record({ type: 'command', command: `${'x'.repeat(99)}\n"quoted"`, outcome: 'refused', ...ANNA })
    expect(entries[0]?.facts['command']).toBe(`${'x'.repeat(64)}…`)
  })

  it('counts a flood of refusals instead of recording each, and nobody’s commands', () => {
    const { audit, clock, entries } = setUp()
    for (let each = 0; each < 100; each++) audit.record({ type: 'refusal', why: 'unknown', ...ANNA })
    expect(entries).toHaveLength(20)
    audit.record({ type: 'refusal', why: 'unknown', channel: 'whatsapp', senderId: 'other' })
    expect(entries.slice(20)).toMatchObject([{ type: 'refusals-counted', facts: { count: 80 } }, { type: 'refusal' }])
    for (let each = 0; each < 100; each++) audit.record({ type: 'command', command: 'help', outcome: 'done', ...ANNA })
    expect(entries).toHaveLength(122)
    clock.pass(60_000)
    audit.record({ type: 'refusal', why: 'unknown', ...ANNA })
    expect(entries.at(-1)).toMatchObject({ type: 'refusal' })
    audit.flush()
    expect(entries).toHaveLength(123)
  })

  it('counts those of many strangers, too, and says so at the end', () => {
    const { audit, entries } = setUp()
    for (let each = 0; each < 700; each++) {
      audit.record({ type: 'refusal', why: 'unknown', channel: 'whatsapp', senderId: `${each}` })
    }
    expect(entries).toHaveLength(600)
    audit.flush()
    expect(entries.at(-1)).toMatchObject({ type: 'refusals-counted', facts: { count: 100 } })
  })

  it('reads so much at a time and no more', async () => {
    const { asked, audit } = setUp()
    for (const count of [5, -1, 1.5, 1_000_000]) await audit.readTail(count)
    expect(asked).toEqual([5, 0, 1, 1_000])
  })

  it('is told to people a line each', () => {
    const record = {
      seq: 1,
      at: Date.UTC(2026, 0, 31, 12),
      type: 'command',
      facts: { sender: 'ab', command: 'team stop', n: 1 },
    }
    expect(describeRecord(record)).toBe('2026-01-31 12:00:00 command sender=ab command="team stop" n=1')
  })
})
