import { randomUUID } from 'node:crypto'
import type { Chat } from '../../core/message.ts'
import type { MessageOutcome, MessageReceiver } from '../../core/messenger.ts'
import {
  CHARS_MAX,
  CONSOLE,
  CONSOLE_CHAT,
  type ConsoleMessenger,
  type ConsoleParts,
  toMessage,
} from './console-parts.ts'
import { PROMPT } from './layout.ts'
import { neutralise } from './neutralise.ts'
import { readLines } from './read-lines.ts'

/**
 * A chat without a terminal that can be drawn on: each line is a message, the next one is read when all that comes of
 * it was written, and nothing but answers is written to the output. With the end of the input it is over.
 */
export class PipeMessenger implements ConsoleMessenger {
  readonly name = CONSOLE
  readonly left: Promise<void>
  readonly #parts: ConsoleParts
  readonly #leave: () => void
  #isOpen = false
  #isWorking = false
  /** Called when nothing is worked on any more, or nobody waits for it. */
  #goOn = () => {}

  constructor(parts: ConsoleParts) {
    this.#parts = parts
    const left = Promise.withResolvers<void>()
    this.left = left.promise
    this.#leave = left.resolve
  }

  get state(): string {
    return this.#isOpen ? 'open' : 'closed'
  }

  async start(receiver: MessageReceiver): Promise<void> {
    this.#isOpen = true
    // whoever read the answers has gone, such as `head`
    this.#parts.output.once('error', this.#end)
    void this.#read(receiver).then(this.#end, (error: unknown) => {
      this.showNotice(`The input cannot be read: ${error instanceof Error ? error.message : String(error)}`)
      this.#end()
    })
  }

  async send(chat: Chat, text: string): Promise<MessageOutcome> {
    if (chat.id !== CONSOLE || !this.#isOpen) return 'failed'
    this.#parts.output.write(`${neutralise(text).trimEnd()}\n`)
    return 'sent'
  }

  showWorking(chat: Chat, isWorking: boolean): void {
    if (chat.id !== CONSOLE) return
    this.#isWorking = isWorking
    if (!isWorking) this.#goOn()
  }

  findChat(personId: string): Chat | undefined {
    return personId === CONSOLE ? CONSOLE_CHAT : undefined
  }

  async showProgress(chat: Chat, text: string): Promise<void> {
    if (chat.id === CONSOLE && this.#isOpen) this.showNotice(text)
  }

  showNotice(text: string): void {
    this.#parts.errors.write(`${neutralise(text).trimEnd()}\n`)
  }

  async stop(): Promise<void> {
    if (!this.#isOpen) return
    this.#end()
    this.#isOpen = false
    this.#parts.input.destroy()
  }

  readonly #end = (): void => {
    this.#isWorking = false
    this.#goOn()
    this.#leave()
  }

  async #read(receiver: MessageReceiver): Promise<void> {
    this.#ask()
    for await (const line of readLines(this.#parts.input, CHARS_MAX)) {
      if (!this.#isOpen) return
      if ('tooLong' in line) this.showNotice(`A line of more than ${CHARS_MAX} characters was left out.`)
      else if (line.text.trim() !== '') await this.#pass(line.text, receiver)
      this.#ask()
    }
  }

  async #pass(text: string, receiver: MessageReceiver): Promise<void> {
    try {
      const left = this.left.then(() => 'interrupted')
      await Promise.race([receiver.receiveMessage(toMessage(randomUUID(), text, this.#parts.clock.now())), left])
    } catch (error) {
      this.showNotice(`This was not taken: ${error instanceof Error ? error.message : String(error)}`)
    }
    // a team and a group answer after their question is finished
    if (this.#isWorking) await new Promise<void>((resolve) => this.#waitFor(resolve))
  }

  #waitFor(goOn: () => void): void {
    this.#goOn = goOn
  }

  /** A person at a terminal that cannot be drawn on is shown when to type. */
  #ask(): void {
    if (this.#parts.input.isTTY && this.#parts.output.isTTY) this.#parts.output.write(PROMPT)
  }
}
