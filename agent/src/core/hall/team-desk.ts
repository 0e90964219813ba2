import type { Chat } from '../message.ts'
import type { TeamOrder } from '../team/team-run.ts'
import type { Teams } from '../team/teams.ts'
import type { Speech } from './watched-sends.ts'
import type { Working } from './working.ts'

/** What a team desk is made of. */
export interface TeamDeskParts {
  readonly speech: Pick<Speech, 'send' | 'showProgress'>
  readonly working: Working
  /** Notes down that something is said; false when it was said before, by an earlier process, too. */
  readonly isNew: (key: string) => boolean
}

/** Where teams meet people: orders go in, plans, progress and reports come out, each of them once. */
export class TeamDesk {
  readonly #parts: TeamDeskParts
  readonly #running = new Set<Promise<void>>()

  constructor(parts: TeamDeskParts) {
    this.#parts = parts
  }

  /** Says something of a team, unless it was said before a restart. */
  async say(chat: Chat, text: string, key: string): Promise<void> {
    if (this.#parts.isNew(key)) await this.#parts.speech.send(chat, text)
  }

  /** Shows how far a team is. */
  progress(chat: Chat, text: string): Promise<void> {
    return this.#parts.speech.showProgress(chat, text)
  }

  /** Gives a team its order, and shows in the chat that it is at work until its report is said. */
  start(teams: Teams, order: TeamOrder): void {
    this.#follow(order.chat, teams.start(order))
  }

  /** Goes on with what was under way before a restart. Resolves when it is over. @throws {StorageError} when it cannot be read */
  resume(teams: Teams): Promise<void> {
    const over = teams.resume()
    for (const chat of teams.chats) this.#follow(chat, over)
    return over
  }

  /** Resolves when nobody is at work any more. */
  async idle(): Promise<void> {
    await Promise.all(this.#running)
  }

  #follow(chat: Chat, work: Promise<void>): void {
    const end = this.#parts.working.begin(chat)
    const over = work.then(end, end).then(() => void this.#running.delete(over))
    this.#running.add(over)
  }
}
