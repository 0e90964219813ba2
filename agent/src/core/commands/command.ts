import type { Chat } from '../message.ts'
import type { CommandLine } from './command-line.ts'

/** In the place of a task's id, where the hub told none or another carrier took the work. */
export const NO_TASK_ID = 'none'

/** Who gives a command. Rights are the person's, never those of what a model says. */
export interface Speaker {
  /** Canonical, as admission knows it. */
  readonly id: string
  /** What it calls itself: data, never a permission. */
  readonly name?: string | undefined
  readonly isAdmin: boolean
}

/** One command as it was given. */
export interface CommandCall {
  readonly line: CommandLine
  readonly chat: Chat
  readonly speaker: Speaker
  /** Says something before the answer, such as that it will take a while. */
  readonly say: (text: string) => Promise<void>
  /** Told that work was given to another agent; `taskId` is the hub's, or {@link NO_TASK_ID}. */
  readonly onDelegated: (to: string, taskId: string) => void
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
  /**
   * Does it, and returns what the person is to read; an empty text says nothing. Throws a {@link CommandError} for what the
   * person can mend.
   */
  readonly run: (call: CommandCall) => Promise<string>
}

/** Something that the person got wrong, or that cannot be done now; the message is for the person. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
}

/** How a command is to be written, as an answer to one that was not. */
export const explainUsage = ({ usage }: Pick<Command, 'usage'>): CommandError =>
  new CommandError(`Write it like this:\n${usage.map((line) => `  ${line}`).join('\n')}`)
