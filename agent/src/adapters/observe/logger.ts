import { Writable } from 'node:stream'
import { type Logger, pino } from 'pino'
import pretty from 'pino-pretty'

/** How the log is written. */
export interface LoggerOptions {
  readonly level: string
  readonly agent: string
  /** Lines for a person instead of JSON. */
  readonly isTerminal: boolean
  /** Takes each line, for a person, where somebody else writes on the standard output. */
  readonly show?: (line: string) => void
}

const toStream = (show: (line: string) => void): Writable =>
  new Writable({
    decodeStrings: false,
    write: (line: string, _encoding, done) => {
      show(line)
      done()
    },
  })

/** A logger on the standard output. It writes at once, so that a process that ends has said why. */
export const createLogger = ({ level, agent, isTerminal, show }: LoggerOptions): Logger => {
  const options = { level, base: { agent } }
  const shape = { sync: true, ignore: 'pid,hostname,agent', translateTime: 'SYS:HH:MM:ss' } as const
  if (show) return pino(options, pretty({ ...shape, colorize: false, singleLine: true, destination: toStream(show) }))
  return isTerminal ? pino(options, pretty(shape)) : pino(options, pino.destination({ dest: 1, sync: true }))
}
