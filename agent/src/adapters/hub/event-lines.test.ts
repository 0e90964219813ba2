import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EventLines } from './event-lines.ts'

const encode = (text: string) => new TextEncoder().encode(text)

describe('server-sent events', () => {
  it('are read with their id and kind, without comments and what has no data', () => {
    const lines = new EventLines(1_000)
    const text = ': hello\n\nid: 1\nevent: state\ndata: {"a":\ndata: 1}\n\nevent: lost\n\ndata:plain\r\n\r\n'
    expect(lines.read(encode(text))).toEqual([
      { id: '1', event: 'state', data: '{"a":\n1}' },
      { id: '1', event: 'message', data: 'plain' },
    ])
  })

  it('are the same in whatever pieces they come', () => {
    const text = 'id: 7\nevent: delta\ndata: "∀ 🧪"\n\n: still here\n\nid: 8\nevent: state\ndata: {}\n\n'
    const bytes = encode(text)
    const whole = new EventLines(1_000).read(bytes)
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 10 }), (cuts) => {
        const lines = new EventLines(1_000)
        const ends = [...cuts.sort((one, other) => one - other), bytes.length]
        const events = ends.flatMap((end, at) => lines.read(bytes.slice(ends[at - 1] ?? 0, end)))
        expect(events).toEqual(whole)
      }),
    )
  })

  it('that never end are not kept for ever, and many small ones are no large one', () => {
    const lines = new EventLines(100)
    for (let count = 0; count < 50; count++) expect(lines.read(encode('data: 1\n\n'))).toHaveLength(1)
    expect(() => lines.read(encode(`data: ${'x'.repeat(100)}`))).toThrow(RangeError)
    const many = new EventLines(100)
    const flood = () => {
      for (let count = 0; count < 50; count++) many.read(encode('data: 1\n'))
    }
    expect(flood).toThrow(RangeError)
  })
})
