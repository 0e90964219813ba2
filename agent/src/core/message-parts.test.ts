import { describe, expect, it } from 'vitest'
import { toMessageParts } from './message-parts.ts'

const BOUNDS = { charsMax: 100, partsMax: 3, captionCharsMax: 120 }
const words = (count: number) => 'word '.repeat(count).trim()

describe('a text on its way to a person', () => {
  it('is one message where it fits, and a few where it does not', () => {
    expect(toMessageParts('hello', false, BOUNDS)).toEqual([{ kind: 'text', text: 'hello' }])
    const parts = toMessageParts(words(50), false, BOUNDS) ?? []
    expect(parts).toHaveLength(3)
    for (const part of parts) expect(part.text.length).toBeLessThanOrEqual(BOUNDS.charsMax)
    expect(parts.map(({ text }) => text).join(' ')).toBe(words(50))
  })

  it('is a document with all of it when it would be more messages, and begins in the caption', () => {
    const [part, ...more] = toMessageParts(words(100), false, BOUNDS) ?? []
    expect(more).toEqual([])
    expect(part).toMatchObject({ kind: 'document', text: words(100), fileName: 'answer.txt' })
    const caption = part?.kind === 'document' ? part.caption : ''
    expect(caption).toMatch(/^word .*\n\n… the whole answer is in the file\.$/s)
    expect(caption.length).toBeLessThanOrEqual(BOUNDS.captionCharsMax)
  })

  it('cannot be sent when there is nothing in it', () => {
    expect(toMessageParts(' \n\t', false, BOUNDS)).toBeUndefined()
    expect(toMessageParts('', true, BOUNDS)).toBeUndefined()
  })
})

describe('a text for a program', () => {
  it('is one message as it is, or cannot be sent', () => {
    const fits = ` {"a": 1}${' '.repeat(91)}`
    expect(toMessageParts(fits, true, BOUNDS)).toEqual([{ kind: 'text', text: fits }])
    expect(toMessageParts(`${fits} `, true, BOUNDS)).toBeUndefined()
  })
})
