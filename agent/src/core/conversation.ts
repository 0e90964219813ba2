import { repeat } from './alarms.ts'
import type { ConversationStore, Exchange } from './conversation-ports.ts'
import type { MemoryEvent } from './events.ts'
import { StorageError } from './failures.ts'
import { fitExchanges } from './fit-exchanges.ts'
import type { CallOff, Clock, Turn } from './ports.ts'
import { UnsavedExchanges } from './unsaved-exchanges.ts'
import { estimateTokens } from './usage.ts'

/** A conversation that nobody goes on with is forgotten after this, in milliseconds. */
export const INACTIVE_MS_MAX = 86_400_000
/** What is inactive is looked for this often, in milliseconds. */
export const SWEEP_MS = 1_800_000
/** Between two steps of one sweep, in milliseconds, so that messages get their turn. */
const STEP_MS = 50
/** Prompt and conversation together, in tokens: beside an answer they fit into the smallest windows in use. */
export const CONVERSATION_TOKENS_MAX = 6_000
/** Longest question or answer that is remembered whole, in characters. */
const TEXT_CHARS_MAX = 32_768
/** Most people of whom it is known that they wanted to be forgotten while an answer to them was made. */
const FORGOTTEN_MAX = 10_000

/** What is new, and what the model is told of itself this time. */
export interface Question {
  /** The system prompt, written anew each time and never kept. */
  readonly system: string
  readonly text: string
  readonly sender?: string
}

/** What somebody's conversation was when a question came; the answer is remembered by it. */
export interface Recollection {
  readonly personId: string
  /** What was said before and fits into the budget, the oldest first; empty or in pairs of question and answer. */
  readonly turns: readonly Turn[]
  readonly question: string
  readonly sender: string | undefined
  /** How often somebody had asked to be forgotten until then. */
  readonly era: number
}

/**
 * What became of an exchange: on disk; in memory until the disk serves again; or let go, since the person has asked to be
 * forgotten while the answer was made.
 */
export type RememberOutcome = 'stored' | 'unsaved' | 'forgotten'

/** What became of the wish to be forgotten. `failed` when the storage does not serve: the text may still be on disk. */
export type ForgetOutcome = { readonly kind: 'forgotten'; readonly exchanges: number } | { readonly kind: 'failed' }

/** What conversations are made of. */
export interface ConversationParts {
  readonly store: ConversationStore
  readonly clock: Clock
  readonly observe: (event: MemoryEvent) => void
  readonly tokensMax?: number
}

const cut = (text: string): string =>
  (text.length > TEXT_CHARS_MAX ? `${text.slice(0, TEXT_CHARS_MAX)} […]` : text).toWellFormed()

/**
 * What the agent and each canonical person or peer have said to each other. An exchange is on disk when
 * {@link Conversations.remember} returns, so it is called before the answer is handed on. It does not outlive a day
 * without another one, wherever it is kept.
 */
export class Conversations {
  readonly #parts: ConversationParts
  readonly #unsaved = new UnsavedExchanges()
  /** The era in which somebody was last forgotten. */
  readonly #forgottenIn = new Map<string, number>()
  #era = 0
  #isFailing = false
  #callOff: CallOff = () => {}
  #callOffStep: CallOff = () => {}

  constructor(parts: ConversationParts) {
    this.#parts = parts
  }

  /** Sweeps at once, and again every half hour until it is stopped. */
  start(): void {
    this.stop()
    this.#callOff = repeat(this.#parts.clock, SWEEP_MS, () => this.sweep())
    this.sweep()
  }

  /** Sweeps no more. */
  stop(): void {
    this.#callOff()
    this.#callOffStep()
  }

  /** What was said before, as far as it fits beside the question and this time's system prompt. */
  recall(personId: string, { system, text, sender }: Question): Recollection {
    const since = this.#parts.clock.now() - INACTIVE_MS_MAX
    const stored = this.#try(() => this.#parts.store.read(personId, since)) ?? []
    const exchanges = [...stored, ...this.#unsaved.listOf(personId).filter(({ at }) => at > since)]
    const taken = estimateTokens(system) + estimateTokens(text)
    const turns = fitExchanges(exchanges, (this.#parts.tokensMax ?? CONVERSATION_TOKENS_MAX) - taken)
    return { personId, turns, question: text, sender, era: this.#era }
  }

  /** Keeps an answer with its question, unless the person has asked to be forgotten in the meantime. */
  remember({ personId, question, sender, era }: Recollection, answer: string): RememberOutcome {
    if ((this.#forgottenIn.get(personId) ?? 0) > era) return 'forgotten'
    const exchange: Exchange = {
      question: cut(question),
      answer: cut(answer),
      ...(sender === undefined ? {} : { sender: cut(sender) }),
      at: this.#parts.clock.now(),
    }
    const lost = this.#unsaved.add(personId, exchange)
    if (lost > 0) this.#parts.observe({ type: 'memory.lost', exchanges: lost })
    return this.#save() ? 'stored' : 'unsaved'
  }

  /** Wipes all that is kept of a person, and what is being answered is not kept either. */
  forget(personId: string): ForgetOutcome {
    this.#era += 1
    this.#forgottenIn.delete(personId)
    this.#forgottenIn.set(personId, this.#era)
    for (const oldest of this.#forgottenIn.keys()) {
      if (this.#forgottenIn.size <= FORGOTTEN_MAX) break
      this.#forgottenIn.delete(oldest)
    }
    const unsaved = this.#unsaved.forget(personId)
    const stored = this.#try(() => this.#parts.store.forget(personId))
    return stored === undefined ? { kind: 'failed' } : { kind: 'forgotten', exchanges: stored + unsaved }
  }

  /** Writes down what waits, and begins to let go of what is inactive. */
  sweep(): void {
    this.#save()
    this.#purge(this.#parts.clock.now() - INACTIVE_MS_MAX)
  }

  #purge(until: number): void {
    this.#callOffStep()
    const hasMore = this.#try(() => this.#parts.store.purge(until)) ?? false
    if (hasMore) this.#callOffStep = this.#parts.clock.after(STEP_MS, () => this.#purge(until))
  }

  /** Whether nothing waits any more. */
  #save(): boolean {
    const since = this.#parts.clock.now() - INACTIVE_MS_MAX
    const isSaved = this.#try(() => {
      this.#unsaved.flush((personId, exchange) => {
        if (exchange.at <= since) return
        this.#parts.store.append(personId, exchange)
        // only this shows that the disk serves again: a full one can still be read
        this.#isFailing = false
      })
      return true
    })
    return isSaved ?? false
  }

  /** Undefined when the storage does not serve; that is told once, until something could be written again. */
  #try<Value>(act: () => Value): Value | undefined {
    try {
      return act()
    } catch (error) {
      if (!(error instanceof StorageError)) throw error
      const { code } = error
      if (!this.#isFailing) {
        this.#parts.observe({ type: 'memory.unsaved', what: 'conversations', code, err: error })
      }
      this.#isFailing = true
      return undefined
    }
  }
}
