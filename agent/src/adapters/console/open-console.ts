import type { ConsoleMessenger, ConsoleParts } from './console-parts.ts'
import { PipeMessenger } from './pipe-messenger.ts'
import { TerminalMessenger } from './terminal-messenger.ts'

export type { ConsoleMessenger, ConsoleParts } from './console-parts.ts'

/** The human channel of whoever started this process: a chat in a terminal, or lines in and answers out. */
export const createConsole = (parts: ConsoleParts): ConsoleMessenger =>
  parts.isTerminal ? new TerminalMessenger(parts) : new PipeMessenger(parts)
