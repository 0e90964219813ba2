import type { Logger } from 'pino'
import type { HubEvent, Observe } from '../../core/events.ts'

type Level = 'debug' | 'info' | 'warn' | 'error'

/** How loud each event is, and the constant sentence it is told with. */
const LINES: { readonly [Type in HubEvent['type']]: readonly [Level, string] } = {
  'session.opened': ['info', 'An agent has registered'],
  'session.replaced': ['info', 'A session was replaced by a newer one of its instance'],
  'session.closed': ['info', 'A session has ended'],
  'session.silent': ['warn', 'A silent session was ended'],
  'session.slow': ['warn', 'A slow consumer was cut'],
  'session.flooding': ['warn', 'A session sends too many frames and was ended'],
  'registration.refused': ['warn', 'A registration was refused'],
  'connection.refused': ['warn', 'A connection was refused'],
  'login.failed': ['warn', 'A wrong credential was refused'],
  'login.ended': ['warn', 'A token that has ended was refused'],
  'session.credential-ended': ['warn', 'A session was ended with its token'],
  'token.revoked': ['info', 'A token was revoked'],
  'tokens.trouble': ['error', 'The tokens cannot be read'],
  'frame.refused': ['debug', 'A frame was refused'],
  'message.relayed': ['debug', 'A message was relayed'],
  'task.dispatched': ['debug', 'A task was dispatched'],
  'task.released': ['info', 'A task was taken back from a lost session'],
  'task.ended': ['debug', 'A task has ended'],
  'storage.opened': ['debug', 'The task store is open'],
  'storage.note': ['warn', 'The task store was mended while it was opened'],
  'storage.failed': ['error', 'The task store cannot be written; durable tasks are refused until it can'],
  'storage.recovered': ['info', 'The task store can be written again'],
  'tasks.purged': ['debug', 'Old tasks were forgotten'],
  'hub.draining': ['info', 'Draining'],
  'hub.stalled': ['warn', 'The process stood still'],
  'internal.error': ['error', 'A bug: an act failed unexpectedly'],
}

/** Events that one stranger can raise without end; of each, so many lines are written per second. */
const LINES_PER_S_MAX = 20

/**
 * Writes every event as one log line: object first, then a constant sentence.
 * Lines of the warn level are counted, so that a stranger who knocks all day
 * cannot fill the disk; what was left out is told when the second is over.
 */
export const logEvents = (logger: Logger, now: () => number): Observe => {
  const budget = new Map<string, { second: number; lines: number; leftOut: number }>()
  const mayWarn = (type: string): boolean => {
    const second = Math.floor(now() / 1_000)
    const spent = budget.get(type)
    if (spent === undefined || spent.second !== second) {
      if (spent !== undefined && spent.leftOut > 0) logger.warn({ type, lines: spent.leftOut }, 'Lines were left out')
      budget.set(type, { second, lines: 1, leftOut: 0 })
      return true
    }
    spent.lines += 1
    if (spent.lines <= LINES_PER_S_MAX) return true
    spent.leftOut += 1
    return false
  }
  return (event) => {
    const [level, sentence] = LINES[event.type]
    if (!logger.isLevelEnabled(level)) return
    if (level === 'warn' && !mayWarn(event.type)) return
    if ('error' in event) {
      const { error, ...rest } = event
      logger[level]({ ...rest, err: error }, sentence)
    } else logger[level](event, sentence)
  }
}
