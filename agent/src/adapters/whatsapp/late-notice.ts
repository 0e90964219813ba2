import type { CallOff, Clock } from '../../core/ports.ts'
import type { ObserveWhatsApp } from './events.ts'
import type { Inbox, LateCount } from './inbox.ts'

/** What telling the owner takes. */
export interface LateParts {
  readonly inbox: Pick<Inbox, 'listLate' | 'finishLate'>
  readonly clock: Clock
  readonly observe: ObserveWhatsApp
  /** How long nothing more must come, in milliseconds. */
  readonly quietMs: number
  /** Keeps the summary to be sent, and what `done` does, in one transaction; false when there is nobody to send it to. */
  readonly sendToOwner: (text: string, done: () => void) => boolean
}

/** People who are named one by one. */
const PEOPLE_MAX = 10

const toMessages = (messages: number): string => (messages === 1 ? '1 message' : `${messages} messages`)

const toName = (person: string): string => (person.includes('@') ? 'a hidden number' : `+${person}`)

/** What the owner reads of messages that came too late to be answered. Never a text: those are on the phone. */
export const describeLate = (counts: readonly LateCount[]): string => {
  const named = counts
    .slice(0, PEOPLE_MAX)
    .map(({ person, messages }) => `- ${toName(person)}: ${toMessages(messages)}`)
  const others = counts.length > PEOPLE_MAX ? [`- and ${counts.length - PEOPLE_MAX} more people`] : []
  return [
    'While I was away, people wrote what I do not answer any more, since I saw it more than a quarter of an hour later:',
    ...named,
    ...others,
  ].join('\n')
}

/**
 * Tells the owner, once and in one message, who wrote while nobody listened. A backlog of a night is not answered: whoever
 * got no answer has asked somebody else, and so many answers at once look like a robot's.
 */
export class LateNotice {
  readonly #parts: LateParts
  #callOff: CallOff | undefined

  constructor(parts: LateParts) {
    this.#parts = parts
  }

  /** Somebody wrote too long ago; more of it may come. */
  note(): void {
    const { clock, quietMs } = this.#parts
    this.#callOff?.()
    this.#callOff = clock.after(quietMs, () => this.#tell())
  }

  stop(): void {
    this.#callOff?.()
  }

  #tell(): void {
    const { inbox, observe, sendToOwner } = this.#parts
    const counts = inbox.listLate()
    if (counts.length === 0) return
    const isTold = sendToOwner(describeLate(counts), () => inbox.finishLate())
    if (!isTold) inbox.finishLate()
    const messages = counts.reduce((sum, each) => sum + each.messages, 0)
    observe({ type: 'whatsapp.late', messages, people: counts.length, isTold })
  }
}
