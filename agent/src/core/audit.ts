import { toComparable } from './identity.ts'
import type { Clock } from './ports.ts'
import { RateLimit } from './rate-limit.ts'

/** Who is concerned: a person or peer on a channel. */
export interface AuditedSender {
  readonly channel: string
  readonly senderId: string
}

/** What is recorded. Codes, names and ids; never what anybody has written. */
export type AuditFact =
  /** The guard has stopped a text. */
  | ({ readonly type: 'block'; readonly rule: string } & AuditedSender)
  /** Admission has turned a message away, or a command was not allowed. */
  | ({ readonly type: 'refusal'; readonly why: string } & AuditedSender)
  | ({
      readonly type: 'command'
      readonly command: string
      readonly outcome: 'done' | 'refused' | 'failed'
    } & AuditedSender)
  /** Work was given to another agent. */
  | ({ readonly type: 'delegation'; readonly to: string; readonly taskId: string } & AuditedSender)
  /** A group was made, or its members have changed. */
  | { readonly type: 'group'; readonly groupId: string; readonly what: string }
  /** The agent's own account at a channel, or at the hub. */
  | { readonly type: 'login'; readonly channel: string; readonly outcome: 'in' | 'out' | 'refused' }

/** A line of the audit trail before it is chained: when, what, who. */
export interface AuditEntry {
  /** Epoch milliseconds. */
  readonly at: number
  readonly type: string
  readonly facts: Readonly<Record<string, string | number>>
}

/** A line of the audit trail as it is read again. */
export interface AuditRecord extends AuditEntry {
  /** Counted from 1 over all of the trail. */
  readonly seq: number
}

/** A record as a line for people: when, what, then its facts. */
export const describeRecord = ({ at, type, facts }: AuditRecord): string =>
  [
    new Date(at).toISOString().replace('T', ' ').slice(0, 19),
    type,
    ...Object.entries(facts).map(
      ([name, value]) => `${name}=${typeof value === 'string' && value.includes(' ') ? JSON.stringify(value) : value}`,
    ),
  ].join(' ')

/** Where the audit trail is kept. */
export interface AuditLog {
  /** Takes an entry. It neither waits nor throws: what cannot be written is told as an event, and kept for a while. */
  append(entry: AuditEntry): void
  /** The newest records, the oldest of them first. */
  readTail(count: number): Promise<readonly AuditRecord[]>
}

/** What an audit is made of. */
export interface AuditParts {
  readonly log: AuditLog
  readonly clock: Clock
  /** A keyed hash, by which records of one sender are told to belong together without saying who it is. */
  readonly toReference: (senderId: string) => string
}

/** Refusals that are recorded within a minute: of one sender, and of everybody. What is beyond is counted. */
const REFUSALS_MAX = { max: 20, windowMs: 60_000 }
const ALL_REFUSALS_MAX = { max: 600, windowMs: 60_000, sendersMax: 1 }
/** Most records that are read at a time. */
const TAIL_MAX = 1_000

/** What a code, name or id may consist of; text that somebody has written does not get through as a whole. */
const NOT_A_WORD = /[^\p{L}\p{N}\p{M} !._:/@-]/gu
const WORD_CHARS_MAX = 64

const toWord = (text: string): string => {
  const word = text.replaceAll(NOT_A_WORD, '?')
  return word.length > WORD_CHARS_MAX ? `${word.slice(0, WORD_CHARS_MAX).toWellFormed()}…` : word
}

/**
 * Records what the agent has stopped, refused, done on command, given away, and where it has logged in. Strangers cost a
 * line each, so a flood of them is recorded by number only: it must not push everything else out of the trail.
 */
export class Audit {
  readonly #parts: AuditParts
  readonly #refusals = new RateLimit(REFUSALS_MAX)
  readonly #allRefusals = new RateLimit(ALL_REFUSALS_MAX)
  #leftOut = 0

  constructor(parts: AuditParts) {
    this.#parts = parts
  }

  /** Records a fact. */
  record(fact: AuditFact): void {
    const at = this.#parts.clock.now()
    const { type, ...facts } = fact
    const words = Object.entries(facts).filter(([name]) => name !== 'senderId')
    const sender = 'senderId' in fact ? toComparable(fact.senderId) : undefined
    if (type === 'refusal' && sender !== undefined && !this.#isRoom(sender, at)) {
      this.#leftOut += 1
      return
    }
    this.flush()
    this.#parts.log.append({
      at,
      type,
      facts: {
        ...(sender === undefined ? {} : { sender: this.#parts.toReference(sender) }),
        ...Object.fromEntries(words.map(([name, text]) => [name, toWord(text)])),
      },
    })
  }

  /** Records how many refusals were only counted, if there are any; called before the end, too. */
  flush(): void {
    const count = this.#leftOut
    if (count === 0) return
    this.#leftOut = 0
    this.#parts.log.append({ at: this.#parts.clock.now(), type: 'refusals-counted', facts: { count } })
  }

  /** The newest records, the oldest of them first. */
  readTail(count: number): Promise<readonly AuditRecord[]> {
    return this.#parts.log.readTail(Math.min(Math.max(Math.trunc(count), 0), TAIL_MAX))
  }

  #isRoom(sender: string, now: number): boolean {
    // whoever is beyond the own limit does not use up everybody's
    return this.#refusals.take(sender, now) === 'within' && this.#allRefusals.take('', now) === 'within'
  }
}
