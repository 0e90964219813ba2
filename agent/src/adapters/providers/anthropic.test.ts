import { describe, expect, it } from 'vitest'
import type { CompletionOptions } from '../../core/ports.ts'
import { beginStream, hang, refuse, startVendor, type VendorScript } from '../../test-support/vendor-server.ts'
import { systemClock } from '../system/clock.ts'
import { AnthropicProvider } from './anthropic.ts'
import { findRow, type ProviderSettings } from './catalog.ts'

const PROMPT = { system: 'You are Atlas.', turns: [{ role: 'user', text: 'hi', sender: 'bot' }] } as const

type Event = { readonly type: string } & Record<string, unknown>

const BEGIN: Event = {
  type: 'message_start',
  message: {
    id: 'm1',
    type: 'message',
    role: 'assistant',
    model: 'claude-test',
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: { input_tokens: 7, output_tokens: 1 },
  },
}
const BLOCK: Event = { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }
const toPiece = (text: string): Event => ({
  type: 'content_block_delta',
  index: 0,
  delta: { type: 'text_delta', text },
})
const toEnd = (reason: string | null): Event[] => [
  { type: 'content_block_stop', index: 0 },
  { type: 'message_delta', delta: { stop_reason: reason, stop_sequence: null }, usage: { output_tokens: 2 } },
  { type: 'message_stop' },
]

const write = (events: readonly Event[]): string =>
  events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('')

const stream =
  (...events: Event[]): VendorScript =>
  (response) => {
    beginStream(response).end(write(events))
  }

const answer = stream(BEGIN, BLOCK, { type: 'ping' }, toPiece('Hello'), toPiece(' there'), ...toEnd('end_turn'))

const setUp = (baseUrl: string, more: Partial<ProviderSettings> = {}) => {
  const settings = { row: findRow('anthropic'), model: 'claude-test', baseUrl, apiKey: 'sk-ant-key', ...more }
  const provider = new AnthropicProvider(settings, systemClock, { firstSignMs: 2_000, idleMs: 60 })
  const pieces: string[] = []
  const abort = new AbortController()
  const ask = (options: Partial<CompletionOptions> = {}) =>
    provider.complete(PROMPT, {
      signal: abort.signal,
      deadlineAt: systemClock.now() + 10_000,
      onText: (text) => pieces.push(text),
      ...options,
    })
  return { pieces, abort, ask }
}

describe('Anthropic', () => {
  it('streams the pieces of its answer and returns the whole with what it cost', async () => {
    await using vendor = await startVendor(answer)
    const { pieces, ask } = setUp(vendor.url)
    expect(await ask()).toEqual({ text: 'Hello there', cutShort: false, usage: { inputTokens: 7, outputTokens: 2 } })
    expect(pieces).toEqual(['Hello', ' there'])
  })

  it.each(['', '/', '/v1', '/v1/'])('is asked as it wants to be, at a base URL that ends in %j', async (end) => {
    await using vendor = await startVendor(answer)
    await setUp(`${vendor.url}${end}`, { tokensMax: 99 }).ask()
    const [request] = vendor.requests
    expect(request?.path).toBe('/v1/messages')
    expect(JSON.stringify(request?.headers)).toContain('sk-ant-key')
    expect(request?.body).toMatchObject({
      model: 'claude-test',
      max_tokens: 99,
      system: 'You are Atlas.',
      messages: [{ role: 'user', content: '[task from "bot", unverified]\n\nhi' }],
      stream: true,
    })
  })

  it('says when the answer ended at the bound of its length', async () => {
    await using vendor = await startVendor(stream(BEGIN, BLOCK, toPiece('Half'), ...toEnd('max_tokens')))
    expect(await setUp(vendor.url).ask()).toMatchObject({ text: 'Half', cutShort: true })
  })
})

describe('a failure of Anthropic', () => {
  const error = (type: string, message = 'no'): Event => ({ type: 'error', error: { type, message } })

  it.each([
    ['a wrong key', refuse(401, error('authentication_error')), 'auth', 401],
    ['an empty account', refuse(400, error('billing_error')), 'auth', 400],
    ['a rate limit', refuse(429, error('rate_limit_error')), 'rate-limit', 429],
    ['an error of the server', refuse(500, error('api_error')), 'overload', 500],
    ['overload', refuse(529, error('overloaded_error')), 'overload', 529],
    ['too long a prompt', refuse(400, error('invalid_request_error', 'prompt is too long: 9 > 5')), 'context', 400],
    ['a wrong parameter', refuse(400, error('invalid_request_error')), 'invalid', 400],
    [
      'overload inside the stream',
      stream(BEGIN, BLOCK, toPiece('Hel'), error('overloaded_error')),
      'overload',
      undefined,
    ],
    ['an empty answer', stream(BEGIN, ...toEnd('end_turn').slice(1)), 'truncated', undefined],
    ['an answer without an end', stream(BEGIN, BLOCK, toPiece('Hel')), 'truncated', undefined],
    ['an end without a reason', stream(BEGIN, BLOCK, toPiece('Hel'), ...toEnd(null)), 'truncated', undefined],
    ['an empty stream', stream(), 'truncated', undefined],
    ['a refusal', stream(BEGIN, BLOCK, toPiece('Hel'), ...toEnd('refusal')), 'policy', undefined],
    ['a cut connection', (response) => void response.destroy(), 'network', undefined],
  ] as [string, VendorScript, string, number | undefined][])(
    '%s is told by its kind',
    async (_what, script, kind, status) => {
      await using vendor = await startVendor(script)
      const outcome = await setUp(vendor.url)
        .ask()
        .catch((failure: unknown) => failure)
      expect(outcome).toMatchObject({ name: 'ProviderError', kind })
      if (status !== undefined) expect(outcome).toMatchObject({ status })
      expect(vendor.requests).toHaveLength(1)
    },
  )

  it('carries the wait that the vendor asks for', async () => {
    await using vendor = await startVendor(refuse(429, error('rate_limit_error'), { 'retry-after': '7' }))
    await expect(setUp(vendor.url).ask()).rejects.toMatchObject({ kind: 'rate-limit', retryAfterMs: 7_000 })
  })

  it('is a timeout when the stream goes quiet', async () => {
    await using vendor = await startVendor((response) => {
      beginStream(response).write(write([BEGIN, BLOCK, toPiece('Hel')]))
    })
    await expect(setUp(vendor.url).ask()).rejects.toMatchObject({ kind: 'timeout' })
    expect(await vendor.hangups.next()).toBe('/v1/messages')
  })

  it('is a cancellation when the task is given up, and the request with it', async () => {
    await using vendor = await startVendor(hang)
    const { abort, ask } = setUp(vendor.url)
    const asked = ask()
    await vendor.arrivals.next()
    abort.abort()
    await expect(asked).rejects.toMatchObject({ kind: 'canceled' })
    expect(await vendor.hangups.next()).toBe('/v1/messages')
  })
})
