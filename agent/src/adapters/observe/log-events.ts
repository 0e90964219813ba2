import type { Logger } from 'pino'
import type { AgentEvent, Observe } from '../../core/events.ts'

type Level = 'debug' | 'info' | 'warn' | 'error'

/**
 * One line per event: error for what a person must look at, warn where the agent helped itself, info for the turns of a
 * link or task, debug for the rest.
 */
const LINES: { readonly [Type in Exclude<AgentEvent['type'], 'channel.told'>]: readonly [Level, string] } = {
  'link.connecting': ['debug', 'connecting to the hub'],
  'link.online': ['info', 'online at the hub'],
  'link.lost': ['warn', 'no link to the hub, another try follows'],
  'link.stopped': ['error', 'the hub ended the link for good'],
  'link.refused': ['debug', 'the hub refused a frame'],
  'link.frame-received': ['debug', 'frame received'],
  'link.frame-ignored': ['warn', 'the hub sent a frame that cannot be read'],
  'outbox.dropped': ['warn', 'answers were let go'],
  'task.begun': ['debug', 'task begun'],
  'task.completed': ['info', 'task completed'],
  'task.failed': ['warn', 'task failed'],
  'task.broken': ['error', 'the work on a task threw something unexpected'],
  'task.late': ['warn', 'a task came after its deadline; do the clocks of hub and agent differ?'],
  'task.canceled': ['info', 'task canceled'],
  'task.joined': ['info', 'task delivered again while it is worked on'],
  'task.repeated': ['info', 'task delivered again and answered with what is kept'],
  'task.resumed': ['info', 'task begun anew that was accepted before a restart'],
  'agent.draining': ['info', 'draining'],
  'storage.failed': ['warn', 'the data folder cannot be written; new tasks are refused until it can'],
  'storage.recovered': ['info', 'the data folder can be written again'],
  'storage.lost': ['warn', 'answers that could not be stored were let go'],
  'provider.answered': ['info', 'the provider answered'],
  'provider.failed': ['warn', 'the provider failed'],
  'provider.resting': ['warn', 'the provider is left to rest; others are asked first'],
  'provider.awake': ['info', 'the provider is back from its rest'],
  'budget.spent': ['warn', 'the tokens of today are spent; nobody is asked any more until 00:00 UTC'],
  'budget.unsaved': ['warn', 'what the providers cost cannot be written down; it is counted in memory until it can'],
  'memory.unsaved': ['warn', 'what people said cannot be written down; it is kept in memory until it can'],
  'memory.lost': ['warn', 'answers that could not be written down were let go; people may have to repeat themselves'],
  'audit.failed': ['error', 'the audit trail cannot be written; its lines are kept in memory until it can'],
  'audit.recovered': ['info', 'the audit trail can be written again'],
  'audit.torn': ['warn', 'the last line of the audit trail was cut off by the end before, and is taken away'],
  'audit.unreadable': ['error', 'a line of the audit trail cannot be read; verify it'],
  'message.refused': ['debug', 'a message was not looked at'],
  'message.blocked': ['info', 'the guard stopped a message'],
  'message.answered': ['info', 'a message was answered'],
  'message.failed': ['warn', 'a message could not be answered'],
  'message.broken': ['error', 'the work on a message threw something unexpected'],
  'message.unsent': ['warn', 'an answer could not be sent'],
  'channel.login': ['debug', "the agent's own account at a channel"],
  'command.ran': ['info', 'a command was given'],
  'task.blocked': ['warn', 'the guard stopped a task'],
  'peer.blocked': ['warn', 'the guard stopped the text of another agent'],
  'answer.stopped': ['warn', 'the guard took something out of an answer, or held it back'],
  'team.started': ['info', 'a team begins'],
  'team.resumed': ['info', 'a team goes on that was at work before a restart'],
  'team.planned': ['info', 'a team has its plan'],
  'team.step-ended': ['info', "a team's step is over"],
  'team.ended': ['info', 'a team is done'],
  'team.unasked': ['warn', 'a team goes on without the model'],
  'team.unsaved': ['warn', 'how far a team is cannot be written down'],
  'team.broken': ['error', 'the work of a team threw something unexpected'],
  'peer.refused': ['warn', 'something of another agent was refused'],
  'peer.registered': ['info', 'another agent is known'],
  'peer.asked': ['info', 'another agent was asked'],
  'peer.answered': ['info', 'another agent was answered'],
  'peer.ended': ['info', 'a conversation with another agent has ended'],
  'peer.broken': ['error', 'the work for another agent threw something unexpected'],
  'group.changed': ['info', 'a group has changed'],
  'group.unreached': ['warn', 'a member of a group cannot be reached'],
}

const toLevel = (event: Exclude<AgentEvent, { type: 'channel.told' }>): Level => {
  if (event.type === 'link.stopped' && event.byOwner) return 'info'
  // a refused key is for a person; every other failure passes, or is the failover's to deal with
  if (event.type === 'provider.failed' && event.kind === 'auth') return 'error'
  if (event.type === 'provider.failed' && event.kind === 'canceled') return 'info'
  return LINES[event.type][0]
}

/** Writes every event to the log. */
export const logEvents =
  (log: Logger): Observe =>
  (event) => {
    if (event.type === 'channel.told') {
      log[event.level](event.facts, event.what)
      return
    }
    const { type, ...facts } = event
    log[toLevel(event)](facts, event.type === 'link.stopped' && event.byOwner ? 'the link is closed' : LINES[type][1])
  }
