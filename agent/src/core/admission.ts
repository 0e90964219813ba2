import { hasAtMostChars } from '@ai-comms/shared'
import { OWNER_ID, toComparable } from './identity.ts'
import type { InboundMessage } from './message.ts'
import { RateLimit } from './rate-limit.ts'
import type { SeenMessages } from './seen-messages.ts'

/**
 * Age at which a message is not answered any more, in milliseconds: whoever got no answer for a quarter of an hour has
 * asked somebody else, and a backlog of a night must not be answered all at once.
 */
export const STALE_MS_MAX = 900_000

/** Who may write to the agent, and how much. People are in their canonical spelling ({@link toIdentity}). */
export interface AdmissionRules {
  /** The only ones who may write; everybody where it is undefined, and nobody but the owner where it is empty. */
  readonly allowed: ReadonlySet<string> | undefined
  /** Who may not write, whatever else is said. */
  readonly blocked: ReadonlySet<string>
  /** Who may give the commands of an administrator, if they may write at all. */
  readonly admins: ReadonlySet<string>
  /** Longest message, in characters. */
  readonly charsMax: number
  /** Most messages of one sender within any window. */
  readonly rateMax: number
  readonly rateWindowMs: number
}

/** Why a message is not looked at. */
export type AdmissionRefusal = 'blocked' | 'unknown' | 'seen' | 'stale' | 'too-long' | 'rate'

/** What becomes of a message: it is looked at, it gets no answer at all, or one sentence instead. */
export type AdmissionOutcome =
  | { readonly kind: 'admitted' }
  | { readonly kind: 'silent'; readonly why: AdmissionRefusal }
  | { readonly kind: 'notice'; readonly why: 'too-long' | 'rate'; readonly sentence: string }

type Writing = Pick<InboundMessage, 'channel' | 'chat' | 'sender'>

const silent = (why: AdmissionRefusal): AdmissionOutcome => ({ kind: 'silent', why })

/** Why somebody may not write at all, if so. In a group it is the participant who counts, never the group. */
export const findSenderRefusal = (
  { allowed, blocked }: Pick<AdmissionRules, 'allowed' | 'blocked'>,
  { channel, chat, sender }: Writing,
): 'blocked' | 'unknown' | undefined => {
  const id = toComparable(sender.id)
  if (blocked.has(id)) return 'blocked'
  // a channel that cannot say who wrote says nothing, or names the group
  if (id === '' || (chat.isGroup && sender.id === chat.id)) return 'unknown'
  if (allowed === undefined || allowed.has(id)) return undefined
  return channel === OWNER_ID && id === OWNER_ID ? undefined : 'unknown'
}

/** In words a person understands: seconds below two minutes, minutes from there. */
const toWords = (ms: number): string => {
  const seconds = Math.max(1, Math.ceil(ms / 1_000))
  if (seconds === 1) return 'a second'
  return seconds < 120 ? `${seconds} seconds` : `${Math.ceil(seconds / 60)} minutes`
}

/**
 * Decides of every message whether it is looked at, before anything else is done with it: a known sender, not seen
 * before, not stale, not too long, not too often. Whom it does not know costs it nothing: no line on disk, no memory, no
 * answer. Each message is put to it once; one that was admitted before a restart, and not finished, is neither one that
 * was seen nor one more.
 */
export class Admission {
  readonly #rules: AdmissionRules
  readonly #seen: SeenMessages
  readonly #rates: RateLimit

  constructor(rules: AdmissionRules, seen: SeenMessages) {
    this.#rules = rules
    this.#seen = seen
    this.#rates = new RateLimit({ max: rules.rateMax, windowMs: rules.rateWindowMs })
  }

  /**
   * What becomes of a message.
   *
   * @param charsMax where it is not a person's
   */
  admit(message: InboundMessage, now: number, charsMax = this.#rules.charsMax): AdmissionOutcome {
    const refusal = findSenderRefusal(this.#rules, message)
    if (refusal !== undefined) return silent(refusal)
    const isNew = message.isResumed === true || this.#seen.add(message.channel, message.id, now)
    if (!isNew) return silent('seen')
    if (now - message.sentAt > STALE_MS_MAX) return silent('stale')
    if (message.isResumed) return { kind: 'admitted' }
    const isTooLong = !hasAtMostChars(message.text, charsMax)
    // a notice is an answer, too: those about long messages count, so that nobody draws any number of them
    const rate = this.#rates.take(toComparable(message.sender.id), now)
    if (isTooLong && rate !== 'first-beyond') {
      const sentence = `This message is too long for me: at most ${charsMax} characters, please.`
      return rate === 'within' ? { kind: 'notice', why: 'too-long', sentence } : silent('too-long')
    }
    switch (rate) {
      case 'within':
        return { kind: 'admitted' }
      case 'first-beyond':
        return { kind: 'notice', why: 'rate', sentence: this.#explainRate() }
      case 'beyond':
        return silent('rate')
    }
  }

  /**
   * Whether somebody may give the commands of an administrator. It asks for the sender of a message that was admitted,
   * never for a name that a message or a model says.
   */
  isAdmin(senderId: string): boolean {
    const id = toComparable(senderId)
    return !this.#rules.blocked.has(id) && (id === OWNER_ID || this.#rules.admins.has(id))
  }

  #explainRate(): string {
    const { rateMax, rateWindowMs } = this.#rules
    const messages = rateMax === 1 ? 'one message' : `${rateMax} messages`
    return `That was too much at once: I read ${messages} in ${toWords(rateWindowMs)}. Please wait a little; until then I do not answer.`
  }
}
