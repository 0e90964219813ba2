import { describe, expect, it } from 'vitest'
import { breakOff, setUpChain, stream } from '../test-support/set-up-chain.ts'
import { MemoryLedger } from './budget.ts'
import { mayAnswer } from './chain-view.ts'
import { ProviderError } from './failures.ts'
import type { CompletionOptions, Turn } from './ports.ts'

const costing = (inputTokens: number, outputTokens: number) => async () => ({
  text: 'ok',
  cutShort: false,
  usage: { inputTokens, outputTokens },
})

describe('every attempt', () => {
  it('is told with its provider, its times, its tokens and what they cost', async () => {
    const slow = async ({ onText }: CompletionOptions) => {
      await new Promise<void>((resolve) => clock.after(400, resolve))
      onText('Yes')
      await new Promise<void>((resolve) => clock.after(600, resolve))
      return { text: 'Yes.', cutShort: false, usage: { inputTokens: 1_000, outputTokens: 500 } }
    }
    const failed = new ProviderError('truncated', { usage: { inputTokens: 7, outputTokens: 0 } })
    const prices = { 'one/one-1': { in: 2, out: 10 }, one: { in: 9, out: 9 }, two: { in: 3, out: 8 } }
    const { askInTime, clock, events, view } = setUpChain({ one: [failed], two: [slow] }, { prices })
    await askInTime()
    expect(events).toEqual([
      {
        type: 'provider.failed',
        taskId: 't1',
        provider: 'one',
        model: 'one-1',
        kind: 'truncated',
        workMs: 0,
        usage: { inputTokens: 7, outputTokens: 0 },
        cost: 0.000_014,
      },
      {
        type: 'provider.answered',
        taskId: 't1',
        provider: 'two',
        model: 'two-1',
        cutShort: false,
        workMs: 1_000,
        firstPieceMs: 400,
        usage: { inputTokens: 1_000, outputTokens: 500 },
        cost: 0.007,
      },
    ])
    expect(view()).toMatchObject({
      chain: [
        {
          provider: 'one',
          model: 'one-1',
          failed: { truncated: 1 },
          answered: 0,
          tokensToday: { in: 7, out: 0 },
          costToday: 0.000_014,
        },
        { provider: 'two', failed: {}, answered: 1, tokensToday: { in: 1_000, out: 500 }, costToday: 0.007 },
      ],
      tokensToday: 1_507,
    })
    expect(view().chain[0]?.lastFailure).toEqual({ kind: 'truncated', at: '2026-01-01T00:00:00.000Z' })
  })

  it('is measured by its text where the vendor says nothing, also when it broke off', async () => {
    const { ask, events } = setUpChain({ one: [breakOff('a'.repeat(40))], two: [stream('b'.repeat(80))] })
    await ask()
    expect(events).toMatchObject([
      { usage: { inputTokens: expect.any(Number), outputTokens: 10 }, isEstimate: true },
      { usage: { inputTokens: expect.any(Number), outputTokens: 20 }, isEstimate: true },
    ])
  })

  it('that showed nothing and says nothing is taken for free', async () => {
    const { ask, events } = setUpChain({ one: ['auth'], two: [costing(1, 1)] })
    await ask()
    expect(events[0]).not.toHaveProperty('usage')
  })

  it('never tells what was said', async () => {
    const { ask, events } = setUpChain({ one: [breakOff('PRIVATE')], two: ['say PRIVATE'] })
    await ask({ message: 'PRIVATE', sender: 'PRIVATE' })
    expect(JSON.stringify(events)).not.toContain('PRIVATE')
  })
})

describe('the budget of a chain', () => {
  it('stops hard: an answer under way is given, and nobody is asked after it', async () => {
    const { ask, asked, events, view } = setUpChain({ one: [costing(60, 50)] }, { tokensMax: 100 })
    expect(await ask()).toBe('ok')
    for (let each = 0; each < 2; each++) {
      await expect(ask()).rejects.toMatchObject({
        code: 'budget_spent',
        message: expect.stringContaining('100 tokens'),
      })
    }
    expect(asked).toEqual(['one'])
    expect(events.filter(({ type }) => type === 'budget.spent')).toHaveLength(1)
    expect(view()).toMatchObject({
      tokensToday: 110,
      budget: { tokensPerDay: 100, tokensLeft: 0, renewsAt: '2026-01-02T00:00:00.000Z' },
    })
    expect(mayAnswer(view())).toBe(false)
  })

  it('counts what failed, and stops in the middle of a chain too', async () => {
    const failed = new ProviderError('truncated', { usage: { inputTokens: 100, outputTokens: 0 } })
    const { ask, asked } = setUpChain({ one: [failed], two: ['say two'] }, { tokensMax: 100 })
    await expect(ask()).rejects.toMatchObject({ code: 'budget_spent' })
    expect(asked).toEqual(['one'])
  })

  it('is there again on the next day, and was spent before a restart', async () => {
    const ledger = new MemoryLedger()
    await setUpChain({ one: [costing(99, 1)] }, { tokensMax: 100, ledger }).ask()
    const { ask, clock } = setUpChain({ one: ['say one'] }, { tokensMax: 100, ledger })
    await expect(ask()).rejects.toMatchObject({ code: 'budget_spent' })
    clock.pass(86_400_000)
    expect(await ask()).toBe('one')
  })
})

describe('a history', () => {
  const history: readonly Turn[] = [
    { role: 'assistant', text: 'lost' },
    { role: 'user', text: 'first', sender: 'bot' },
    { role: 'assistant', text: '<think>hm</think>second' },
    { role: 'assistant', text: ' ' },
  ]

  it('is rewritten for whoever is asked', async () => {
    const { ask, prompts } = setUpChain({ one: ['auth'], two: ['say two'] })
    await ask({ history })
    for (const prompt of prompts) {
      expect(prompt.turns).toEqual([
        { role: 'user', text: 'first', sender: 'bot' },
        { role: 'assistant', text: 'second' },
        { role: 'user', text: 'hi', sender: 'bot' },
      ])
    }
  })

  it('that is too long is trimmed once for the same provider, and whole for the next', async () => {
    const { ask, asked, prompts } = setUpChain({ one: ['context'], two: ['say two'] })
    expect(await ask({ history })).toBe('two')
    expect(asked).toEqual(['one', 'one', 'two'])
    expect(prompts.map(({ turns }) => turns.length)).toEqual([3, 1, 3])
    expect(prompts[1]?.turns).toEqual([{ role: 'user', text: 'hi', sender: 'bot' }])
  })

  it('that holds one turn only cannot be trimmed: the next provider may take more', async () => {
    const { ask, asked } = setUpChain({ one: ['context'], two: ['context'] })
    await expect(ask()).rejects.toMatchObject({
      message: expect.stringContaining('one: the message is too long for it; two: the message is too long for it'),
      retryable: false,
    })
    expect(asked).toEqual(['one', 'two'])
  })
})
