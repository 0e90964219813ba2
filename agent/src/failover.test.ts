import { describe, expect, it } from 'vitest'
import { buildProvider } from './adapters/providers/build-provider.ts'
import { findRow, type ProviderName } from './adapters/providers/catalog.ts'
import type { PatienceBounds } from './adapters/providers/patience.ts'
import { systemClock } from './adapters/system/clock.ts'
import type { AgentEvent } from './core/events.ts'
import type { TaskInput } from './core/ports.ts'
import { buildMind } from './mind.ts'
import { PATIENT } from './test-support/set-up-provider.ts'
import { anthropicWire } from './test-support/vendor-anthropic.ts'
import { after, answer, faults } from './test-support/vendor-faults.ts'
import { openAiWire } from './test-support/vendor-openai.ts'
import { refuse, startVendor, type VendorScript } from './test-support/vendor-server.ts'
import { USAGE } from './test-support/vendor-wire.ts'

const IDENTITY = { name: 'Atlas', workspace: '', skills: [] }
const SECOND = answer(anthropicWire, ['The whole', ' answer'])

const stage = async (name: ProviderName, script: VendorScript, patience: Partial<PatienceBounds>) => {
  const vendor = await startVendor(script)
  const settings = {
    row: findRow(name),
    model: 'm',
    baseUrl: vendor.url,
    apiKey: 'sk-test',
    patience: { ...PATIENT, ...patience },
  }
  return { vendor, provider: await buildProvider(settings, systemClock) }
}

/** A real chain: OpenAI's SDK before a server that fails, Anthropic's before one that is well. */
const setUp = async (script: VendorScript, patience: Partial<PatienceBounds> = {}) => {
  const one = await stage('openai', script, patience)
  const two = await stage('anthropic', SECOND, patience)
  const events: AgentEvent[] = []
  const seen: string[] = []
  const notes: string[] = []
  const firstPiece = Promise.withResolvers<void>()
  const mind = buildMind({
    identity: IDENTITY,
    providers: [one.provider, two.provider],
    canary: 'a word that no answer holds',
    observe: (event) => events.push(event),
    prices: { openai: { in: 1, out: 1 }, anthropic: { in: 3, out: 15 } },
  })
  const tools = {
    signal: new AbortController().signal,
    delta: (text: string) => {
      seen.push(text)
      firstPiece.resolve()
    },
    progress: ({ message = '' }: { readonly message?: string }) => notes.push(message),
  }
  const ask = async (forMs = 20_000) => {
    const startedAt = systemClock.now()
    const task: TaskInput = { requestId: 't1', message: 'hi', sender: 'bot', deadlineAt: startedAt + forMs, attempt: 1 }
    return { text: (await mind.ask(task, tools)).text, tookMs: systemClock.now() - startedAt }
  }
  return {
    vendors: [one.vendor, two.vendor] as const,
    mind,
    ask,
    events,
    seen,
    notes,
    firstPiece: firstPiece.promise,
    [Symbol.asyncDispose]: async () => {
      await one.vendor[Symbol.asyncDispose]()
      await two.vendor[Symbol.asyncDispose]()
    },
  }
}

describe('with real SDKs before real servers, the first of which', () => {
  it('is killed in the middle of its stream, the asker gets the answer of the second, whole and alone', async () => {
    const { vendors, ask, events, firstPiece, mind, notes, seen, ...chain } = await setUp(
      after(openAiWire, ['Half of'], () => {}),
    )
    await using _chain = chain
    const asked = ask()
    await firstPiece
    await vendors[0][Symbol.asyncDispose]()
    expect((await asked).text).toBe('The whole answer')
    expect(seen.join('')).toBe(
      'Half of\n\n[The answer of openai broke off here; anthropic begins anew.]\n\nThe whole answer',
    )
    expect(notes).toEqual(['The answer broke off; anthropic begins anew.'])
    expect(events).toMatchObject([
      { type: 'provider.failed', provider: 'openai', isEstimate: true, firstPieceMs: expect.any(Number) },
      { type: 'provider.answered', provider: 'anthropic', usage: USAGE, cost: 0.000_051 },
    ])
    expect(mind.view().chain).toMatchObject([{ answered: 0, lastFailure: {} }, { answered: 1 }])
  })

  const FIRST_TOKEN_MS = 10_000

  it.each([
    [
      'has another opinion of the key',
      'auth',
      refuse(401, { error: { message: 'Incorrect API key', type: 'invalid_request_error', code: 'invalid_api_key' } }),
    ],
    [
      'is limited for an hour',
      'rate-limit',
      refuse(
        429,
        { error: { message: 'Rate limit', type: 'requests', code: 'rate_limit_exceeded' } },
        { 'retry-after': '3600' },
      ),
    ],
    ['hangs before its headers', 'timeout', faults.hangBeforeHeaders()],
  ])('%s, it costs less than the wait for a first token, and nothing at the next turn', async (_what, kind, script) => {
    await using chain = await setUp(script, { connectMs: 300, firstTokenMs: FIRST_TOKEN_MS })
    const first = await chain.ask()
    expect(first.text).toBe('The whole answer')
    expect(first.tookMs).toBeLessThan(FIRST_TOKEN_MS)
    expect(chain.seen.join('')).toBe('The whole answer')
    expect(chain.notes).toEqual([])
    expect(chain.events[0]).toMatchObject({ type: 'provider.failed', provider: 'openai', kind })
    while (chain.mind.view().chain[0]?.state === 'awake') await chain.ask()
    const askedBefore = chain.vendors[0].requests.length
    await chain.ask()
    expect(chain.vendors[0].requests).toHaveLength(askedBefore)
    expect(askedBefore).toBe(kind === 'timeout' ? 3 : 1)
  })

  it('hangs after its headers, it costs its share of a short time and not the whole wait for a first token', async () => {
    await using chain = await setUp(faults.hangBeforeToken(openAiWire), { firstTokenMs: FIRST_TOKEN_MS })
    const { text, tookMs } = await chain.ask(4_000)
    expect(text).toBe('The whole answer')
    expect(tookMs).toBeLessThan(FIRST_TOKEN_MS / 2)
  })

  it('answers with nothing, it is passed over silently, and what it cost is counted', async () => {
    await using chain = await setUp(faults.empty(openAiWire))
    expect((await chain.ask()).text).toBe('The whole answer')
    expect(chain.seen.join('')).toBe('The whole answer')
    expect(chain.events[0]).toMatchObject({ type: 'provider.failed', kind: 'truncated', usage: USAGE })
    expect(chain.mind.view().tokensToday).toBe(2 * (USAGE.inputTokens + USAGE.outputTokens))
  })
})
