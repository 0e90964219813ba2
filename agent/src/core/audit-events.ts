import type { Audit, AuditFact } from './audit.ts'
import type { AgentEvent, Observe } from './events.ts'

const HUB = 'hub'

/** What of an event belongs into the audit trail. Those of a person's message are recorded where the person is known. */
const toFact = (event: AgentEvent): AuditFact | undefined => {
  switch (event.type) {
    case 'link.online':
      return { type: 'login', channel: HUB, outcome: 'in' }
    case 'link.stopped':
      return { type: 'login', channel: HUB, outcome: event.byOwner ? 'out' : 'refused' }
    case 'channel.login':
      return { type: 'login', channel: event.channel, outcome: event.outcome }
    case 'task.blocked':
      return { type: 'block', channel: HUB, senderId: event.taskId, rule: event.rule }
    case 'peer.blocked':
      return { type: 'block', channel: 'peers', senderId: event.agentId, rule: event.rule }
    case 'answer.stopped':
      return { type: 'block', channel: 'answers', senderId: event.taskId, rule: event.rule }
    case 'peer.refused':
      return { type: 'refusal', channel: event.carrier, senderId: event.from ?? 'unknown', why: event.why }
    case 'group.changed':
      return { type: 'group', groupId: event.groupId, what: event.what }
    default:
      return undefined
  }
}

/** Writes what belongs there into the audit trail, and passes every event on. */
export const auditEvents =
  (audit: Pick<Audit, 'record'>, observe: Observe): Observe =>
  (event) => {
    const fact = toFact(event)
    if (fact) audit.record(fact)
    observe(event)
  }
