import type { Chat } from '../core/message.ts'
import type { MessageOutcome, MessageReceiver, Messenger, SendOptions } from '../core/messenger.ts'

/** A chat with the person at the terminal. */
export const CONSOLE_CHAT: Chat = { id: 'console', isGroup: false }

/** Something that was sent. */
export interface Sent {
  readonly chat: string
  readonly text: string
  readonly answers?: string
}

/** A channel that keeps what it is given, and knows everybody. */
export class FakeMessenger implements Messenger {
  readonly name = 'console'
  readonly state = 'open'
  readonly sent: Sent[] = []
  /** Whether each chat shows that something is worked on, as it changed. */
  readonly working: (readonly [string, boolean])[] = []
  readonly progress: string[] = []
  outcome: MessageOutcome = 'sent'
  receiver: MessageReceiver | undefined

  /** What was said, one text after the other. */
  get said(): string[] {
    return this.sent.map(({ text }) => text)
  }

  async start(receiver: MessageReceiver): Promise<void> {
    this.receiver = receiver
  }

  async send({ id }: Chat, text: string, { answers }: SendOptions = {}): Promise<MessageOutcome> {
    this.sent.push({ chat: id, text, ...(answers === undefined ? {} : { answers }) })
    return this.outcome
  }

  showWorking({ id }: Chat, isWorking: boolean): void {
    this.working.push([id, isWorking])
  }

  async showProgress(_chat: Chat, text: string): Promise<void> {
    this.progress.push(text)
  }

  findChat(personId: string): Chat | undefined {
    return { id: personId, isGroup: false }
  }

  async stop(): Promise<void> {}
}
