import { repeat } from '../../core/alarms.ts'
import type { CallOff, Clock } from '../../core/ports.ts'
import type { Complain } from './complain.ts'
import type { LiveSocket } from './live-socket.ts'

/** How often it is shown again: phones show it for half a minute at most, in milliseconds. */
const EVERY_MS = 10_000
/** Longest that it is shown, in milliseconds: who types longer has gone. */
const TYPING_MS_MAX = 900_000
/** Chats in which it is shown at the same time; others are answered all the same. */
const CHATS_MAX = 32

/** What showing it takes. */
export interface TypingParts {
  readonly clock: Clock
  /** The socket, while there is one. */
  readonly findSocket: () => Pick<LiveSocket, 'showTyping'> | undefined
  readonly findAddress: (chatId: string) => string
  readonly complain: Complain
}

/** Shows people that the agent writes, as long as it works for them. */
export class Typing {
  readonly #parts: TypingParts
  readonly #chats = new Map<string, CallOff>()

  constructor(parts: TypingParts) {
    this.#parts = parts
  }

  show(chatId: string, isWorking: boolean): void {
    const callOff = this.#chats.get(chatId)
    if (isWorking) {
      if (callOff === undefined && this.#chats.size < CHATS_MAX) this.#begin(chatId)
    } else if (callOff) {
      callOff()
      this.#chats.delete(chatId)
      this.#tell(chatId, false)
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
      if (clock.now() < until) this.#tell(chatId, true)
      else this.show(chatId, false)
    })
    this.#chats.set(chatId, callOff)
    this.#tell(chatId, true)
  }

  #tell(chatId: string, isTyping: boolean): void {
    const { complain, findAddress, findSocket } = this.#parts
    const told = async () => findSocket()?.showTyping(findAddress(chatId), isTyping)
    void told().catch((error: unknown) => complain('typing', error))
  }
}
