import type { BudgetEvent, Usage } from './events.ts'
import { StorageError, TaskError } from './failures.ts'
import type { Spending, TokenLedger } from './ports.ts'
import { sumTokens } from './usage.ts'

const DAY_MS = 86_400_000

/** The day of a moment, in UTC. */
export const toDay = (now: number): string => new Date(now).toISOString().slice(0, 10)

const toKey = ({ provider, model }: Spending): string => JSON.stringify([provider, model])

const addUsage = (one: Usage, other: Usage): Usage => ({
  inputTokens: one.inputTokens + other.inputTokens,
  outputTokens: one.outputTokens + other.outputTokens,
})

/** A ledger that lives as long as its process. */
export class MemoryLedger implements TokenLedger {
  #day = ''
  #spent = new Map<string, Spending>()

  read(day: string): readonly Spending[] {
    return day === this.#day ? [...this.#spent.values()] : []
  }

  add(day: string, spending: Spending): void {
    if (day !== this.#day) this.#spent = new Map()
    this.#day = day
    const key = toKey(spending)
    const before = this.#spent.get(key)
    this.#spent.set(key, { ...spending, usage: before ? addUsage(before.usage, spending.usage) : spending.usage })
  }
}

/** What a token budget is made of. */
export interface TokenBudgetParts {
  readonly ledger?: TokenLedger
  /** Tokens per day, all providers together; as many as they like unless set. */
  readonly tokensMax?: number | undefined
  readonly observe: (event: BudgetEvent) => void
}

/** How a day's budget stands. */
export interface BudgetView {
  readonly tokensMax: number
  readonly tokensLeft: number
  /** When the next day begins, in epoch milliseconds. */
  readonly renewsAt: number
}

/**
 * What the providers have cost today, over restarts too, and whether they may cost more. It stops hard: nobody is asked
 * any more once the day's tokens are spent; work that is under way is finished, and may go beyond it by that much. While
 * the storage does not serve it counts on in memory, and writes what is missing with the next attempt.
 */
export class TokenBudget {
  readonly #parts: TokenBudgetParts
  #today = new MemoryLedger()
  #day = ''
  /** Whether what was written down for the day before a restart has been read. */
  #isRead = false
  readonly #unsaved = new Map<string, { readonly day: string; readonly spending: Spending }>()
  #isFailing = false
  #noticedDay = ''

  constructor(parts: TokenBudgetParts) {
    this.#parts = parts
  }

  /** What today has cost so far. */
  read(now: number): readonly Spending[] {
    this.#turnTo(toDay(now))
    return this.#today.read(this.#day)
  }

  /** Counts an attempt. */
  add(spending: Spending, now: number): void {
    if (sumTokens(spending.usage) === 0) return
    this.#turnTo(toDay(now))
    this.#today.add(this.#day, spending)
    if (!this.#parts.ledger) return
    const key = `${this.#day} ${toKey(spending)}`
    const before = this.#unsaved.get(key)?.spending.usage
    const usage = before ? addUsage(before, spending.usage) : spending.usage
    this.#unsaved.set(key, { day: this.#day, spending: { ...spending, usage } })
    this.#save()
  }

  /** Why nobody may be asked now, if the budget is spent; tells it once a day. */
  findRefusal(now: number): TaskError | undefined {
    const { tokensMax } = this.#parts
    const tokens = this.#countTokens(now)
    if (tokensMax === undefined || tokens < tokensMax) return undefined
    if (this.#noticedDay !== this.#day) {
      this.#noticedDay = this.#day
      this.#parts.observe({ type: 'budget.spent', day: this.#day, tokens, tokensMax })
    }
    return new TaskError(`This agent has used up its ${tokensMax} tokens for today; it answers again from 00:00 UTC.`, {
      code: 'budget_spent',
      retryable: true,
    })
  }

  /** How the budget stands, if there is one. */
  view(now: number): BudgetView | undefined {
    const { tokensMax } = this.#parts
    if (tokensMax === undefined) return undefined
    const tokensLeft = Math.max(0, tokensMax - this.#countTokens(now))
    return { tokensMax, tokensLeft, renewsAt: (Math.floor(now / DAY_MS) + 1) * DAY_MS }
  }

  #countTokens(now: number): number {
    return this.read(now).reduce((sum, { usage }) => sum + sumTokens(usage), 0)
  }

  /** A new day begins with what was written down for it before a restart, as soon as that can be read. */
  #turnTo(day: string): void {
    if (day !== this.#day) {
      this.#day = day
      this.#today = new MemoryLedger()
      this.#isRead = false
    }
    if (this.#isRead) return
    const { ledger } = this.#parts
    this.#isRead = this.#isDone(() => {
      for (const spending of ledger?.read(day) ?? []) this.#today.add(day, spending)
    })
  }

  #save(): void {
    // what is written before the day is read would be counted twice when it is
    if (!this.#isRead) return
    for (const [key, { day, spending }] of this.#unsaved) {
      if (!this.#isDone(() => this.#parts.ledger?.add(day, spending))) return
      this.#unsaved.delete(key)
    }
  }

  /** Whether the storage served; a trouble is told when it begins. */
  #isDone(act: () => void): boolean {
    try {
      act()
      this.#isFailing = false
      return true
    } catch (error) {
      if (!(error instanceof StorageError)) throw error
      if (!this.#isFailing) this.#parts.observe({ type: 'budget.unsaved', code: error.code, err: error })
      this.#isFailing = true
      return false
    }
  }
}
