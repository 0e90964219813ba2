import { describe, expect, it } from 'vitest'
import { FRAMED, setUpProvider } from '../../test-support/set-up-provider.ts'
import { answer } from '../../test-support/vendor-faults.ts'
import { openAiWire, toChunk } from '../../test-support/vendor-openai.ts'
import { beginStream, startVendor, type VendorScript } from '../../test-support/vendor-server.ts'

const stream =
  (...events: object[]): VendorScript =>
  (response) => {
    beginStream(response)
    for (const event of events) response.write(`data: ${JSON.stringify(event)}\n\n`)
    response.end('data: [DONE]\n\n')
  }

describe('an OpenAI-compatible provider', () => {
  it('is asked as OpenAI wants to be asked', async () => {
    await using vendor = await startVendor(answer(openAiWire))
    await (await setUpProvider('openai', vendor.url, { apiKey: 'sk-test-key', tokensMax: 99 })).ask()
    const [request] = vendor.requests
    expect(request?.headers.authorization).toBe('Bearer sk-test-key')
    expect(request?.body).toEqual({
      model: 'a-model',
      messages: [
        { role: 'system', content: 'You are Atlas.' },
        { role: 'user', content: expect.stringMatching(FRAMED) },
      ],
      stream: true,
      stream_options: { include_usage: true },
      max_completion_tokens: 99,
    })
  })

  it('is shown other people’s text in a frame whose word is new for each request', async () => {
    await using vendor = await startVendor(answer(openAiWire))
    const { ask } = await setUpProvider('openai', vendor.url)
    for (let each = 0; each < 2; each++) await ask()
    const words = vendor.requests.map(({ body }) => /<untrusted ([0-9a-f]{32}) /.exec(JSON.stringify(body))?.[1])
    expect(words).not.toContain(undefined)
    expect(new Set(words).size).toBe(2)
  })

  it.each([
    [10_000, 'medium'],
    [1_024, 'low'],
    [40_000, 'xhigh'],
    ['high', 'high'],
  ] as const)('is told to think for %s as %s', async (thinking, effort) => {
    await using vendor = await startVendor(answer(openAiWire))
    await (await setUpProvider('codex', vendor.url, { thinking })).ask()
    expect(vendor.requests[0]?.body).toMatchObject({ reasoning_effort: effort })
  })

  it('says when the answer ended at the bound of its length', async () => {
    await using vendor = await startVendor(stream(toChunk({ content: 'Half' }), toChunk({}, 'length')))
    expect(await (await setUpProvider('openai', vendor.url)).ask()).toEqual({ text: 'Half', cutShort: true })
  })

  it('leaves out the thoughts that Mistral puts between the parts of an answer', async () => {
    const thinking = { type: 'thinking', thinking: [{ type: 'text', text: 'Hm.' }] }
    await using vendor = await startVendor(
      stream(toChunk({ content: [thinking] }), toChunk({ content: [{ type: 'text', text: 'Yes' }] }, 'stop')),
    )
    const { ask, pieces } = await setUpProvider('mistral', vendor.url)
    expect(await ask()).toMatchObject({ text: 'Yes' })
    expect(pieces).toEqual(['Yes'])
  })

  it('reads the usage where Groq puts it', async () => {
    const usage = { prompt_tokens: 7, completion_tokens: 2 }
    await using vendor = await startVendor(stream({ ...toChunk({ content: 'Yes' }, 'stop'), x_groq: { usage } }))
    expect(await (await setUpProvider('groq', vendor.url)).ask()).toMatchObject({
      usage: { inputTokens: 7, outputTokens: 2 },
    })
  })

  it.each([
    ['a refusal', [toChunk({ refusal: 'I will not.' }), toChunk({}, 'stop')], 'policy'],
    ['a lack of resources', [toChunk({ content: 'Hel' }, 'insufficient_system_resource')], 'overload'],
    ['an end by error', [toChunk({ content: 'Hel' }, 'error')], 'overload'],
    ['thoughts that used up all tokens', [toChunk({ reasoning_content: 'Hm' }, 'length')], 'truncated'],
    ['an answer that is all thought', [toChunk({ content: '<think>Hm.</think>\n' }, 'stop')], 'truncated'],
    ['a chunk of another shape', [{ choices: 'none' }], 'truncated'],
    ['an error that is a sentence', [{ error: 'Rate limit exceeded, try again in 2s' }], 'rate-limit'],
    ['an error that is a number', [{ error: { code: 429, message: 'no' } }], 'rate-limit'],
  ] as const)('%s is a failure', async (_what, events, kind) => {
    await using vendor = await startVendor(stream(...events))
    expect((await (await setUpProvider('openai', vendor.url)).fail()).error.kind).toBe(kind)
  })
})
