import { findNearest } from '@ai-comms/shared'
import { type Command, type CommandCall, CommandError } from './command.ts'

/** What came of a command: what to say, and how to write it down in the audit trail. */
export interface CommandOutcome {
  /** Empty where there is nothing more to say. */
  readonly text: string
  readonly outcome: 'done' | 'unknown' | 'forbidden' | 'refused'
}

/** Commands that this speaker may give. */
export const findUsable = (commands: readonly Command[], { isAdmin }: CommandCall['speaker']): Command[] =>
  commands.filter(({ isForAdmins }) => isAdmin || !isForAdmins)

const sayUnknown = (name: string, usable: readonly Command[]): string => {
  const [nearest] = findNearest(
    name,
    usable.map((command) => command.name),
  )
  return `There is no command !${name}.${nearest === undefined ? '' : ` Did you mean !${nearest}?`} !help lists them.`
}

/**
 * Does a command under the rights of who gives it. An admin's command does not
 * exist for anybody else: the answer does not tell that it is there.
 *
 * @throws whatever a command throws that is no {@link CommandError}: a bug
 */
export const runCommand = async (commands: readonly Command[], call: CommandCall): Promise<CommandOutcome> => {
  const { name } = call.line
  const usable = findUsable(commands, call.speaker)
  const command = usable.find((each) => each.name === name)
  if (command === undefined) {
    const exists = commands.some((each) => each.name === name)
    return { text: sayUnknown(name, usable), outcome: exists ? 'forbidden' : 'unknown' }
  }
  try {
    return { text: await command.run(call), outcome: 'done' }
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
    return { text: error.message, outcome: 'refused' }
  }
}
