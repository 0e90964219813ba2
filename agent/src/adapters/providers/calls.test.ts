import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cutAnyhow } from '../../test-support/cut-anyhow.ts'
import { setUpProvider } from '../../test-support/set-up-provider.ts'
import { anthropicWire } from '../../test-support/vendor-anthropic.ts'
import { openAiWire, toChunk } from '../../test-support/vendor-openai.ts'
import { beginStream, startVendor } from '../../test-support/vendor-server.ts'
import { AnthropicAnswer } from './anthropic-answer.ts'
import { OpenAiAnswer } from './openai-answer.ts'

const input = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 }))
/** An input as a model writes it, in whatever pieces. */
const written = cutAnyhow(input.map((value) => JSON.stringify(value)))

type Piece = Readonly<Record<string, unknown>>

/** How servers mark the pieces of a call: the first piece, then the others. */
const STYLES: Readonly<Record<string, (name: string, pieces: readonly string[], place: number) => Piece[]>> = {
  'by index, as OpenAI': (name, pieces, index) => [
    { index, id: `call_${index}`, type: 'function', function: { name, arguments: '' } },
    ...pieces.map((piece) => ({ index, function: { arguments: piece } })),
  ],
  'without index, as Google': (name, [first = '', ...pieces], place) => [
    { id: `call_${place}`, type: 'function', function: { name, arguments: first } },
    ...pieces.map((piece) => ({ function: { arguments: piece } })),
  ],
  'all in one place, as Google before': (name, pieces, place) => [
    { index: 0, id: '', type: 'function', function: { name, arguments: pieces.join('') } },
    ...(place === 0 ? [] : [{ index: 0, function: { arguments: ' ' } }]),
  ],
  'with id and name in each': (name, pieces, place) =>
    pieces.map((piece) => ({ index: 0, id: `call_${place}`, function: { name, arguments: piece } })),
  'with empty ids and names': (name, pieces, index) => [
    { index, id: `call_${index}`, function: { name, arguments: null } },
    ...pieces.map((piece) => ({ index, id: '', function: { name: '', arguments: piece } })),
  ],
}

const askOpenAi = (calls: readonly Piece[]) => {
  const answer = new OpenAiAnswer(() => {})
  answer.take(toChunk({ role: 'assistant', content: '' }))
  for (const call of calls) expect(answer.take(toChunk({ tool_calls: [call] }))).toBe(true)
  answer.take(toChunk({}, 'stop'))
  return answer.complete()
}

describe('a call that comes in pieces', () => {
  it.each(Object.entries(STYLES))('%s, is the same however it is cut, and is the first of two', (_how, toPieces) => {
    fc.assert(
      fc.property(written, written, (first, second) => {
        const calls = [...toPieces('askAgent', first, 0), ...toPieces('listAgents', second, 1)]
        expect(askOpenAi(calls).call).toEqual({ tool: 'askAgent', input: JSON.parse(first.join('')) })
      }),
    )
  })

  it('without an input is not taken for the one that comes in its place', () => {
    const toCall = (id: string, name: string, input: string) => ({ index: 0, id, function: { name, arguments: input } })
    const calls = [toCall('call_1', 'listAgents', ''), toCall('call_2', 'askAgent', '{"to":"Ann"}')]
    expect(askOpenAi(calls).call).toEqual({ tool: 'listAgents', input: {} })
  })

  it('is the same when another comes between its pieces, and when pieces come together', () => {
    const toPieces = STYLES['by index, as OpenAI']
    fc.assert(
      fc.property(written, written, fc.infiniteStream(fc.boolean()), (first, second, turns) => {
        const [one, other] = [toPieces?.('askAgent', first, 0) ?? [], toPieces?.('listAgents', second, 1) ?? []]
        const mixed = one.splice(0, 1)
        while (one.length + other.length > 0) {
          mixed.push(
            ...((turns.next().value === true && one.length > 0) || other.length === 0 ? one : other).splice(0, 1),
          )
        }
        const call = { tool: 'askAgent', input: JSON.parse(first.join('')) }
        expect(askOpenAi(mixed).call).toEqual(call)
        const together = new OpenAiAnswer(() => {})
        together.take(toChunk({ tool_calls: mixed }, 'tool_calls'))
        expect(together.complete().call).toEqual(call)
      }),
    )
  })

  it('is the same at Anthropic, between words and before another', () => {
    fc.assert(
      fc.property(written, written, (first, second) => {
        const answer = new AnthropicAnswer(() => {})
        const events = [
          anthropicWire.piece('Let me ask.'),
          anthropicWire.calls({ name: 'askAgent', pieces: first }, { name: 'listAgents', pieces: second }),
          anthropicWire.end('call'),
        ]
        for (const [, data = ''] of events.join('').matchAll(/^data: (.+)$/gm)) answer.take(JSON.parse(data))
        expect(answer.complete().call).toEqual({ tool: 'askAgent', input: JSON.parse(first.join('')) })
      }),
    )
  })

  it.each([openAiWire, anthropicWire])('is the same at $name however the network cuts its bytes', async (wire) => {
    const call = { tool: 'askAgent', input: { to: 'Zoë', text: '{"}' } }
    const pieces = ['{"to":"Zo', 'ë","text":', '"{\\"}"}']
    const bytes = Buffer.from(`${wire.begin}${wire.calls({ name: 'askAgent', pieces })}${wire.end('call')}`)
    let ends: readonly number[] = []
    await using vendor = await startVendor(async (response) => {
      beginStream(response).flushHeaders()
      for (const [index, end] of ends.entries()) {
        await new Promise<unknown>((resolve) => response.write(bytes.subarray(ends[index - 1] ?? 0, end), resolve))
        await new Promise(setImmediate)
      }
      response.end()
    })
    const { askWithTools } = await setUpProvider(wire.name, vendor.url)
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(bytes.length), { maxLength: 12 }), async (cuts) => {
        ends = [...cuts, bytes.length].sort((a, b) => a - b)
        expect((await askWithTools()).call).toEqual(call)
      }),
      { numRuns: 20 },
    )
  })
})
