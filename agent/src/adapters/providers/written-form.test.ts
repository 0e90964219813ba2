import { describe, expect, it } from 'vitest'
import { setUpProvider, TOOLS } from '../../test-support/set-up-provider.ts'
import { anthropicWire } from '../../test-support/vendor-anthropic.ts'
import { answer } from '../../test-support/vendor-faults.ts'
import { ollamaWire } from '../../test-support/vendor-ollama.ts'
import { openAiWire } from '../../test-support/vendor-openai.ts'
import { beginStream, refuse, startVendor, type VendorScript } from '../../test-support/vendor-server.ts'
import type { Wire } from '../../test-support/vendor-wire.ts'
import type { ProviderName } from './catalog.ts'

const CALL = { tool: 'askAgent', input: { to: 'Ann' } }
const WRITTEN = ['{"tool": "ask', 'Agent", "input": ', '{"to": "Ann"}}']

const setUp = async (name: ProviderName, script: VendorScript) => {
  const vendor = await startVendor(script)
  const provider = await setUpProvider(name, vendor.url, { apiKey: 'a-key' })
  const seen = () => provider.pieces.filter((piece) => piece !== '')
  return { vendor, ...provider, seen }
}

describe('tools that are offered in writing', () => {
  it('stand in the system prompt and nowhere else', async () => {
    const { vendor, askWithTools } = await setUp('ollama', answer(ollamaWire, ['Hello']))
    await using _vendor = vendor
    await askWithTools()
    const body = vendor.requests[0]?.body
    expect(body).not.toHaveProperty('tools')
    for (const { name } of TOOLS) expect(JSON.stringify(body)).toContain(`Does ${name}.`)
  })

  it.each(['perplexity', 'nvidia-nim', 'openclaw', 'ollama'] as const)(
    'are called at %s by a whole answer',
    async (name) => {
      const { vendor, askWithTools, seen } = await setUp(name, answer(openAiWire, WRITTEN))
      await using _vendor = vendor
      expect(await askWithTools()).toMatchObject({ call: CALL })
      expect(seen()).toEqual([])
    },
  )

  it('leave words to flow as they come', async () => {
    const { vendor, askWithTools, seen } = await setUp('ollama', answer(ollamaWire, [' ', 'Hello', ' there']))
    await using _vendor = vendor
    expect(await askWithTools()).toEqual({ text: ' Hello there', cutShort: false, usage: expect.anything() })
    expect(seen()).toEqual([' ', 'Hello', ' there'])
  })

  it('leave an object that is no call as an answer', async () => {
    const pieces = ['{"tool": "hammer"', ', "input": {}}']
    const { vendor, askWithTools, seen } = await setUp('ollama', answer(ollamaWire, pieces))
    await using _vendor = vendor
    expect(await askWithTools()).not.toHaveProperty('call')
    expect(seen()).toEqual(pieces)
  })

  it('do not make a call of such an answer where none is offered, or where they are offered in the vendor’s own way', async () => {
    const local = await setUp('ollama', answer(ollamaWire, WRITTEN))
    await using _local = local.vendor
    expect(await local.ask()).toMatchObject({ text: WRITTEN.join('') })
    expect(local.seen()).toEqual(WRITTEN)
    const native = await setUp('openai', answer(openAiWire, WRITTEN))
    await using _native = native.vendor
    expect(await native.askWithTools()).not.toHaveProperty('call')
  })

  it('are nothing to an echo and to a program', async () => {
    const echo = await setUpProvider('echo', '')
    expect((await echo.askWithTools()).text).toMatch(/Your message: hi$/)
    const script = `process.stdout.write(${JSON.stringify(JSON.stringify(CALL))})`
    const command = { argv: [process.execPath, '--eval', script] as const, environment: {} }
    expect(await (await setUpProvider('command', '', { command })).askWithTools()).not.toHaveProperty('call')
  })
})

const openAi = (message: string, code: string | null = null) => ({
  error: { message, type: 'invalid_request_error', param: null, code },
})

/** Refuses tools in its own way; without them it writes a call. */
const dislikes =
  (wire: Wire, status: number, body: object): VendorScript =>
  (response, request) =>
    ('tools' in request.body ? refuse(status, body) : answer(wire, WRITTEN))(response, request)

type Refusal = readonly [who: ProviderName, status: number, body: object]

const REFUSALS: readonly Refusal[] = [
  ['openai', 400, openAi('tools is not supported in this model. For a list of supported models, refer to https://x')],
  ['openai', 400, openAi("Unsupported parameter: 'tools' is not supported with this model.", 'unsupported_parameter')],
  ['codex', 400, openAi('Function tools with reasoning_effort are not supported for m in /v1/chat/completions.')],
  ['openai', 400, openAi('Unsupported', 'tool_calls_not_supported')],
  ['openai', 404, { error: { message: 'No endpoints found that support tool use.', code: 404 } }],
  ['openai', 405, { error: { message: 'Tool calling is not supported for model: m', type: 'APIError', code: '405' } }],
  ['openai', 400, { error: 'registry.ollama.ai/library/m does not support tools' }],
  ['groq', 400, openAi('`tool calling` is not supported with this model')],
  ['mistral', 400, { object: 'error', message: 'Function calling is not enabled for this model', code: '1700' }],
  ['mistral', 422, { detail: [{ type: 'extra_forbidden', loc: ['body', 'tools'], msg: 'Extra inputs' }] }],
  ['google', 400, [{ error: { code: 400, status: 'INVALID_ARGUMENT', message: 'Unknown name at tools[0]' } }]],
  ['deepseek', 400, openAi('deepseek-m does not support Function Calling')],
  ['anthropic', 400, { type: 'error', error: { type: 'invalid_request_error', message: 'm does not support tools.' } }],
]

describe('a vendor that refuses tools', () => {
  const toWire = (name: ProviderName) => (name === 'anthropic' ? anthropicWire : openAiWire)

  it.each(REFUSALS)('(%s, %i) is asked in writing at once, and from then on', async (who, status, body) => {
    const { vendor, askWithTools, seen } = await setUp(who, dislikes(toWire(who), status, body))
    await using _vendor = vendor
    for (let each = 0; each < 2; each++) expect(await askWithTools()).toMatchObject({ call: CALL })
    expect(seen()).toEqual([])
    expect(vendor.requests.map((request) => 'tools' in request.body)).toEqual([true, false, false])
  })

  const slip = openAi(
    "Failed to call a function. Please adjust your prompt. See 'failed_generation'.",
    'tool_use_failed',
  )

  const slipInStream: VendorScript = (response) => {
    beginStream(response).end(`${openAiWire.begin}event: error\ndata: ${JSON.stringify(slip)}\n\n`)
  }

  it.each([
    ['under a 400', refuse(400, slip)],
    ['inside of a stream', slipInStream],
  ])('for one slip of its model, %s, is asked in writing once', async (_where, fails) => {
    const { vendor, askWithTools } = await setUp('groq', (response, request) =>
      ('tools' in request.body ? fails : answer(openAiWire, WRITTEN))(response, request),
    )
    await using _vendor = vendor
    for (let each = 0; each < 2; each++) expect(await askWithTools()).toMatchObject({ call: CALL })
    expect(vendor.requests.map((request) => 'tools' in request.body)).toEqual([true, false, true, false])
  })

  it('and everything else, is offered them again the next time', async () => {
    const { vendor, failWithTools } = await setUp('openai', refuse(400, openAi('The function name hi is invalid')))
    await using _vendor = vendor
    for (let each = 0; each < 2; each++) expect((await failWithTools()).error.kind).toBe('invalid')
    expect(vendor.requests.map((request) => 'tools' in request.body)).toEqual([true, false, true, false])
  })

  it('after a piece of its answer was seen is not asked again, but another may be', async () => {
    const { vendor, failWithTools, seen } = await setUp('groq', (response) => {
      beginStream(response).end(`${openAiWire.piece('Let')}data: ${JSON.stringify(slip)}\n\n`)
    })
    await using _vendor = vendor
    expect((await failWithTools()).error).toMatchObject({ kind: 'invalid', isModelSpecific: true })
    expect(seen()).toEqual(['Let'])
    expect(vendor.requests).toHaveLength(1)
  })

  it.each([
    ['its key', 401, openAi('Invalid API key for tools', 'invalid_api_key')],
    ['its limits', 429, openAi('Rate limit of function calls reached', 'rate_limit_exceeded')],
    ['its length', 400, openAi('maximum context length is 9 tokens (8 in the messages, 3 in the functions)')],
    ['its policy', 400, openAi('The tools were flagged', 'content_filter')],
    ['its own fault', 500, openAi('tool server failed', 'server_error')],
    ['something else', 400, openAi('bad')],
  ])('for %s is not asked again', async (_why, status, body) => {
    const { vendor, failWithTools } = await setUp('openai', refuse(status, body))
    await using _vendor = vendor
    await failWithTools()
    expect(vendor.requests).toHaveLength(1)
  })
})
