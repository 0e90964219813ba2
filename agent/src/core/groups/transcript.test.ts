import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { said } from '../../test-support/group-store-contract.ts'
import { AHEAD_MAX, CONTEXT_CHARS_MAX, CONTEXT_MESSAGES, MESSAGES_MAX, Transcript, toContext } from './transcript.ts'

const add = (transcript: Transcript, ...messages: ReturnType<typeof said>[]) => {
  for (const message of messages) if (transcript.fit(message) === 'new') transcript.add(message)
  return transcript
}
const person = (writer: string, sequence: number, clock: number) => {
  const { question: _question, ...rest } = said(writer, sequence, clock)
  return { ...rest, kind: 'person' as const }
}

describe('a transcript', () => {
  it('is the same for everybody who has the same messages, in whatever order they came and however often', () => {
    const one = fc.record({ writer: fc.constantFrom('a', 'b', 'c'), sequence: fc.integer({ min: 1, max: 8 }) })
    fc.assert(
      fc.property(
        fc.uniqueArray(one, { selector: JSON.stringify, maxLength: 20 }),
        fc.array(fc.nat()),
        (ids, order) => {
          const messages = ids.map(({ writer, sequence }) => person(writer, sequence, sequence * 2))
          const mixed = [...messages, ...messages]
          for (const [at, to] of order.entries()) {
            const [moved] = mixed.splice(at % Math.max(1, mixed.length), 1)
            if (moved) mixed.splice(to % (mixed.length + 1), 0, moved)
          }
          expect(add(new Transcript(), ...mixed).list()).toEqual(add(new Transcript(), ...messages).list())
        },
      ),
    )
  })

  it('knows what is missing, until it comes', () => {
    const transcript = add(new Transcript(), person('a', 1, 1), person('a', 4, 4), person('b', 2, 2))
    expect([transcript.haveOf('a'), transcript.missingOf('a'), transcript.missing]).toEqual([1, 2, 3])
    add(transcript, person('a', 3, 3), person('a', 2, 2))
    expect([transcript.haveOf('a'), transcript.missingOf('a'), transcript.missing]).toEqual([4, 0, 1])
    transcript.skipTo('b', 1)
    expect([transcript.haveOf('b'), transcript.missing]).toEqual([2, 0])
  })

  it('shows one answer of a member to a question, the first that it wrote', () => {
    const transcript = add(
      new Transcript(),
      said('b', 2, 3, 'second'),
      said('b', 1, 2, 'first'),
      said('c', 1, 2, 'other'),
    )
    expect(transcript.list().map(({ text }) => text)).toEqual(['first', 'other'])
    expect(transcript.haveOf('b')).toBe(2)
  })

  it('refuses what is too far ahead, so that nobody can spend its numbers', () => {
    const transcript = new Transcript()
    expect(transcript.fit(person('a', AHEAD_MAX + 1, 1))).toBe('impossible')
    expect(transcript.fit(person('a', 1, AHEAD_MAX + 1))).toBe('impossible')
    expect(transcript.fit(person('a', 1, 1))).toBe('new')
  })

  it('keeps so many, and gives a model the last of them, cut to a length', () => {
    const transcript = new Transcript()
    for (let index = 1; index <= MESSAGES_MAX + 5; index++) add(transcript, person('a', index, index))
    expect(transcript.list()).toHaveLength(MESSAGES_MAX)
    expect(transcript.haveOf('a')).toBe(MESSAGES_MAX + 5)
    const context = toContext([...transcript.list(), { ...person('a', 999, 999), text: 'x'.repeat(9_999) }])
    expect(context).toHaveLength(CONTEXT_MESSAGES)
    expect(context.at(-1)?.text).toBe(`${'x'.repeat(CONTEXT_CHARS_MAX)}\n[… 5999 characters left out]`)
  })

  it('knows after a restart what it had, though the first of it is gone', () => {
    const transcript = new Transcript([person('a', 7, 9), person('a', 9, 11)], [['a', 7]])
    expect([transcript.haveOf('a'), transcript.missingOf('a'), transcript.nextClock]).toEqual([7, 1, 12])
    expect(transcript.fit(person('a', 3, 3))).toBe('known')
  })
})
