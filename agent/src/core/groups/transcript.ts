import { cutText } from '../cut-text.ts'
import type { TranscriptLine } from '../envelopes/ports.ts'
import type { GroupMessage } from './ports.ts'

/** Messages of one group that are kept; the first ones make room. */
export const MESSAGES_MAX = 500
/** Messages that a model is given. */
export const CONTEXT_MESSAGES = 20
/** Characters of one message that a model is given; what is longer is cut, and says so. */
export const CONTEXT_CHARS_MAX = 4_000
/** How far ahead of what is here a sequence or a clock may be: farther, and it is nonsense. */
export const AHEAD_MAX = 10_000

/** Names a message within its group. */
export const toQuestionId = ({ writer, sequence }: Pick<GroupMessage, 'writer' | 'sequence'>): string =>
  `${sequence}:${writer}`

const compareTexts = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0)

/** The order of a transcript: the same wherever the same messages are. */
export const compareMessages = (one: GroupMessage, other: GroupMessage): number =>
  one.clock - other.clock || compareTexts(one.writer, other.writer) || one.sequence - other.sequence

/** Whether a message adds to a transcript: it does, it is there already, or it cannot be part of it. */
export type Fit = 'new' | 'known' | 'impossible'

/**
 * What was said in one group. Each writer counts its messages, so that it is seen which are missing; a clock that each
 * message takes beyond all that its writer had seen gives all members the same order. A second answer of a member to a
 * question is kept, and not shown to anybody.
 */
export class Transcript {
  readonly #messages: GroupMessage[]
  readonly #have = new Map<string, number>()
  readonly #beyond = new Map<string, Set<number>>()
  #clock = 0

  /** @param have by writer, up to which sequence everything was here */
  constructor(messages: Iterable<GroupMessage> = [], have: Iterable<readonly [string, number]> = []) {
    this.#messages = [...messages].sort(compareMessages)
    for (const [writer, sequence] of have) this.#have.set(writer, sequence)
    for (const message of this.#messages) this.#note(message)
  }

  /** The clock of the next message. */
  get nextClock(): number {
    return this.#clock + 1
  }

  /** Everything of a writer up to this sequence is here. */
  haveOf(writer: string): number {
    return this.#have.get(writer) ?? 0
  }

  /** How many messages of a writer are known to be missing. */
  missingOf(writer: string): number {
    const beyond = this.#beyond.get(writer)
    if (!beyond || beyond.size === 0) return 0
    return Math.max(...beyond) - this.haveOf(writer) - beyond.size
  }

  /** How many messages are known to be missing, of all writers. */
  get missing(): number {
    return [...this.#beyond.keys()].reduce((sum, writer) => sum + this.missingOf(writer), 0)
  }

  /** Whether a message would add something. */
  fit({ writer, sequence, clock }: GroupMessage): Fit {
    const have = this.haveOf(writer)
    if (sequence <= have || this.#beyond.get(writer)?.has(sequence)) return 'known'
    return sequence > have + AHEAD_MAX || clock > this.#clock + AHEAD_MAX ? 'impossible' : 'new'
  }

  /** Up to which sequence everything of the writer will be here once a message is added. */
  haveWith({ writer, sequence }: GroupMessage): number {
    let have = this.haveOf(writer)
    while (have + 1 === sequence || this.#beyond.get(writer)?.has(have + 1)) have += 1
    return have
  }

  /** Adds a message that fits. */
  add(message: GroupMessage): void {
    const at = this.#messages.findLastIndex((each) => compareMessages(each, message) < 0)
    this.#messages.splice(at + 1, 0, message)
    if (this.#messages.length > MESSAGES_MAX) this.#messages.shift()
    this.#note(message)
  }

  /** Messages of a writer after a sequence, in their order: what another member may lack. */
  since(writer: string, sequence: number, most: number): GroupMessage[] {
    return this.#messages
      .filter((each) => each.writer === writer && each.sequence > sequence)
      .sort((one, other) => one.sequence - other.sequence)
      .slice(0, most)
  }

  /** All that counts, in the order that is the same for every member. */
  list(): GroupMessage[] {
    const first = new Map<string, number>()
    for (const { writer, sequence, question } of this.#messages) {
      if (question === undefined) continue
      const key = `${question} ${writer}`
      first.set(key, Math.min(sequence, first.get(key) ?? sequence))
    }
    return this.#messages.filter(
      ({ writer, sequence, question }) => question === undefined || first.get(`${question} ${writer}`) === sequence,
    )
  }

  /** Ids of those who have answered a question. */
  answerersOf(questionId: string): Set<string> {
    const answers = this.#messages.filter(({ question }) => question === questionId)
    return new Set(answers.map(({ writer }) => writer))
  }

  /** What a writer said up to a sequence will not come any more. */
  skipTo(writer: string, sequence: number): void {
    const beyond = this.#beyond.get(writer)
    for (const each of beyond ?? []) if (each <= sequence) beyond?.delete(each)
    this.#have.set(writer, Math.max(sequence, this.haveOf(writer)))
    this.#absorb(writer)
  }

  #note({ writer, sequence, clock }: GroupMessage): void {
    this.#clock = Math.max(this.#clock, clock)
    if (sequence <= this.haveOf(writer)) return
    const beyond = this.#beyond.get(writer) ?? new Set<number>()
    this.#beyond.set(writer, beyond.add(sequence))
    this.#absorb(writer)
  }

  #absorb(writer: string): void {
    const beyond = this.#beyond.get(writer)
    let have = this.haveOf(writer)
    while (beyond?.delete(have + 1)) have += 1
    this.#have.set(writer, have)
    if (beyond?.size === 0) this.#beyond.delete(writer)
  }
}

/** The last of a transcript as a model is given it, each line with its author. */
export const toContext = (messages: readonly GroupMessage[]): TranscriptLine[] =>
  messages
    .filter(({ text }) => text !== '')
    .slice(-CONTEXT_MESSAGES)
    .map(({ author, kind, text }) => ({
      author,
      kind,
      text: cutText(text, CONTEXT_CHARS_MAX),
    }))
