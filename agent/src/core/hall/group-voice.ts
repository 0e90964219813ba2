import type { GroupView, ShownMessage } from '../groups/group-view.ts'
import type { Chat } from '../message.ts'
import type { CallOff, Clock } from '../ports.ts'
import type { Speech } from './watched-sends.ts'
import type { Working } from './working.ts'

/** How long after a question, or the last answer to it, a chat shows that answers are awaited, in milliseconds. */
export const AWAITED_MS_MAX = 90_000

/** What showing groups takes. */
export interface GroupVoiceParts {
  readonly speech: Pick<Speech, 'findChat' | 'send'>
  readonly working: Working
  readonly clock: Clock
  /** Who sees the groups that others made and this agent was taken into; nobody unless set. */
  readonly ownerId: string | undefined
}

interface Awaited {
  count: number
  readonly end: () => void
  callOff: CallOff
}

const toLine = ({ name }: GroupView, { author, kind, text }: ShownMessage): string =>
  `[${name}] ${author}${kind === 'person' ? ' asks' : ''}: ${text}`

/** Shows to a person what is said in its groups, by whom, and that there is more to come. */
export class GroupVoice {
  readonly #parts: GroupVoiceParts
  readonly #awaited = new Map<string, Awaited>()

  constructor(parts: GroupVoiceParts) {
    this.#parts = parts
  }

  /** Shows what was said. */
  show(group: GroupView, message: ShownMessage): void {
    const { speech, ownerId } = this.#parts
    const person = group.owner ?? ownerId
    const chat = person === undefined ? undefined : speech.findChat(person)
    if (chat) void speech.send(chat, toLine(group, message))
  }

  /** A question was put to a group: so many answers are awaited in the chat it came from. */
  expect(chat: Chat, { groupId }: GroupView, count: number): void {
    this.#end(groupId)
    if (count === 0) return
    const end = this.#parts.working.begin(chat)
    this.#awaited.set(groupId, { count, end, callOff: this.#arm(groupId) })
  }

  /** A member has answered, or has nothing to say. */
  noteAnswer({ groupId }: GroupView): void {
    const awaited = this.#awaited.get(groupId)
    if (!awaited) return
    awaited.callOff()
    awaited.count -= 1
    if (awaited.count <= 0) this.#end(groupId)
    else awaited.callOff = this.#arm(groupId)
  }

  /** Nothing is awaited any more. */
  stop(): void {
    for (const groupId of [...this.#awaited.keys()]) this.#end(groupId)
  }

  #arm(groupId: string): CallOff {
    return this.#parts.clock.after(AWAITED_MS_MAX, () => this.#end(groupId))
  }

  #end(groupId: string): void {
    const awaited = this.#awaited.get(groupId)
    this.#awaited.delete(groupId)
    awaited?.callOff()
    awaited?.end()
  }
}
