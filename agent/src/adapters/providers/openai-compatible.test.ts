import { describe, expect, it } from 'vitest'
import type { CompletionOptions } from '../../core/ports.ts'
import { beginStream, hang, refuse, startVendor, type VendorScript } from '../../test-support/vendor-server.ts'
import { systemClock } from '../system/clock.ts'
import { findRow, type ProviderName, type ProviderSettings } from './catalog.ts'
import { OpenAiCompatible } from './openai-compatible.ts'

const PROMPT = { system: 'You are Atlas.', turns: [{ role: 'user', text: 'hi', sender: 'bot' }] } as const

const toChunk = (delta: object, finish: string | null = null) => ({
  id: 'c1',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'm',
  choices: [{ index: 0, delta, finish_reason: finish }],
})

const stream =
  (...events: (object | string)[]): VendorScript =>
  (response) => {
    beginStream(response)
    for (const event of events) response.write(`data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`)
    response.end()
  }

const answer = stream(
  toChunk({ role: 'assistant', content: '' }),
  toChunk({ content: 'Hello' }),
  toChunk({ content: ' there' }),
  toChunk({}, 'stop'),
  { ...toChunk({}), choices: [], usage: { prompt_tokens: 7, completion_tokens: 2, total_tokens: 9 } },
  '[DONE]',
)

const setUp = (baseUrl: string, more: Partial<ProviderSettings> = {}, name: ProviderName = 'openai') => {
  const settings = { row: findRow(name), model: 'gpt-test', baseUrl, apiKey: 'sk-test-key', ...more }
  const provider = new OpenAiCompatible(settings, systemClock, { firstSignMs: 2_000, idleMs: 60 })
  const pieces: string[] = []
  const abort = new AbortController()
  const ask = (options: Partial<CompletionOptions> = {}) =>
    provider.complete(PROMPT, {
      signal: abort.signal,
      deadlineAt: systemClock.now() + 10_000,
      onText: (text) => pieces.push(text),
      ...options,
    })
  return { provider, pieces, abort, ask }
}

describe('an OpenAI-compatible provider', () => {
  it('streams the pieces of its answer and returns the whole with what it cost', async () => {
    await using vendor = await startVendor(answer)
    const { pieces, ask } = setUp(vendor.url)
    expect(await ask()).toEqual({
      text: 'Hello there',
      cutShort: false,
      usage: { inputTokens: 7, outputTokens: 2 },
    })
    expect(pieces).toEqual(['Hello', ' there'])
  })

  it('asks as OpenAI wants to be asked', async () => {
    await using vendor = await startVendor(answer)
    await setUp(vendor.url, { tokensMax: 99 }).ask()
    const [request] = vendor.requests
    expect(request?.path).toBe('/v1/chat/completions')
    expect(request?.headers.authorization).toBe('Bearer sk-test-key')
    expect(request?.body).toEqual({
      model: 'gpt-test',
      messages: [
        { role: 'system', content: 'You are Atlas.' },
        { role: 'user', content: '[task from "bot", unverified]\n\nhi' },
      ],
      stream: true,
      stream_options: { include_usage: true },
      max_completion_tokens: 99,
    })
  })

  it.each(['', '/', '/v1', '/v1/'])('takes a base URL that ends in %j', async (end) => {
    await using vendor = await startVendor(answer)
    await setUp(`${vendor.url}${end}`).ask()
    expect(vendor.requests[0]?.path).toBe('/v1/chat/completions')
  })

  it('asks Ollama without a key, with the name that it knows for the bound of an answer', async () => {
    await using vendor = await startVendor(answer)
    const settings = { row: findRow('ollama'), model: 'llama3.2', baseUrl: `${vendor.url}/v1`, tokensMax: 5 }
    const provider = new OpenAiCompatible(settings, systemClock)
    await provider.complete(PROMPT, {
      signal: new AbortController().signal,
      deadlineAt: systemClock.now() + 5_000,
      onText: () => {},
    })
    expect(provider.name).toBe('ollama')
    expect(vendor.requests[0]?.body).toMatchObject({ max_tokens: 5 })
  })

  it('says when the answer ended at the bound of its length', async () => {
    await using vendor = await startVendor(stream(toChunk({ content: 'Half' }), toChunk({}, 'length'), '[DONE]'))
    expect(await setUp(vendor.url).ask()).toEqual({ text: 'Half', cutShort: true })
  })
})

describe('a failure of an OpenAI-compatible provider', () => {
  const error = (code: string | null, type: string, message = 'no') => ({ error: { message, type, code, param: null } })

  it.each([
    ['a wrong key', refuse(401, error('invalid_api_key', 'invalid_request_error')), 'auth', 401],
    ['an empty account', refuse(429, error('insufficient_quota', 'insufficient_quota')), 'auth', 429],
    ['a model that is not ours', refuse(404, error('model_not_found', 'invalid_request_error')), 'auth', 404],
    ['a rate limit', refuse(429, error('rate_limit_exceeded', 'requests')), 'rate-limit', 429],
    ['an error of the server', refuse(500, error(null, 'server_error')), 'overload', 500],
    ['a gateway that answers HTML', (response) => void response.writeHead(502).end('<html>'), 'overload', 502],
    ['too long a prompt', refuse(400, error('context_length_exceeded', 'invalid_request_error')), 'context', 400],
    ['a filtered prompt', refuse(400, error('content_filter', 'invalid_request_error')), 'policy', 400],
    ['a wrong parameter', refuse(400, error('unsupported_parameter', 'invalid_request_error')), 'invalid', 400],
    [
      'an error inside the stream',
      stream(toChunk({ content: 'Hel' }), error(null, 'server_error')),
      'overload',
      undefined,
    ],
    ['a rate limit inside the stream', stream(error('rate_limit_exceeded', 'requests')), 'rate-limit', undefined],
    ['an empty answer', stream(toChunk({ content: '' }), toChunk({}, 'stop'), '[DONE]'), 'truncated', undefined],
    ['an answer without an end', stream(toChunk({ content: 'Hel' })), 'truncated', undefined],
    ['an answer that ends with [DONE] alone', stream(toChunk({ content: 'Hel' }), '[DONE]'), 'truncated', undefined],
    ['a piece that is no JSON', stream('{"choices":'), 'truncated', undefined],
    ['a filtered answer', stream(toChunk({ content: 'Hel' }), toChunk({}, 'content_filter')), 'policy', undefined],
    ['a refusal', stream(toChunk({ refusal: 'I will not.' }), toChunk({}, 'stop')), 'policy', undefined],
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

  it('cut in the middle of the stream is one of the network', async () => {
    await using vendor = await startVendor((response) => {
      beginStream(response).write(`data: ${JSON.stringify(toChunk({ content: 'Hel' }))}\n\n`)
      setImmediate(() => response.destroy())
    })
    await expect(setUp(vendor.url).ask()).rejects.toMatchObject({ kind: 'network' })
  })

  it('carries the wait that the vendor asks for', async () => {
    await using vendor = await startVendor(refuse(429, error(null, 'requests'), { 'retry-after': '7' }))
    await expect(setUp(vendor.url).ask()).rejects.toMatchObject({ kind: 'rate-limit', retryAfterMs: 7_000 })
  })

  it('does not repeat what the vendor says, which may be the key', async () => {
    await using vendor = await startVendor(refuse(401, error(null, 'x', 'Incorrect API key provided: sk-test-key')))
    const failure = await setUp(vendor.url)
      .ask()
      .catch((thrown: unknown) => thrown)
    expect(failure).toBeInstanceOf(Error)
    expect(String(failure)).not.toContain('sk-test-key')
  })

  it('is a timeout when the stream goes quiet, and the request is given up', async () => {
    await using vendor = await startVendor((response) => {
      beginStream(response).write(`data: ${JSON.stringify(toChunk({ content: 'Hel' }))}\n\n`)
    })
    await expect(setUp(vendor.url).ask()).rejects.toMatchObject({ kind: 'timeout' })
    expect(await vendor.hangups.next()).toBe('/v1/chat/completions')
  })

  it('is a timeout when nothing has come by the deadline', async () => {
    await using vendor = await startVendor(hang)
    const deadlineAt = systemClock.now() + 50
    await expect(setUp(vendor.url).ask({ deadlineAt })).rejects.toMatchObject({ kind: 'timeout' })
  })

  it('is a cancellation when the task is given up, and the request with it', async () => {
    await using vendor = await startVendor(hang)
    const { abort, ask } = setUp(vendor.url)
    const asked = ask()
    await vendor.arrivals.next()
    abort.abort()
    await expect(asked).rejects.toMatchObject({ kind: 'canceled' })
    expect(await vendor.hangups.next()).toBe('/v1/chat/completions')
  })

  it('is one of the network when nobody is there', async () => {
    await expect(setUp('http://127.0.0.1:9').ask()).rejects.toMatchObject({ kind: 'network' })
  })
})
