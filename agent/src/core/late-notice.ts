import type { CallOff, Clock } from './ports.ts'

/** How many messages somebody wrote that came too late to be answered. */
export interface LateCount {
  readonly person: string
  readonly messages: number
}

/** What telling the owner takes. */
export interface LateParts {
  readonly inbox: {
    listLate(): readonly LateCount[]
    /** A part of the transaction that keeps the summary. */
    finishLate(): void
  }
  readonly clock: Clock
  /** How long nothing more must come, in milliseconds. */
  readonly quietMs: number
  /** Keeps the summary to be sent, and what `done` does, in one transaction; false when there is nobody to send it to. */
  readonly sendToOwner: (text: string, done: () => void) => boolean
  readonly tell: (late: { readonly messages: number; readonly people: number; readonly isTold: boolean }) => void
  readonly complain: (what: string, error: unknown) => void
}

/** People who are named one by one. */
const PEOPLE_MAX = 10

const toMessages = (messages: number): string => (messages === 1 ? '1 message' : `${messages} messages`)

const toName = (person: string): string => (/^\d+$/.test(person) ? `+${person}` : 'a hidden number')

/** What the owner reads of messages that came too late to be answered. Never a text: those are on the phone. */
export const describeLate = (counts: readonly LateCount[]): string => {
  const named = counts
    .slice(0, PEOPLE_MAX)
    .map(({ person, messages }) => `- ${toName(person)}: ${toMessages(messages)}`)
  const others = counts.length - named.length
  return [
    'While I was away, people wrote what I do not answer any more, since I saw it more than a quarter of an hour later:',
    ...named,
    ...(others > 0 ? [others === 1 ? '- and one more person' : `- and ${others} more people`] : []),
  ].join('\n')
}

/**
 * Tells the owner, once and in one message, who wrote while nobody listened. A backlog of a night is not answered: whoever
 * got no answer has asked somebody else.
 */
export class LateNotice {
  readonly #parts: LateParts
  #callOff: CallOff | undefined

  constructor(parts: LateParts) {
    this.#parts = parts
  }

  /** Somebody wrote too long ago; more of it may come. */
  note(): void {
    const { clock, complain, quietMs } = this.#parts
    this.#callOff?.()
    this.#callOff = clock.after(quietMs, () => {
      try {
        this.#tell()
      } catch (error) {
        complain('late-notice', error)
      }
    })
  }

  stop(): void {
    this.#callOff?.()
  }

  #tell(): void {
    const { inbox, sendToOwner, tell } = this.#parts
    const counts = inbox.listLate()
    if (counts.length === 0) return
    const isTold = sendToOwner(describeLate(counts), () => inbox.finishLate())
    if (!isTold) inbox.finishLate()
    const messages = counts.reduce((sum, each) => sum + each.messages, 0)
    tell({ messages, people: counts.length, isTold })
  }
}
