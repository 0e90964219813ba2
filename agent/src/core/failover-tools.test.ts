import { describe, expect, it } from 'vitest'
import { breakOff, call, setUpChain, stream } from '../test-support/set-up-chain.ts'
import { ProviderError } from './failures.ts'
import type { CompletionOptions, Tool, Turn } from './ports.ts'

const tools: readonly Tool[] = [{ name: 'askAgent', description: 'Asks.', parameters: { type: 'object' } }]
const ASK = { tool: 'askAgent', input: { to: 'Ann' } }
const UNKNOWN = { tool: 'deleteAll', input: {} }

describe('a call of a tool', () => {
  it('is the answer, without the words that were said beside it', async () => {
    const { askForCall, asked, events } = setUpChain({ one: [call(ASK, 'Let me ask.')], two: ['say no'] })
    expect(await askForCall({ tools })).toEqual({ text: '', call: ASK })
    expect(asked).toEqual(['one'])
    expect(events).toMatchObject([{ type: 'provider.answered', cutShort: false, isEstimate: true }])
  })

  it('needs no words, and says nothing of a length limit', async () => {
    const cut = async () => ({ text: '', call: ASK, cutShort: true })
    const { askForCall } = setUpChain({ one: [cut], two: ['say no'] })
    expect(await askForCall({ tools })).toEqual({ text: '', call: ASK })
  })

  it('of a tool that nobody offered is none: the words count, else the next one is asked', async () => {
    const talks = setUpChain({ one: [call(UNKNOWN, 'Done.')], two: ['say no'] })
    expect(await talks.askForCall({ tools })).toEqual({ text: 'Done.' })
    const silent = setUpChain({ one: [call(UNKNOWN, ' ')], two: [call(ASK)] })
    expect(await silent.askForCall({ tools })).toEqual({ text: '', call: ASK })
    expect(silent.events[0]).toMatchObject({ type: 'provider.failed', kind: 'truncated', vendorCode: 'unknown_tool' })
  })

  it('is never the answer to a performer, which offers no tools', async () => {
    const { ask, prompts } = setUpChain({ one: [call(ASK)], two: ['say yes'] })
    expect(await ask({ tools })).toBe('yes')
    for (const prompt of prompts) expect(prompt).not.toHaveProperty('tools')
  })

  it('after another’s answer that broke off stands below its mark', async () => {
    const { askForCall, seen } = setUpChain({ one: [breakOff('Once upon')], two: [call(ASK)] })
    expect(await askForCall({ tools })).toEqual({ text: '', call: ASK })
    expect(seen.join('')).toMatch(/^Once upon\n\n\[The answer of one broke off here; two begins anew\.\]/)
  })

  it('that is written for long has the time of an answer that flows', async () => {
    const slow = async ({ onText }: CompletionOptions) => {
      onText('')
      await new Promise<void>((resolve) => chain.clock.after(50_000, resolve))
      return { text: '', call: ASK, cutShort: false }
    }
    const chain = setUpChain({ one: [slow], two: ['say no'] })
    const answer = chain.askForCall({ tools, forMs: 60_000 })
    for (let passed = 0; passed < 50_000; passed += 1_000) {
      chain.clock.pass(1_000)
      await Promise.resolve()
    }
    expect(await answer).toEqual({ text: '', call: ASK })
    expect(chain.seen).toEqual([])
  })
})

describe('a task with instructions and tools of its own', () => {
  const history: readonly Turn[] = [
    { role: 'user', text: 'first', sender: 'ann' },
    { role: 'assistant', text: 'second' },
  ]

  it('is asked with them at every provider, also once its history is trimmed', async () => {
    const { askForCall, prompts } = setUpChain({ one: ['context', 'context'], two: ['say yes'] })
    expect(await askForCall({ system: 'Own.', tools, history, kind: 'peer' })).toEqual({ text: 'yes' })
    expect(prompts.map(({ turns }) => turns.length)).toEqual([3, 1, 3])
    for (const prompt of prompts) {
      expect(prompt).toMatchObject({ system: 'Own.', tools })
      expect(prompt.turns.at(-1)).toEqual({ role: 'user', text: 'hi', sender: 'bot', kind: 'peer' })
    }
  })

  it('leaves the usual ones to all others', async () => {
    const { askForCall, prompts } = setUpChain({ one: [stream('a'), new ProviderError('policy')] })
    await askForCall()
    expect(prompts[0]).toEqual({ system: 'You are Atlas.', turns: [{ role: 'user', text: 'hi', sender: 'bot' }] })
  })
})
