import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isToolInput, readToolInput, TOOL_INPUT_CHARS_MAX } from './tool-input.ts'

const nest = (levels: number, inside = '1') => `{"a":${'['.repeat(levels)}${inside}${']'.repeat(levels)}}`

describe('the input of a tool', () => {
  it.each(['', 'null', '1', '"{}"', '[{}]', '{"a":1', '{} {}'])(
    'is an object and nothing else, so %j is none',
    (text) => {
      expect(readToolInput(text)).toBeUndefined()
    },
  )

  it('is bounded in its length and depth', () => {
    const fitting = `{"a":"${'x'.repeat(TOOL_INPUT_CHARS_MAX - 8)}"}`
    expect(readToolInput(fitting)).toBeDefined()
    expect(readToolInput(`${fitting} `)).toBeUndefined()
    expect(readToolInput(nest(15))).toBeDefined()
    expect(readToolInput(nest(16))).toBeUndefined()
    expect(readToolInput(nest(30_000))).toBeUndefined()
    expect(isToolInput(JSON.parse(nest(100_000)))).toBe(false)
    expect(isToolInput({ a: 'x'.repeat(TOOL_INPUT_CHARS_MAX) })).toBe(false)
  })

  it('is read as it was written, names such as __proto__ included', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.oneof(fc.constantFrom('__proto__', 'constructor'), fc.string()), fc.string()),
        (input) => {
          expect(JSON.stringify(readToolInput(JSON.stringify(input)))).toBe(JSON.stringify(input))
        },
      ),
    )
  })
})
