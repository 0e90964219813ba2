import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Fence, toFenceAfter } from './fences.ts'
import { PART_CHARS_MIN, splitText } from './split-text.ts'

const RUNS = { numRuns: 500 }

const isBalanced = (part: string) => part.split('\n').reduce<Fence | undefined>(toFenceAfter, undefined) === undefined

/** What a text says: without blanks, and without the lines that only mark a block. */
const toSaid = (text: string) =>
  text
    .split('\n')
    .filter((line) => !/^ {0,3}(?:`{3,}|~{3,})[a-z]*\s*$/.test(line))
    .join('')
    .replace(/\s+/g, '')

const word = fc.oneof(
  { weight: 6, arbitrary: fc.stringMatching(/^[a-z]{1,12}$/) },
  { weight: 1, arbitrary: fc.constantFrom('👩🏽‍🚀', 'ễ', '日本語', '🇵🇹', '`code`', '**', '…', '😀'.repeat(40)) },
)
const line = fc.array(word, { minLength: 1, maxLength: 14 }).map((words) => words.join(' '))
const paragraph = fc.array(line, { minLength: 1, maxLength: 4 }).map((lines) => lines.join('\n'))
const code = fc
  .tuple(fc.constantFrom('```', '````', '~~~'), fc.constantFrom('', 'ts', 'python'), fc.array(line, { maxLength: 9 }))
  .map(([marker, language, lines]) => [`${marker}${language}`, ...lines, marker].join('\n'))
const answer = fc
  .array(fc.oneof({ weight: 2, arbitrary: paragraph }, { weight: 1, arbitrary: code }), { minLength: 1, maxLength: 12 })
  .map((blocks) => blocks.join('\n\n'))
const bound = fc.integer({ min: PART_CHARS_MIN, max: 400 })

describe('a long answer', () => {
  it('is split into parts that all fit, and loses nothing', () => {
    fc.assert(
      fc.property(answer, bound, (text, max) => {
        const parts = splitText(text, max)
        for (const part of parts) expect(part.length).toBeLessThanOrEqual(max)
        expect(toSaid(parts.join('\n'))).toBe(toSaid(text))
      }),
      RUNS,
    )
  })

  it('has every code block whole or closed and begun again in each part', () => {
    fc.assert(
      fc.property(answer, bound, (text, max) => {
        for (const part of splitText(text, max)) expect(isBalanced(part), part).toBe(true)
      }),
      RUNS,
    )
  })

  it('fits and ends whatever it is made of, and no character is cut in two', () => {
    const hostile = fc.array(fc.constantFrom('`', '```', '~~~~', '\n', ' ', '😀', 'x', '\r\n', '\t', 'é', '    '), {
      minLength: 40,
      maxLength: 900,
    })
    fc.assert(
      fc.property(hostile, bound, (pieces, max) => {
        const parts = splitText(pieces.join(''), max)
        for (const part of parts) {
          expect(part.length).toBeLessThanOrEqual(max)
          expect(part.isWellFormed()).toBe(true)
        }
      }),
      RUNS,
    )
  })

  it('comes back as it is when it fits', () => {
    const text = '  a\n\n```ts\nopen'
    expect(splitText(text, PART_CHARS_MIN)).toEqual([text])
  })

  it('is cut between paragraphs first, and the blank lines there are dropped', () => {
    const [one, two, three] = ['a'.repeat(50), 'b'.repeat(40), 'c'.repeat(90)]
    expect(splitText(`${one}\n\n${two}\n\n\n${three}`, 100)).toEqual([`${one}\n\n${two}`, three])
  })

  it('is cut between words where there is no line, and between characters where there is no word', () => {
    expect(splitText(`${'word '.repeat(30)}`, 64)).toEqual([
      Array(12).fill('word').join(' '),
      Array(12).fill('word').join(' '),
      Array(6).fill('word').join(' '),
    ])
    const family = '👨‍👩‍👧‍👦'
    for (const part of splitText(family.repeat(20), 64)) expect(part.length % family.length).toBe(0)
  })

  it('keeps a code block whole when it fits into the next part', () => {
    const code = `\`\`\`ts\n${'const a = 1\n'.repeat(5)}\`\`\``
    const text = `${'Here it is. '.repeat(4).trim()}\n${code}\nThat is all.`
    expect(splitText(text, 100)).toEqual(['Here it is. '.repeat(4).trim(), `${code}\nThat is all.`])
  })

  it('closes a code block that is too long and begins it again with its language', () => {
    const lines = Array.from({ length: 12 }, (_, at) => `line ${at}`)
    const parts = splitText(`Look:\n\n~~~python\n${lines.join('\n')}\n~~~\n\nDone.`, 64)
    expect(parts).toEqual([
      `Look:\n\n~~~python\n${lines.slice(0, 6).join('\n')}\n~~~`,
      `~~~python\n${lines.slice(6).join('\n')}\n~~~\n\nDone.`,
    ])
  })

  it('keeps the indentation of what follows a cut', () => {
    const text = `${'a'.repeat(60)}\n\n    - deeper ${'b'.repeat(30)}`
    expect(splitText(text, 64)[1]).toMatch(/^ {4}- deeper/)
  })

  it('takes time in proportion to its length', () => {
    const text = `${'```ts\n'}${'x'.repeat(400_000)}\n${'` ~ '.repeat(150_000)}`
    expect(splitText(text, 4_000).length).toBeGreaterThan(200)
  })

  it('needs room for a fence', () => {
    expect(() => splitText('a', PART_CHARS_MIN - 1)).toThrow(RangeError)
  })
})
