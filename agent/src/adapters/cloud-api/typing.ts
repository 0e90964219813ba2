import { repeat } from '../../core/alarms.ts'
import type { CallOff, Clock } from '../../core/ports.ts'
import type { Complain, ObserveCloud } from './events.ts'
import type { GraphApi } from './graph-api.ts'
import type { Inbox } from './inbox.ts'

/** How often it is shown again, in milliseconds: phones show it for 25 s. */
const EVERY_MS = 20_000
/** Longest that it is shown, in milliseconds: who types longer has gone. */
const TYPING_MS_MAX = 900_000
/** Chats in which it is shown at the same time; others are answered all the same. */
const CHATS_MAX = 32

/** What showing it takes. */
export interface TypingParts {
  readonly graph: Pick<GraphApi, 'showTyping'>
  readonly inbox: Pick<Inbox, 'findNewest'>
  /** Whether anything may be sent at the moment. */
  readonly isOpen: () => boolean
  /** Called when Meta refuses the token. */
  readonly onTokenRefused: (code: number) => void
  readonly clock: Clock
  readonly observe: ObserveCloud
  readonly complain: Complain
}

/** Marks what people wrote as read and shows them that the agent writes, as long as it works for them. */
export class Typing {
  readonly #parts: TypingParts
  readonly #chats = new Map<string, CallOff>()

  constructor(parts: TypingParts) {
    this.#parts = parts
  }

  /** It ends by itself when an answer arrives, or after 25 s. */
  show(chatId: string, isWorking: boolean): void {
    const callOff = this.#chats.get(chatId)
    if (!isWorking) {
      callOff?.()
      this.#chats.delete(chatId)
    } else if (callOff === undefined && this.#chats.size < CHATS_MAX) {
      this.#begin(chatId)
    }
  }

  /** Shows nothing any more. */
  stop(): void {
    for (const callOff of this.#chats.values()) callOff()
    this.#chats.clear()
  }

  #begin(chatId: string): void {
    const { clock } = this.#parts
    const until = clock.now() + TYPING_MS_MAX
    const callOff = repeat(clock, EVERY_MS, () => {
      if (clock.now() < until) this.#tell(chatId)
      else this.show(chatId, false)
    })
    this.#chats.set(chatId, callOff)
    this.#tell(chatId)
  }

  #tell(chatId: string): void {
    void this.#ask(chatId).catch((error: unknown) => this.#parts.complain('typing', error))
  }

  async #ask(chatId: string): Promise<void> {
    const { graph, inbox, isOpen, observe, onTokenRefused } = this.#parts
    const wamid = isOpen() ? inbox.findNewest(chatId) : undefined
    if (wamid === undefined) return
    const outcome = await graph.showTyping(wamid)
    if (outcome.kind === 'answered') return
    observe({ type: 'cloud.typing-failed', code: String(outcome.code) })
    // what Meta does not want once it does not want in twenty seconds either
    if (outcome.kind === 'refused') this.show(chatId, false)
    if (outcome.kind === 'refused' && outcome.class === 'token') onTokenRefused(outcome.code)
  }
}
