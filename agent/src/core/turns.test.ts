import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Turn } from './ports.ts'
import { renderTurns } from './render-turns.ts'
import { rewriteTurns, trimTurns } from './turns.ts'

const user = (text: string, sender?: string): Turn => ({
  role: 'user',
  text,
  ...(sender === undefined ? {} : { sender }),
})
const assistant = (text: string): Turn => ({ role: 'assistant', text })

describe('a conversation for the next vendor', () => {
  it('begins and ends with a user’s turn, and has no empty one', () => {
    const turns = [
      assistant('lost'),
      user('a'),
      user(' '),
      user('b'),
      assistant('c'),
      assistant('d'),
      user('e'),
      assistant('f'),
      assistant('g'),
    ]
    expect(rewriteTurns(turns)).toEqual([user('a'), user('b'), assistant('c'), assistant('d'), user('e')])
    expect(rewriteTurns([assistant('lost'), user(' ')])).toEqual([])
  })

  it('leaves users’ turns as they are: whose they are, what they are, and whether they are framed', () => {
    const turns: Turn[] = [
      { ...user('yes', 'ann'), kind: 'peer' },
      { ...user('no', 'bob'), isFramed: true },
    ]
    expect(rewriteTurns(turns)).toEqual(turns)
  })

  it('leaves out what a model thought, and only at the beginning of its turn', () => {
    const turns = [user('q'), assistant('<think>\nhm\n</think>\n\nIt is <think>7</think>.'), user('<think>x</think>')]
    expect(rewriteTurns(turns)).toEqual([user('q'), assistant('It is <think>7</think>.'), user('<think>x</think>')])
    expect(rewriteTurns([user('q'), assistant('<think>only thoughts</think>'), user('r')])).toEqual([
      user('q'),
      user('r'),
    ])
  })
})

describe('a conversation that is too long', () => {
  it('loses its oldest turns, about half of it, and begins with a user’s turn again', () => {
    const turns = [
      user('a'.repeat(50)),
      assistant('b'.repeat(50)),
      user('c'.repeat(40)),
      assistant('d'.repeat(30)),
      user('e'),
    ]
    expect(trimTurns(turns)).toEqual(turns.slice(2))
  })

  it('keeps the last user’s turn, however long it is', () => {
    const last = user('x'.repeat(9_000))
    expect(trimTurns([user('a'), assistant('b'), last])).toEqual([last])
    expect(trimTurns([last])).toBeUndefined()
    expect(trimTurns([])).toBeUndefined()
  })
})

describe('whatever was said', () => {
  const turn: fc.Arbitrary<Turn> = fc.record(
    {
      role: fc.constantFrom('user' as const, 'assistant' as const),
      text: fc.oneof(fc.constantFrom('', ' ', '\n', '<think>a</think>', '<think>a</think>b'), fc.string()),
      sender: fc.constantFrom('ann', 'bob'),
    },
    { requiredKeys: ['role', 'text'] },
  )
  const isWellFormed = (turns: readonly Turn[]) => {
    const rendered = renderTurns(turns, 'a1b2c3d4e5f6a7b8')
    return (
      turns.every(({ text }) => text.trim() !== '') &&
      rendered.every(({ role }, index) => role === (index % 2 === 0 ? 'user' : 'assistant')) &&
      rendered.length % 2 === (rendered.length === 0 ? 0 : 1)
    )
  }

  it('a rewritten and rendered conversation is one that every vendor takes, and no user’s turn is lost', () => {
    fc.assert(
      fc.property(fc.array(turn, { maxLength: 12 }), (turns) => {
        const rewritten = rewriteTurns(turns)
        expect(isWellFormed(rewritten)).toBe(true)
        const isUser = ({ role, text }: Turn) => role === 'user' && text.trim() !== ''
        expect(rewritten.filter(isUser)).toEqual(turns.filter(isUser))
      }),
    )
  })

  it('a trimmed conversation is shorter, well formed, an end of the whole, and comes to its end', () => {
    fc.assert(
      fc.property(fc.array(turn, { maxLength: 12 }), (turns) => {
        let left = rewriteTurns(turns)
        for (;;) {
          const trimmed = trimTurns(left)
          if (!trimmed) break
          expect(trimmed.length).toBeLessThan(left.length)
          expect(left.slice(-trimmed.length)).toEqual(trimmed)
          expect(isWellFormed(trimmed)).toBe(true)
          expect(trimmed.at(-1)).toBe(left.at(-1))
          left = trimmed
        }
        expect(left.length).toBeLessThanOrEqual(1)
      }),
    )
  })
})
