import { describe, expect, it } from 'vitest'
import { MemoryLedger, TokenBudget, toDay } from './budget.ts'
import type { BudgetEvent } from './events.ts'
import { StorageError } from './failures.ts'
import type { Spending, TokenLedger } from './ports.ts'

const NOON = Date.UTC(2026, 0, 31, 12)
const MIDNIGHT = Date.UTC(2026, 1, 1)

const spend = (tokens: number, model = 'm'): Spending => ({
  provider: 'p',
  model,
  usage: { inputTokens: tokens - 1, outputTokens: 1 },
})

/** A ledger on a disk that the test breaks. */
class FailingLedger implements TokenLedger {
  readonly kept = new MemoryLedger()
  isGone = false
  isUnreadable = false

  read(day: string): readonly Spending[] {
    if (this.isGone || this.isUnreadable) throw new StorageError('SQLITE_IOERR')
    return this.kept.read(day)
  }

  add(day: string, spending: Spending): void {
    if (this.isGone) throw new StorageError('SQLITE_FULL')
    this.kept.add(day, spending)
  }
}

const setUp = (tokensMax?: number) => {
  const ledger = new FailingLedger()
  const events: BudgetEvent[] = []
  const open = () => new TokenBudget({ ledger, tokensMax, observe: (event) => events.push(event) })
  const total = (now = NOON) =>
    ledger.kept.read(toDay(now)).map(({ model, usage }) => [model, usage.inputTokens + usage.outputTokens])
  return { budget: open(), events, ledger, open, total }
}

describe('a budget of tokens', () => {
  it('says no once the tokens of the day are spent, in one sentence, and tells it once a day', () => {
    const { budget, events } = setUp(100)
    budget.add(spend(99), NOON)
    expect(budget.findRefusal(NOON)).toBeUndefined()
    budget.add(spend(2), NOON)
    for (let each = 0; each < 3; each++) {
      expect(budget.findRefusal(NOON)).toMatchObject({ name: 'TaskError', code: 'budget_spent', retryable: true })
    }
    expect(budget.findRefusal(NOON)?.message).toMatch(
      /^This agent has used up its 100 tokens for today; it .*00:00 UTC\.$/,
    )
    expect(events).toEqual([{ type: 'budget.spent', day: '2026-01-31', tokens: 101, tokensMax: 100 }])
  })

  it('begins anew at midnight in UTC', () => {
    const { budget, events } = setUp(100)
    budget.add(spend(100), MIDNIGHT - 1)
    expect(budget.findRefusal(MIDNIGHT - 1)).toBeDefined()
    expect(budget.view(MIDNIGHT - 1)).toEqual({ tokensMax: 100, tokensLeft: 0, renewsAt: MIDNIGHT })
    expect(budget.findRefusal(MIDNIGHT)).toBeUndefined()
    expect(budget.view(MIDNIGHT)).toMatchObject({ tokensLeft: 100 })
    budget.add(spend(100), MIDNIGHT)
    expect(budget.findRefusal(MIDNIGHT)).toBeDefined()
    expect(events.map((event) => event.type === 'budget.spent' && event.day)).toEqual(['2026-01-31', '2026-02-01'])
  })

  it('remembers over a restart, each model apart', () => {
    const { budget, open, total } = setUp(100)
    budget.add(spend(60), NOON)
    budget.add(spend(20, 'n'), NOON)
    const later = open()
    later.add(spend(20), NOON)
    expect(later.findRefusal(NOON)).toBeDefined()
    expect(total()).toEqual([
      ['m', 80],
      ['n', 20],
    ])
  })

  it('has no end and no view where none is set, and still counts', () => {
    const { budget } = setUp()
    budget.add(spend(1_000_000_000), NOON)
    expect(budget.findRefusal(NOON)).toBeUndefined()
    expect(budget.view(NOON)).toBeUndefined()
    expect(budget.read(NOON)).toHaveLength(1)
  })

  it('writes nothing for an attempt without tokens', () => {
    const { budget, total } = setUp()
    budget.add({ provider: 'echo', model: 'echo', usage: { inputTokens: 0, outputTokens: 0 } }, NOON)
    expect(total()).toEqual([])
  })

  it('counts on while the storage does not serve, tells it once, and writes all of it afterwards', () => {
    const { budget, events, ledger, open, total } = setUp(100)
    budget.add(spend(10), NOON)
    ledger.isGone = true
    for (let each = 0; each < 9; each++) budget.add(spend(10), NOON)
    expect(budget.findRefusal(NOON)).toBeDefined()
    expect(events.map(({ type }) => type)).toEqual(['budget.unsaved', 'budget.spent'])
    ledger.isGone = false
    budget.add(spend(2), NOON)
    expect(total()).toEqual([['m', 102]])
    expect(open().read(NOON)).toEqual([{ ...spend(102), usage: { inputTokens: 91, outputTokens: 11 } }])
  })

  it.each(['isGone', 'isUnreadable'] as const)('counts nothing twice when its ledger %s at first', (trouble) => {
    const { budget, ledger, open, total } = setUp(100)
    budget.add(spend(50), NOON)
    ledger[trouble] = true
    const later = open()
    later.add(spend(20), NOON)
    expect(later.findRefusal(NOON)).toBeUndefined()
    ledger[trouble] = false
    later.add(spend(29), NOON)
    expect(total()).toEqual([['m', 99]])
    expect(later.view(NOON)).toMatchObject({ tokensLeft: 1 })
  })
})
