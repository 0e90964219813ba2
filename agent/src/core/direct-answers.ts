import { TaskError, toOutcome } from './failures.ts'
import type { InboundMessage } from './message.ts'
import type { MessageEnd, MessageReceiver, Messenger } from './messenger.ts'
import type { Clock, Performer, TaskTools } from './ports.ts'

/** What a person reads of a bug. */
const INTERNAL = 'Something went wrong inside this agent; the log says what.'

/** What direct answers are made of. */
export interface DirectParts {
  readonly messenger: Messenger
  readonly perform: Performer
  readonly clock: Clock
  /** Longest work on one answer, in milliseconds. */
  readonly workMsMax: number
  /** Told of what only a bug can cause. */
  readonly complain: (error: Error) => void
}

/** The shortest way from a person to a performer: each message is a task of its own, and nothing is remembered. */
export class DirectAnswers implements MessageReceiver {
  readonly #parts: DirectParts
  readonly #running = new Set<AbortController>()

  constructor(parts: DirectParts) {
    this.#parts = parts
  }

  async receiveMessage(message: InboundMessage): Promise<MessageEnd> {
    const abort = new AbortController()
    this.#running.add(abort)
    this.#parts.messenger.showWorking(message.chat, true)
    void this.#answer(message, abort).catch(this.#parts.complain)
    return 'finished'
  }

  /** Gives up every answer that is being made. */
  cancel(): void {
    for (const abort of this.#running) abort.abort()
    this.#running.clear()
  }

  async #answer(message: InboundMessage, abort: AbortController): Promise<void> {
    const { messenger, perform, clock, workMsMax } = this.#parts
    const { id: requestId, chat, text, sender } = message
    const task = { requestId, message: text, sender: sender.id, deadlineAt: clock.now() + workMsMax, attempt: 1 }
    const tools: TaskTools = {
      signal: abort.signal,
      // a messenger shows whole answers
      delta: () => undefined,
      progress: ({ message: note }) => void (note === undefined || messenger.showProgress(chat, note)),
    }
    const outcome = await toOutcome(perform(task, tools))
    if (!this.#running.delete(abort)) return
    if (outcome instanceof Error && !(outcome instanceof TaskError)) this.#parts.complain(outcome)
    const answer = outcome instanceof TaskError ? outcome.message : outcome instanceof Error ? INTERNAL : outcome
    await messenger.send(chat, answer)
    if (this.#running.size === 0) messenger.showWorking(chat, false)
  }
}
