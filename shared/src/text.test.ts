import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { anyText, describeIssues, filledText, hasAtMostChars, isAgentName, shortText, toMatchKey } from './text.ts'

/** Any string of UTF-16 units, broken ones too. */
const anyUnits = fc
  .string({ unit: 'binary', maxLength: 40 })
  .chain((text) => fc.constantFrom(text, `${text}\ud800`, `\udc00${text}`, text.slice(1)))

describe('characters', () => {
  test('are counted as code points, as a full count would', () => {
    fc.assert(
      fc.property(anyUnits, fc.nat(45), (text, max) => {
        expect(hasAtMostChars(text, max)).toBe([...text].length <= max)
      }),
      { numRuns: 500 },
    )
  })

  test('an emoji is one', () => {
    expect(hasAtMostChars('😀'.repeat(64), 64)).toBe(true)
    expect(hasAtMostChars('😀'.repeat(65), 64)).toBe(false)
  })
})

describe('a text from the wire', () => {
  test('is well-formed whatever came, and unchanged when it was', () => {
    const schema = anyText('message')
    fc.assert(
      fc.property(anyUnits, (text) => {
        expect(schema.parse(text)).toBe(text.toWellFormed())
      }),
    )
    expect(schema.parse('a\ud800b')).toBe('a\ufffdb')
  })

  test('that is no string is refused by the name of its member', () => {
    for (const value of [null, 1, true, [], {}, undefined]) {
      expect(anyText('message').safeParse(value).error?.issues[0]?.message).toBe('message must be a string')
    }
  })

  test('keeps its bounds', () => {
    expect(shortText('note', 3).safeParse('').success).toBe(true)
    expect(shortText('note', 3).safeParse('abcd').error?.issues).toMatchObject([
      { message: 'note must be at most 3 characters' },
    ])
    expect(filledText('id', 3).safeParse('').error?.issues).toMatchObject([{ message: 'id must not be empty' }])
    expect(filledText('id', 3).safeParse('abcd').error?.issues).toHaveLength(1)
  })
})

describe('the name of an agent', () => {
  test.each(['a', '7', 'Network AI', 'ağ-uzmanı', '网络', 'a.b_c-d', 'e\u0301', 'x'.repeat(64), '𝒳'.normalize('NFKC')])(
    'may be %s',
    (name) => expect(isAgentName(name)).toBe(true),
  )

  test.each([
    '',
    ' a',
    'a ',
    '-a',
    '.a',
    '_a',
    'a/b',
    'a\nb',
    'a\tb',
    '\u0301a',
    'a\u200bb',
    '😀',
    'x'.repeat(65),
    'a<b',
  ])('may not be %j', (name) => expect(isAgentName(name)).toBe(false))

  test('is matched without regard to case and width', () => {
    expect(toMatchKey('Ｂｕｉｌｄｅｒ')).toBe('builder')
    expect(toMatchKey('ÇELİK')).toBe(toMatchKey('Çelİk'))
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (name) => {
        expect(toMatchKey(toMatchKey(name))).toBe(toMatchKey(name))
      }),
    )
  })

  test('cannot make the pattern slow', () => {
    const startedAt = process.cpuUsage().user
    for (const name of [' '.repeat(64), `a${' '.repeat(62)}!`, 'a'.repeat(100_000)]) isAgentName(name)
    expect(process.cpuUsage().user - startedAt).toBeLessThan(1_000_000)
  })
})

describe('a complaint', () => {
  const complain = (schema: z.ZodType, value: unknown) => {
    const { error } = schema.safeParse(value)
    return error === undefined ? '' : describeIssues(error)
  }

  test('names each member once, as one sentence', () => {
    const schema = z.object({ name: anyText('name'), age: z.int() })
    const text = complain(schema, { name: 1, age: 'x' })
    expect(text).toMatch(/^name must be a string; age: .+\.$/)
  })

  test('is bounded', () => {
    const schema = z.array(anyText('each skill'))
    const text = complain(schema, Array(1_000).fill(1))
    expect(text).toMatch(/; and 995 more\.$/)
    expect(text.length).toBeLessThan(300)
  })
})
