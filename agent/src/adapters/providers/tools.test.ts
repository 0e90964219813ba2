import { describe, expect, it } from 'vitest'
import { PATIENT, setUpProvider, TOOLS } from '../../test-support/set-up-provider.ts'
import { anthropicWire } from '../../test-support/vendor-anthropic.ts'
import { openAiWire } from '../../test-support/vendor-openai.ts'
import { beginStream, refuse, startVendor, type VendorScript } from '../../test-support/vendor-server.ts'
import { USAGE, type Wire } from '../../test-support/vendor-wire.ts'

const INPUT = { to: 'Ann', text: 'Who are you? "{é}"' }
const PIECES = ['{"to": "An', 'n", "text"', ': "Who are you? ', '\\"{\\u00e9}\\""}']
const CALL = { tool: 'askAgent', input: INPUT }

const stream =
  (wire: Wire, ...rest: readonly string[]): VendorScript =>
  (response) => {
    beginStream(response).end([wire.begin, ...rest].join(''))
  }

const setUp = async (wire: Wire, script: VendorScript) => {
  const vendor = await startVendor(script)
  return { vendor, ...(await setUpProvider(wire.name, vendor.url)) }
}

describe.each([openAiWire, anthropicWire])('a tool that is offered at $name', (wire) => {
  const askAgent = (...pieces: readonly string[]) => wire.calls({ name: 'askAgent', pieces })

  it('is called with its input, whose pieces join, and with what was said before', async () => {
    const { vendor, askWithTools, pieces } = await setUp(
      wire,
      stream(wire, wire.piece('Let me'), wire.piece(' ask.'), askAgent(...PIECES), wire.end('call')),
    )
    await using _vendor = vendor
    expect(await askWithTools()).toEqual({ text: 'Let me ask.', call: CALL, cutShort: false, usage: USAGE })
    expect(pieces.filter((piece) => piece !== '')).toEqual(['Let me', ' ask.'])
  })

  it('is called by a server that does not stream, too', async () => {
    const { vendor, askWithTools } = await setUp(
      wire,
      refuse(
        200,
        wire.wholeCalls('Let me ask.', { name: 'askAgent', input: INPUT }, { name: 'listAgents', input: { a: 1 } }),
      ),
    )
    await using _vendor = vendor
    expect(await askWithTools()).toEqual({ text: 'Let me ask.', call: CALL, cutShort: false, usage: USAGE })
  })

  it.each([
    [
      'the first of several',
      wire.calls({ name: 'askAgent', pieces: PIECES }, { name: 'listAgents', pieces: ['{}'] }),
      'call',
    ],
    ['one whose vendor says that it has just stopped', askAgent(...PIECES), 'stop'],
    ['one that was complete when the answer was cut short', askAgent(...PIECES), 'length'],
  ] as const)('is called: %s', async (_what, calls, reason) => {
    const { vendor, askWithTools } = await setUp(wire, stream(wire, calls, wire.end(reason)))
    await using _vendor = vendor
    expect(await askWithTools()).toMatchObject({ call: CALL })
  })

  it.each([
    ['no input', [], {}],
    ['an input that is no JSON', ['{"to": Ann', '}'], '{"to": Ann}'],
    ['an input that is no object', ['["Ann"]'], '["Ann"]'],
    ['an input that is text', ['"{}"'], '"{}"'],
    ['an input that is too deep', [`{"to":${'['.repeat(20_000)}`, `${']'.repeat(20_000)}}`], expect.any(String)],
  ])('is called with %s, for its own check to refuse', async (_what, input, read) => {
    const { vendor, askWithTools } = await setUp(wire, stream(wire, askAgent(...input), wire.end('call')))
    await using _vendor = vendor
    expect(await askWithTools()).toMatchObject({ text: '', call: { tool: 'askAgent', input: read } })
  })

  it.each([
    ['inside of its input', PIECES.slice(0, 2), 'length'],
    ['before its input', [], 'length'],
    ['without any end', PIECES, undefined],
  ] as const)('is not called by an answer that was cut %s', async (_where, input, reason) => {
    const { vendor, failWithTools } = await setUp(wire, stream(wire, askAgent(...input), wire.end(reason)))
    await using _vendor = vendor
    const { error } = await failWithTools()
    expect(error).toMatchObject({ kind: 'truncated', usage: USAGE })
  })

  it('ends an answer whose input goes on and on', async () => {
    const { vendor, failWithTools } = await setUp(wire, (response) => {
      beginStream(response).write(
        `${wire.begin}${askAgent('{"to":"', ...Array.from({ length: 80 }, () => 'x'.repeat(1_000)))}`,
      )
    })
    await using _vendor = vendor
    expect((await failWithTools()).error.kind).toBe('truncated')
    expect(await vendor.hangups.next()).toBe(wire.path)
  })

  it('ends a whole answer whose input is too long or too deep', async () => {
    for (const input of [{ to: 'x'.repeat(70_000) }, { to: JSON.parse(`${'['.repeat(40)}${']'.repeat(40)}`) }]) {
      const { vendor, askWithTools } = await setUp(wire, refuse(200, wire.wholeCalls('', { name: 'askAgent', input })))
      await using _vendor = vendor
      const answer = await askWithTools().catch((error: unknown) => error)
      expect(answer).not.toMatchObject({ call: { input: { to: expect.anything() } } })
    }
  })

  it('keeps a model alive while its input is written', async () => {
    const vendor = await startVendor((response) => {
      beginStream(response).write(`${wire.begin}${askAgent('{')}`)
    })
    await using _vendor = vendor
    const patience = { ...PATIENT, firstTokenMs: 300, idleMs: 400 }
    const { failWithTools, pieces } = await setUpProvider(wire.name, vendor.url, { patience })
    expect((await failWithTools()).error.vendorCode).toBe('idle_timeout')
    expect(pieces.length).toBeGreaterThan(0)
    expect(pieces.join('')).toBe('')
  })

  it('is not spoken of where none is offered', async () => {
    const { vendor, ask } = await setUp(wire, stream(wire, wire.piece('Yes'), wire.end('stop')))
    await using _vendor = vendor
    await ask()
    expect(vendor.requests[0]?.body).not.toHaveProperty('tools')
  })
})

describe('tools', () => {
  it('are offered to OpenAI as it wants them', async () => {
    const { vendor, askWithTools } = await setUp(
      openAiWire,
      stream(openAiWire, openAiWire.piece('Hi'), openAiWire.end('stop')),
    )
    await using _vendor = vendor
    expect((await askWithTools()).text).toBe('Hi')
    const { messages, tools } = vendor.requests[0]?.body ?? {}
    expect(tools).toEqual(TOOLS.map((tool) => ({ type: 'function', function: tool })))
    expect(messages).toMatchObject([{ role: 'system', content: 'You are Atlas.' }, { role: 'user' }])
  })

  it('are offered to Anthropic as it wants them', async () => {
    const { vendor, askWithTools } = await setUp(
      anthropicWire,
      stream(anthropicWire, anthropicWire.piece('Hi'), anthropicWire.end('stop')),
    )
    await using _vendor = vendor
    expect((await askWithTools()).text).toBe('Hi')
    const { system, tools } = vendor.requests[0]?.body ?? {}
    expect(tools).toEqual(TOOLS.map(({ parameters, ...tool }) => ({ ...tool, input_schema: parameters })))
    expect(system).toBe('You are Atlas.')
  })
})
