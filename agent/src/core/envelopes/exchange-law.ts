import { LIMITS } from '@ai-comms/shared'
import { isAcknowledgement } from './acknowledgement.ts'
import type { EndReason } from './ports.ts'

/** Bounds of what agents say to each other without a person. */
export interface ExchangeBounds {
  /** Texts of one conversation, of both sides together. */
  readonly turnsMax: number
  /** Conversations that are remembered; the one that was silent longest makes room. */
  readonly conversationsMax: number
  /** Silence after which a conversation is forgotten, in milliseconds. */
  readonly forgetMs: number
  /** Answers to one peer that may be given at once, whatever its conversations are called. */
  readonly burstMax: number
  /** How long it takes until one more may be given, in milliseconds. */
  readonly refillMs: number
}

/** Twelve turns; a thousand conversations, a day each; thirty answers to a peer, then one every 20 s. */
export const EXCHANGE_BOUNDS: ExchangeBounds = {
  turnsMax: 12,
  conversationsMax: 1_000,
  forgetMs: 86_400_000,
  burstMax: 30,
  refillMs: 20_000,
}

/** Whether to go on. `isFirst` is the one time at which it is said aloud that a conversation ended. */
export type Verdict =
  | { readonly may: true }
  | { readonly may: false; readonly why: EndReason; readonly isFirst: boolean }

/** A text of a conversation between two agents. */
export interface Turned {
  readonly peerId: string
  readonly conversationId: string
  readonly text: string
  /** Epoch milliseconds. */
  readonly now: number
}

interface Conversation {
  turns: number
  ended: boolean
  at: number
  readonly said: Set<string>
}

interface Allowance {
  left: number
  at: number
}

const MAY: Verdict = { may: true }

/** Two 32-bit hashes: enough to know a text again without keeping it. Who forges a collision only ends his own talk. */
const fingerprint = (text: string): string => {
  let one = 0xdeadbeef
  let other = 0x41c6ce57
  for (const char of text.normalize('NFKC').toLowerCase().replaceAll(/\s+/g, ' ').trim()) {
    const code = char.codePointAt(0) ?? 0
    one = Math.imul(one ^ code, 2_654_435_761)
    other = Math.imul(other ^ code, 1_597_334_677)
  }
  return `${(one >>> 0).toString(36)}.${(other >>> 0).toString(36)}`
}

/** The oldest of a map that is kept in order of use goes. */
const makeRoom = (map: Map<string, unknown>, most: number): void => {
  const [oldest] = map.keys()
  if (map.size > most && oldest !== undefined) map.delete(oldest)
}

/**
 * Why agents never talk for ever: each conversation has a number of turns, ends when a text comes a second time, and a
 * peer that calls every text a new conversation runs out of answers. A person's word begins a conversation anew. It only
 * counts, and is told the time.
 */
export class ExchangeLaw {
  readonly #bounds: ExchangeBounds
  readonly #conversations = new Map<string, Conversation>()
  readonly #allowances = new Map<string, Allowance>()

  constructor(bounds: Partial<ExchangeBounds> = {}) {
    this.#bounds = { ...EXCHANGE_BOUNDS, ...bounds }
  }

  /** How many conversations are remembered. */
  get size(): number {
    return this.#conversations.size
  }

  /** A peer's text came: whether to answer it. `hops` is how often the work was passed on. */
  hear(turn: Turned, hops: number): Verdict {
    const conversation = this.#find(turn)
    if (conversation.ended) return { may: false, why: 'ended', isFirst: false }
    if (hops >= LIMITS.HOPS_MAX) return this.#end(conversation, 'hops')
    const verdict = this.#count(conversation, 'heard', turn.text)
    if (!verdict.may) return verdict
    if (isAcknowledgement(turn.text)) return { may: false, why: 'acknowledgement', isFirst: false }
    return this.#spend(turn.peerId, turn.now) ? MAY : { may: false, why: 'rate', isFirst: false }
  }

  /** This agent wants to say something in a conversation: whether it may. */
  say(turn: Turned): Verdict {
    const conversation = this.#find(turn)
    return conversation.ended
      ? { may: false, why: 'ended', isFirst: false }
      : this.#count(conversation, 'said', turn.text)
  }

  /** A person took part: the conversation begins anew. */
  humanSpoke(peerId: string, conversationId: string): void {
    this.#conversations.delete(toKey(peerId, conversationId))
  }

  #count(conversation: Conversation, side: 'heard' | 'said', text: string): Verdict {
    // by side, since a greeting may well be answered with the same words
    const print = `${side} ${fingerprint(text)}`
    if (conversation.said.has(print)) return this.#end(conversation, 'repeated')
    if (conversation.turns >= this.#bounds.turnsMax) return this.#end(conversation, 'turns')
    conversation.said.add(print)
    conversation.turns += 1
    return MAY
  }

  #end(conversation: Conversation, why: EndReason): Verdict {
    conversation.ended = true
    conversation.said.clear()
    return { may: false, why, isFirst: true }
  }

  #find({ peerId, conversationId, now }: Turned): Conversation {
    const key = toKey(peerId, conversationId)
    const known = this.#conversations.get(key)
    const isFresh = known !== undefined && now - known.at < this.#bounds.forgetMs
    const conversation = isFresh ? known : { turns: 0, ended: false, at: now, said: new Set<string>() }
    conversation.at = now
    // to the end, so that the first one is the one that was silent longest
    this.#conversations.delete(key)
    this.#conversations.set(key, conversation)
    makeRoom(this.#conversations, this.#bounds.conversationsMax)
    return conversation
  }

  #spend(peerId: string, now: number): boolean {
    const { burstMax, refillMs, conversationsMax } = this.#bounds
    const known = this.#allowances.get(peerId) ?? { left: burstMax, at: now }
    const left = Math.min(burstMax, known.left + Math.max(0, now - known.at) / refillMs)
    const may = left >= 1
    this.#allowances.delete(peerId)
    this.#allowances.set(peerId, { left: may ? left - 1 : left, at: now })
    makeRoom(this.#allowances, conversationsMax)
    return may
  }
}

const toKey = (peerId: string, conversationId: string): string => JSON.stringify([peerId, conversationId])
