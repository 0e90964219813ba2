import { expect, it } from 'vitest'
import type { AuditFact } from './audit.ts'
import { auditEvents } from './audit-events.ts'
import type { AgentEvent } from './events.ts'
import { RefusalCounts } from './refusal-counts.ts'

const setUp = () => {
  const [facts, seen]: [AuditFact[], AgentEvent[]] = [[], []]
  const counts = new RefusalCounts()
  const observe = counts.before(auditEvents({ record: (fact) => facts.push(fact) }, (event) => seen.push(event)))
  return { facts, seen, counts, observe }
}

it.each<[AgentEvent, AuditFact]>([
  [
    { type: 'link.online', agentId: 'a', protocol: 2, held: 0 },
    { type: 'login', channel: 'hub', outcome: 'in' },
  ],
  [
    { type: 'link.stopped', because: 'b', byOwner: true },
    { type: 'login', channel: 'hub', outcome: 'out' },
  ],
  [
    { type: 'link.stopped', because: 'b', byOwner: false },
    { type: 'login', channel: 'hub', outcome: 'refused' },
  ],
  [
    { type: 'channel.login', channel: 'whatsapp', outcome: 'out' },
    { type: 'login', channel: 'whatsapp', outcome: 'out' },
  ],
  [
    { type: 'task.blocked', taskId: 't', rule: 'r' },
    { type: 'block', channel: 'hub', senderId: 't', rule: 'r' },
  ],
  [
    { type: 'peer.blocked', agentId: 'p', rule: 'r' },
    { type: 'block', channel: 'peers', senderId: 'p', rule: 'r' },
  ],
  [
    { type: 'answer.stopped', taskId: 't', rule: 'r', action: 'block' },
    { type: 'block', channel: 'answers', senderId: 't', rule: 'r' },
  ],
  [
    { type: 'peer.refused', why: 'bad_signature', detail: 'd', carrier: 'hub', from: undefined },
    { type: 'refusal', channel: 'hub', senderId: 'unknown', why: 'bad_signature' },
  ],
  [
    { type: 'group.changed', groupId: 'g', version: 2, what: 'added' },
    { type: 'group', groupId: 'g', what: 'added' },
  ],
])('an event that belongs into the trail is there, and everybody else hears of it: $type', (event, fact) => {
  const { facts, seen, observe } = setUp()
  observe(event)
  expect(facts).toEqual([fact])
  expect(seen).toEqual([event])
})

it('everything else is not in the trail', () => {
  const { facts, seen, observe } = setUp()
  observe({ type: 'message.answered', channel: 'console', workMs: 1, chars: 1 })
  expect(facts).toEqual([])
  expect(seen).toHaveLength(1)
})

it('what was refused and what was stopped are counted apart', () => {
  const { counts, observe } = setUp()
  observe({ type: 'message.refused', channel: 'c', why: 'unknown' })
  observe({ type: 'message.blocked', channel: 'c', rule: 'r' })
  observe({ type: 'peer.blocked', agentId: 'p', rule: 'r' })
  expect([counts.refused, counts.blocked]).toEqual([1, 2])
})
