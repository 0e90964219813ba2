import { type Logger, pino } from 'pino'
import pretty from 'pino-pretty'

/** How the log is written. */
export interface LoggerOptions {
  readonly level: string
  readonly agent: string
  /** Lines for a person instead of JSON. */
  readonly isTerminal: boolean
}

/** A logger on the standard output. It writes at once, so that a process that ends has said why. */
export const createLogger = ({ level, agent, isTerminal }: LoggerOptions): Logger => {
  const options = { level, base: { agent } }
  return isTerminal
    ? pino(options, pretty({ sync: true, ignore: 'pid,hostname,agent', translateTime: 'SYS:HH:MM:ss' }))
    : pino(options, pino.destination({ dest: 1, sync: true }))
}
