import type { Chat } from '../message.ts'
import type { CommandLine } from './command-line.ts'

/** Who gives a command. Rights are the person's, never those of what a model says. */
export interface Speaker {
  /** Canonical, as admission knows it. */
  readonly id: string
  readonly isAdmin: boolean
}

/** One command as it was given. */
export interface CommandCall {
  readonly line: CommandLine
  readonly chat: Chat
  readonly speaker: Speaker
  /** Says something before the answer, such as that it will take a while. */
  readonly say: (text: string) => Promise<void>
  /** Aborted when the agent shuts down or the person gives up. */
  readonly signal: AbortSignal
}

/** One command. */
export interface Command {
  /** Without the mark, in lower case. */
  readonly name: string
  /** How it is written, one line for each form. */
  readonly usage: readonly string[]
  /** What it does, in half a sentence. */
  readonly summary: string
  /** Whether only an admin may give it. */
  readonly isForAdmins: boolean
  /** Does it, and returns what the person is to read. Throws a {@link CommandError} for what the person can mend. */
  readonly run: (call: CommandCall) => Promise<string>
}

/** Something that the person got wrong, or that cannot be done now; the message is for the person. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
}

/** How a command is to be written, as an answer to one that was not. */
export const explainUsage = ({ usage }: Pick<Command, 'usage'>): CommandError =>
  new CommandError(`Write it like this:\n${usage.map((line) => `  ${line}`).join('\n')}`)
