import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { findNearest } from './nearest.ts'

const NAMES = ['builder', 'tester', 'reviewer', 'planner', 'build-bot']

describe('near names', () => {
  test.each([
    ['bilder', 'builder'],
    ['biulder', 'builder'],
    ['buildr', 'builder'],
    ['builderr', 'builder'],
    ['testre', 'tester'],
    ['plan', 'planner'],
  ])('%s looks like %s', (word, name) => {
    expect(findNearest(word, NAMES)[0]).toBe(name)
  })

  test('what looks like nothing has no near name', () => {
    expect(findNearest('zzz', NAMES)).toEqual([])
    expect(findNearest('', NAMES)).toEqual([])
    expect(findNearest('bu', NAMES)).toEqual([])
  })

  test('what begins with the word comes before what is edits away', () => {
    expect(findNearest('tester', ['texter', 'tester-of-everything'])).toEqual(['tester-of-everything', 'texter'])
  })

  test('no more are named than asked for', () => {
    expect(findNearest('aaaa', ['aaab', 'aaac', 'aaad', 'aaae'])).toHaveLength(3)
    expect(findNearest('aaaa', ['aaab', 'aaac', 'aaad', 'aaae'], 1)).toHaveLength(1)
  })

  test('names are compared up to a bound, so that a bad one is cheap on a large hub', () => {
    const crowd = Array.from({ length: 2_000 }, (_, place) => `agent-number-${place}`)
    expect(findNearest('bilder', [...crowd, 'builder'])).toEqual([])
    expect(findNearest('bilder', [...crowd.slice(1), 'builder'])).toEqual(['builder'])
  })

  test('one edit of a longer word is always found: a letter lost, added, changed, or two swapped', () => {
    const anyWord = fc.stringMatching(/^[a-z]{4,20}$/)
    const anyEdit = fc.constantFrom('lose', 'add', 'change', 'swap')
    fc.assert(
      fc.property(anyWord, anyEdit, fc.nat(18), (word, edit, place) => {
        const at = place % (word.length - 1)
        const [head, one = '', two = '', tail] = [word.slice(0, at), word[at], word[at + 1], word.slice(at + 2)]
        const edited = {
          lose: head + two + tail,
          add: `${head}#${one}${two}${tail}`,
          change: `${head}#${two}${tail}`,
          swap: head + two + one + tail,
        }[edit]
        expect(findNearest(edited, [word])).toEqual([word])
      }),
    )
  })
})
