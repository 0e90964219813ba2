import type { Command } from './command.ts'
import { CommandError } from './command.ts'

/** What the commands that only tell something ask of the world. */
export interface InfoCommandParts {
  /** Lines about agent, link, providers and load. */
  readonly describeStatus: () => readonly string[]
  /** Lines about the chain of providers: who is awake, who rests until when, what today cost. */
  readonly describeProviders: () => readonly string[]
  /** Lines about who may speak, and what the guard has done. */
  readonly describeSecurity: () => readonly string[]
  /** The last lines of the audit trail, oldest first, without anybody's words. */
  readonly readLogs: (count: number) => Promise<readonly string[]>
  /** Wipes a person's own conversation; tells how many exchanges it had. */
  readonly forget: (personId: string) => number
}

const LOGS_DEFAULT = 20
const LOGS_MAX = 200

/** `!forget`: everybody's own right. */
const forgetCommand = ({ forget }: InfoCommandParts): Command => ({
  name: 'forget',
  usage: ['!forget'],
  summary: 'wipes what I remember of our conversation',
  isForAdmins: false,
  run: async ({ speaker }) => {
    const count = forget(speaker.id)
    return count === 0 ? 'There was nothing to forget.' : `Forgotten: ${count} exchange(s) with you.`
  },
})

const toLines = (name: string, summary: string, describe: () => readonly string[]): Command => ({
  name,
  usage: [`!${name}`],
  summary,
  isForAdmins: true,
  run: async () => describe().join('\n'),
})

/** `!logs`: the end of the audit trail. */
const logsCommand = ({ readLogs }: InfoCommandParts): Command => ({
  name: 'logs',
  usage: ['!logs', `!logs <1 to ${LOGS_MAX}>`],
  summary: 'the last entries of the audit trail',
  isForAdmins: true,
  run: async ({ line }) => {
    const wanted = line.words[0]?.text ?? String(LOGS_DEFAULT)
    const count = /^\d{1,3}$/.test(wanted) ? Number(wanted) : 0
    if (count < 1 || count > LOGS_MAX) throw new CommandError(`!logs takes a number from 1 to ${LOGS_MAX}.`)
    const lines = await readLogs(count)
    return lines.length === 0 ? 'The audit trail is empty.' : lines.join('\n')
  },
})

/** `!status`, `!provider`, `!security` and `!logs` for admins, `!forget` for everybody. */
export const infoCommands = (parts: InfoCommandParts): Command[] => [
  toLines('status', 'how this agent is', parts.describeStatus),
  toLines('provider', 'which AI answers, who rests, what today cost', parts.describeProviders),
  toLines('security', 'who may speak here, and what was refused', parts.describeSecurity),
  logsCommand(parts),
  forgetCommand(parts),
]
