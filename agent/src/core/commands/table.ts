import { type AgentsCommandParts, agentsCommand } from './agents.ts'
import type { Command } from './command.ts'
import { type GroupCommandParts, groupCommands } from './groups.ts'
import { helpCommand } from './help.ts'
import { type InfoCommandParts, infoCommands } from './info.ts'
import { type TeamCommandParts, teamCommand } from './team.ts'

/** All that the commands ask of the world. */
export interface CommandTableParts extends AgentsCommandParts, TeamCommandParts, GroupCommandParts, InfoCommandParts {}

/** Every command, in the order in which they are listed: what people use most first, what is for admins last. */
export const commandTable = (parts: CommandTableParts): readonly Command[] => {
  const commands: readonly Command[] = [
    helpCommand(() => commands),
    agentsCommand(parts),
    teamCommand(parts),
    ...groupCommands(parts),
    ...infoCommands(parts),
  ]
  return commands
}
