import type { Chat } from '../message.ts'
import type { TeamOrder } from '../team/team-run.ts'
import { type Command, explainUsage } from './command.ts'
import { type CommandLine, readRest } from './command-line.ts'

/** What the command asks of the world. Both say in the chat themselves what there is to say. */
export interface TeamCommandParts {
  /** Begins to work on an order, and does not wait for its report. */
  readonly startTeam: (order: TeamOrder) => void
  /** Resolves when it is said whether there was a team to stop. */
  readonly stopTeam: (chat: Chat) => Promise<boolean>
}

/** What a line asks of a team. */
export type TeamWish =
  | { readonly kind: 'start'; readonly text: string }
  | { readonly kind: 'stop' }
  | { readonly kind: 'help' }

const USAGE = ['!team <task>', '!team stop']

/** Reads what a line asks of a team. `stop` and `help` are only meant where they stand alone. */
export const readTeamWish = (line: CommandLine): TeamWish => {
  const [first, ...more] = line.words
  if (first === undefined) return { kind: 'help' }
  const word = more.length > 0 || first.isQuoted ? undefined : first.text.toLowerCase()
  return word === 'stop' || word === 'help' ? { kind: word } : { kind: 'start', text: readRest(line, 0) }
}

/** `!team`: a task is divided among the agents of the hub. */
export const teamCommand = ({ startTeam, stopTeam }: TeamCommandParts): Command => ({
  name: 'team',
  usage: USAGE,
  summary: 'a task for all agents together, divided among them and answered in one report',
  isForAdmins: false,
  run: async ({ line, chat, speaker }) => {
    const wish = readTeamWish(line)
    switch (wish.kind) {
      case 'help':
        throw explainUsage({ usage: USAGE })
      case 'stop':
        await stopTeam(chat)
        return ''
      case 'start':
        startTeam({ chat, person: speaker.id, text: wish.text })
        return ''
    }
  },
})
