import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { anyText, anyTextOf } from '../../test-support/any-text.ts'
import { readAgentNames } from './agent-names.ts'
import { parseCommandLine, quoteName } from './command-line.ts'
import { isNewGroupName, mayUse, readGroup } from './group-names.ts'

const read = (command: string, ...names: string[]) => {
  const line = parseCommandLine(command)
  if (line === undefined) throw new Error('No command')
  return readGroup(
    line,
    names.map((name) => ({ name, owner: 'mia' })),
  )
}

describe('names of agents', () => {
  test.each([
    ['Atlas Nova Bolt', ['Atlas', 'Nova', 'Bolt']],
    ['Atlas, Nova, and Bolt', ['Atlas', 'Nova', 'Bolt']],
    ['Atlas und Nova & Bolt', ['Atlas', 'Nova', 'Bolt']],
    ['Network AI, @Bolt', ['Network AI', 'Bolt']],
    ['"Network AI" Bolt', ['Network AI', 'Bolt']],
    ['“Network AI”,„and“', ['Network AI', 'and']],
    ['Atlas,Nova;Bolt,', ['Atlas', 'Nova', 'Bolt']],
    ['  \n', []],
  ])('are read from %j', (text, names) => {
    expect(readAgentNames(text)).toEqual({ ok: true, agents: names.map((agentName) => ({ agentName })) })
  })

  test.each([
    'Nova +44 7700 900123',
    'Nova at +447700900123',
    '"Nova" (+44 7700-900.123)',
    'Nova, +44 (0) 7700 900123',
  ])('come with a number: %j', (text) => {
    const nova = { agentName: 'Nova', chats: { whatsapp: '447700900123' } }
    expect(readAgentNames(text)).toEqual({ ok: true, agents: [nova] })
    expect(readAgentNames(`Atlas, ${text}, Bolt`)).toEqual({
      ok: true,
      agents: [{ agentName: 'Atlas' }, nova, { agentName: 'Bolt' }],
    })
  })

  test.each(['+44 7700 900123', 'Nova +44 1 +44 2', 'Nova +0', '<Nova>', 'No:va', '"Nova\nBolt', 'x'.repeat(4_001)])(
    'are not read from %j, and it is said why',
    (text) => {
      expect(readAgentNames(text)).toEqual({ ok: false, complaint: expect.stringMatching(/^.{10,200}\.$/) })
    },
  )

  test('are read from any text without failing', () => {
    const list = anyTextOf('"', '“', '”', '„', ',', ' ', '+49', '(', 'and', 'Nova', '171', '\n', '<b>')
    fc.assert(fc.property(fc.oneof(anyText, list), (text) => typeof readAgentNames(text).ok === 'boolean'))
  })
})

describe('the name of a group in a line', () => {
  test('is the longest that the line goes on with', () => {
    expect(read('!group send a  B c: d', 'a', 'A b', 'A b c d e')).toMatchObject({
      group: { name: 'A b' },
      rest: 'c: d',
    })
    expect(read('!group send a b c: d', 'a b c')).toMatchObject({ rest: 'd' })
    expect(read('!group send "a": b', 'a b', 'a')).toMatchObject({ group: { name: 'a' }, rest: 'b' })
    expect(read('!group send "a" :)', 'a')).toMatchObject({ rest: ':)' })
    expect(read('!group remove a "b"', 'a b', 'a')).toMatchObject({ group: { name: 'a' }, rest: '"b"' })
  })

  test('is the own group, where somebody else has one of the same name', () => {
    const line = parseCommandLine('!group leave x')
    const groups = [
      { name: 'x', owner: undefined },
      { name: 'X', owner: 'mia' },
    ]
    expect(line && readGroup(line, groups)).toMatchObject({ group: { owner: 'mia' } })
  })

  test('is in quotes again what it was, whatever it is', () => {
    const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 64 }).filter(isNewGroupName)
    fc.assert(
      fc.property(name, fc.string(), (group, text) => {
        expect(read(`!group send ${quoteName(group)} ${text}`, group)).toEqual({
          kind: 'found',
          group: { name: group, owner: 'mia' },
          rest: text.trim(),
        })
      }),
    )
  })

  test.each(['"', '“', '”', '„', '«', '»', '\n', '\0', '\u2028', '\u202e'])('is not made with %j in it', (mark) => {
    expect(isNewGroupName(`a${mark}b`)).toBe(false)
  })

  test('is for its owner and for admins', () => {
    expect(mayUse({ owner: 'mia' }, { id: 'mia', isAdmin: false })).toBe(true)
    expect(mayUse({ owner: 'mia' }, { id: 'ben', isAdmin: false })).toBe(false)
    expect(mayUse({ owner: undefined }, { id: 'mia', isAdmin: false })).toBe(false)
    expect(mayUse({ owner: undefined }, { id: 'ben', isAdmin: true })).toBe(true)
  })

  test('is found in time in texts of any length', () => {
    const names = Array.from({ length: 64 }, (_, place) => `group ${place} of many`)
    const startedAt = performance.now()
    for (const text of ['a '.repeat(50_000), '“ '.repeat(50_000), 'x'.repeat(100_000)])
      read(`!group send ${text}`, ...names)
    expect(performance.now() - startedAt).toBeLessThan(500)
  })
})
