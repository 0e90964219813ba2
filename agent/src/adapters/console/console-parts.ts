import type { Chat, InboundMessage } from '../../core/message.ts'
import type { Messenger } from '../../core/messenger.ts'
import type { Clock } from '../../core/ports.ts'

/** A human channel on the terminal or the pipe that the process was started with. */
export interface ConsoleMessenger extends Messenger {
  /** Resolves when the person leaves, or when the input has ended and the last answer was written. */
  readonly left: Promise<void>
  /** Shows a line that belongs to nobody's answer, such as one of the log. */
  showNotice(text: string): void
}

/** What a console messenger is made of. */
export interface ConsoleParts {
  readonly input: NodeJS.ReadStream
  readonly output: NodeJS.WriteStream
  /** Where notices go while answers are piped. */
  readonly errors: NodeJS.WritableStream
  /** Whom the person talks to. */
  readonly agent: string
  /** Whether the terminal moves its cursor when it is told to: a pipe does not, nor does `TERM=dumb`. */
  readonly isTerminal: boolean
  readonly isColored: boolean
  /** Where inputs are kept for the arrow keys; nowhere unless set. */
  readonly inputsFile?: string
  readonly clock: Clock
  /** Called when the person does not want to wait any longer. */
  readonly cancel?: (chat: Chat) => void
}

/** Name of the channel, and of its only sender. */
export const CONSOLE = 'console'

/** The only chat there is. */
export const CONSOLE_CHAT: Chat = { id: CONSOLE, isGroup: false }

/** Longest message that is taken and longest answer that is shown at once, in UTF-16 units. */
export const CHARS_MAX = 100_000

/** A message that was typed here. @param id unique over restarts */
export const toMessage = (id: string, text: string, sentAt: number): InboundMessage => ({
  id,
  channel: CONSOLE,
  chat: CONSOLE_CHAT,
  sender: { id: CONSOLE, name: undefined },
  text,
  sentAt,
  isAddressed: true,
  quote: undefined,
})
