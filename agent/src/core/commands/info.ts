import type { ChainView } from '../chain-view.ts'
import type { ForgetOutcome } from '../conversation.ts'
import type { Chat } from '../message.ts'
import { type Command, CommandError } from './command.ts'
import { describeProviders, describeSecurity, describeStatus, type SecurityView, type StatusView } from './describe.ts'
import { count } from './words.ts'

/** What the commands that only tell something ask of the world. */
export interface InfoCommandParts {
  readonly readStatus: () => StatusView
  readonly readProviders: () => ChainView
  readonly readSecurity: () => SecurityView
  /** The last lines of the audit trail, oldest first, without anybody's words. */
  readonly readLogs: (count: number) => Promise<readonly string[]>
  /** Wipes what is kept of a person: what was said in this chat, and wherever else it is known by the same id. */
  readonly forget: (personId: string, chat: Chat) => ForgetOutcome
}

const LOGS_DEFAULT = 20
const LOGS_MAX = 200

const NOT_FORGOTTEN =
  'I could not wipe it from the disk, so the text of our conversation may still be there. Please try !forget again later.'

/** `!forget`: everybody's own right. */
const forgetCommand = ({ forget }: InfoCommandParts): Command => ({
  name: 'forget',
  usage: ['!forget'],
  summary: 'wipes what I remember of our conversation',
  isForAdmins: false,
  run: async ({ speaker, chat }) => {
    const outcome = forget(speaker.id, chat)
    if (outcome.kind === 'failed') throw new CommandError(NOT_FORGOTTEN)
    const { exchanges } = outcome
    return exchanges === 0 ? 'There was nothing to forget.' : `Forgotten: ${count(exchanges, 'exchange')} with you.`
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
    const most = /^\d{1,3}$/.test(wanted) ? Number(wanted) : 0
    if (most < 1 || most > LOGS_MAX) throw new CommandError(`!logs takes a number from 1 to ${LOGS_MAX}.`)
    const lines = await readLogs(most)
    return lines.length === 0 ? 'The audit trail is empty.' : lines.join('\n')
  },
})

/** `!forget` for everybody; `!status`, `!provider`, `!security` and `!logs` for admins. */
export const infoCommands = (parts: InfoCommandParts): Command[] => [
  forgetCommand(parts),
  toLines('status', 'how this agent is', () => describeStatus(parts.readStatus())),
  toLines('provider', 'which AI answers, who rests, what today cost', () => describeProviders(parts.readProviders())),
  toLines('security', 'who may speak here, and what was refused', () => describeSecurity(parts.readSecurity())),
  logsCommand(parts),
]
