import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cutAnyhow } from '../test-support/cut-anyhow.ts'
import { HeldAnswer } from './held-answer.ts'
import type { Tool } from './ports.ts'
import { TOOL_INPUT_CHARS_MAX } from './tool-input.ts'
import { readWrittenCall, writeTools } from './written-tools.ts'

const toTool = (name: string): Tool => ({
  name,
  description: `Does ${name}.`,
  parameters: { type: 'object', properties: { to: { type: 'string' } } },
})
const TOOLS = [toTool('ask'), toTool('listAgents')]
const CALL = { tool: 'ask', input: { to: 'Ann', text: 'a "b" {c}' } }
const WRITTEN = JSON.stringify(CALL)

describe('tools in words', () => {
  it('stand behind the instructions, each with its name, what it does and what it takes', () => {
    const system = writeTools('You are Atlas.', TOOLS)
    expect(system).toMatch(/^You are Atlas\.\n/)
    for (const tool of TOOLS) expect(system).toContain(JSON.stringify(tool))
  })
})

describe('a written call', () => {
  it.each([
    ['alone', WRITTEN],
    ['between blanks', `\n ${JSON.stringify(CALL, null, 2)}\n\n`],
    ['in a fence', `\`\`\`json\n${WRITTEN}\n\`\`\``],
    ['in a fence without a language', `\`\`\`\n${WRITTEN}\n\`\`\`\n`],
    ['after thoughts', `<think>\nThey want {"tool":"listAgents"}.\n</think>\n\n${WRITTEN}`],
    ['after thoughts, in a fence', `<think>Hm.</think>\n\`\`\`json\n${WRITTEN}\n\`\`\``],
  ])('is read %s', (_how, text) => {
    expect(readWrittenCall(text, TOOLS)).toEqual(CALL)
  })

  it('may have no input, and is left to the tool’s own check with any other', () => {
    expect(readWrittenCall('{"tool":"listAgents"}', TOOLS)).toEqual({ tool: 'listAgents', input: {} })
    expect(readWrittenCall('{"tool":"ask","input":"Ann"}', TOOLS)).toEqual({ tool: 'ask', input: 'Ann' })
  })

  it.each([
    ['words before it', `Sure: ${WRITTEN}`],
    ['words behind it', `${WRITTEN}\nDone.`],
    ['another behind it', `${WRITTEN}${WRITTEN}`],
    ['another in a list', `[${WRITTEN}]`],
    ['words beside its fence', `Here:\n\`\`\`json\n${WRITTEN}\n\`\`\``],
    ['a fence without an end', `\`\`\`json\n${WRITTEN}`],
    ['thoughts without an end', `<think>${WRITTEN}`],
    ['another tool', '{"tool":"delete","input":{}}'],
    ['a name of every object', '{"tool":"constructor","input":{}}'],
    ['a tool that is no name', '{"tool":["ask"],"input":{}}'],
    ['another member', '{"tool":"ask","input":{},"version":1}'],
    ['a hidden member', '{"tool":"ask","input":{},"__proto__":{}}'],
    ['an input beyond all bounds', `{"tool":"ask","input":{"to":"${'x'.repeat(TOOL_INPUT_CHARS_MAX)}"}}`],
    ['no end', WRITTEN.slice(0, -1)],
    ['nothing in it', ''],
  ])('is none with %s', (_what, text) => {
    expect(readWrittenCall(text, TOOLS)).toBeUndefined()
  })

  it('is none when no tool was offered', () => {
    expect(readWrittenCall(WRITTEN, [])).toBeUndefined()
  })

  it('is looked for in no more time than the text is long', () => {
    const startedAt = performance.now()
    for (const part of [' ', '<think>', '`', '{', '</think>', '\n```']) readWrittenCall(part.repeat(1_000_000), TOOLS)
    expect(performance.now() - startedAt).toBeLessThan(2_000)
  })
})

/** What is seen of an answer that comes in these pieces, before its end and with it. */
const show = (pieces: readonly string[]) => {
  const seen: string[] = []
  const held = new HeldAnswer((text) => seen.push(text))
  for (const piece of pieces) held.write(piece)
  const before = seen.join('')
  held.release()
  return { before, seen: seen.join(''), pieces: seen }
}

describe('an answer that may be a written call', () => {
  it('flows on as soon as it is known to be words', () => {
    expect(show([' ', '\n', 'Once', ' upon', ' {a}']).pieces).toEqual(['', '', ' ', '\n', 'Once', ' upon', ' {a}'])
    expect(show(['`', 'code', '` is']).before).toBe('`code` is')
    expect(show(['<', 'b>bold</b>']).before).toBe('<b>bold</b>')
    expect(show(['<think>Hm', '.</th', 'ink>', ' ']).before).toBe('')
    for (const [begin, end] of [
      ['<think>Hm', '.</think> Yes'],
      ['<THINKING>Hm.</Think', 'ing>Yes'],
      ['', '<think>Hm.</think><think>Hm'],
    ]) {
      expect(show([begin ?? '', end ?? '']).before).toBe(`${begin}${end}`)
    }
  })

  it('is kept back whole when it begins like one, and shown at its end when it is none', () => {
    for (const text of ['{"a": 1} is JSON', '```ts\nlet a\n```\nSo.', '<think>Hm.</think>\n{']) {
      expect(show([...text])).toMatchObject({ before: '', seen: text })
    }
  })

  it('tells of every piece that something comes, also of those that are kept back', () => {
    expect(show(['{', '"a"', '}']).pieces.slice(0, 3)).toEqual(['', '', ''])
  })

  const part = fc.constantFrom(' ', '\n', '<think>', '<THINKING>', '</think>', '</thinking>', '{', '```', '`', 'a', '<')

  it('is seen whole, in its order, however it is cut into pieces', () => {
    fc.assert(
      fc.property(cutAnyhow(fc.array(part, { maxLength: 12 }).map((parts) => parts.join(''))), (answer) => {
        expect(show(answer).seen).toBe(answer.join(''))
      }),
      { numRuns: 500 },
    )
  })

  it('shows nothing of a call, however it is written and cut', () => {
    const before = fc.constantFrom(
      '',
      ' \n',
      '<think>Hm. {</think>',
      ' <THINKING>`a` <think></Thinking>\n',
      '<reasoning></reasoning>',
    )
    const around = fc.constantFrom<[string, string]>(['', ''], ['```json\n', '\n```'], ['```\n', '\n``` '])
    const written = fc.tuple(before, around).map(([first, [begin, end]]) => `${first}${begin}${WRITTEN}${end}`)
    fc.assert(
      fc.property(cutAnyhow(written), (answer) => {
        expect(readWrittenCall(answer.join(''), TOOLS)).toEqual(CALL)
        expect(show(answer).before).toBe('')
      }),
      { numRuns: 500 },
    )
  })

  it('is judged in no more time than it is long', () => {
    const startedAt = performance.now()
    for (const piece of [' ', '>', '{', '</think', '<think>']) {
      const held = new HeldAnswer(() => {})
      held.write('<think>')
      for (let count = 0; count < 100_000; count++) held.write(piece)
    }
    expect(performance.now() - startedAt).toBeLessThan(2_000)
  })
})
