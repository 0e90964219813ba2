import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { anyText, anyTextOf } from '../../test-support/any-text.ts'
import { parseCommandLine, quoteName, readRest } from './command-line.ts'

const wordsOf = (message: string) => parseCommandLine(message)?.words.map(({ text }) => text)

describe('a command line', () => {
  test.each([
    ['!agents', 'agents', []],
    ['  !Agents  list ', 'agents', ['list']],
    ['!agents send "Network AI" check it', 'agents', ['send', 'Network AI', 'check', 'it']],
    ['!agents send “Network AI” check', 'agents', ['send', 'Network AI', 'check']],
    ["!group add it's me", 'group', ['add', "it's", 'me']],
    ['!team "never closed', 'team', ['"never', 'closed']],
    ['!agents send "" x', 'agents', ['send', '""', 'x']],
    ['!team\nplan it', 'team', ['plan', 'it']],
  ])('%j', (message, name, words) => {
    expect(parseCommandLine(message)?.name).toBe(name)
    expect(wordsOf(message)).toEqual(words)
  })

  test.each(['', '!', '!!', '! agents', 'agents', 'say !agents', '!?', '!agents,list', '!1'])(
    '%j is none',
    (message) => {
      expect(parseCommandLine(message)).toBeUndefined()
    },
  )

  test('keeps the free text after its words as it was written', () => {
    const line = parseCommandLine('!agents send atlas  first  line\n\n"second" line')
    expect(line && readRest(line, 2)).toBe('first  line\n\n"second" line')
    expect(line && readRest(line, 0)).toBe('send atlas  first  line\n\n"second" line')
    expect(line && readRest(line, 99)).toBe('')
  })

  test('is read from any text without failing, and its words stand in the text in their order', () => {
    fc.assert(
      fc.property(
        fc.oneof(anyText, anyTextOf('"', '“', '”', '„', '«', '»', "'", '‘', '’', ' ', '\n', 'a', '!')),
        (text) => {
          const line = parseCommandLine(`!x ${text}`)
          let from = 0
          for (const word of line?.words ?? []) {
            const at = line?.text.indexOf(word.text, from) ?? -1
            expect(at).toBeGreaterThanOrEqual(from)
            expect(word.end).toBeGreaterThan(at)
            from = word.end
          }
        },
      ),
    )
  })

  test('has a name in quotes that it does not close, if there are any', () => {
    expect(quoteName('Network AI')).toBe('"Network AI"')
    expect(quoteName('a "b"')).toBe(`'a "b"'`)
    expect(quoteName(`"'”“»’`)).toBeUndefined()
  })

  test('full of quotes that never close is taken apart in time', () => {
    const startedAt = performance.now()
    for (const mark of ['„ ', '" ', '“ „ « ‘ ']) parseCommandLine(`!x ${mark.repeat(100_000 / mark.length)}`)
    expect(performance.now() - startedAt).toBeLessThan(1_000)
  })
})
