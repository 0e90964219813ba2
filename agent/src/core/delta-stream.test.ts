import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FakeClock } from '../test-support/fake-clock.ts'
import { FakeLink } from '../test-support/fake-link.ts'
import { DELTA_PENDING_CHARS_MAX, DeltaStream } from './delta-stream.ts'

const setUp = () => {
  const clock = new FakeClock()
  const link = new FakeLink()
  const stream = new DeltaStream('t1', link, clock)
  const pieces = () => link.of('task-delta').map(({ seq, text }) => [seq, text])
  return { clock, link, stream, pieces }
}

describe('a streamed answer', () => {
  it('sends its first piece at once and joins what follows within 50 ms', () => {
    const { clock, stream, pieces } = setUp()
    for (const text of ['Once', ' upon', ' a', ' time']) stream.write(text)
    expect(pieces()).toEqual([[0, 'Once']])
    clock.pass(50)
    expect(pieces()).toEqual([
      [0, 'Once'],
      [1, ' upon a time'],
    ])
  })

  it('sends at most twenty pieces a second', () => {
    const { clock, stream, pieces } = setUp()
    for (let ms = 0; ms < 1_000; ms++) {
      stream.write('x')
      clock.pass(1)
    }
    expect(pieces().length).toBeLessThanOrEqual(21)
  })

  it('keeps what the link does not take, so that no piece is missing later', () => {
    const { clock, link, stream, pieces } = setUp()
    stream.write('a')
    link.open = false
    stream.write('b')
    clock.pass(500)
    link.open = true
    stream.write('c')
    clock.pass(50)
    expect(pieces()).toEqual([
      [0, 'a'],
      [1, 'bc'],
    ])
  })

  it('ends when too much waits: a gap would make another text of it', () => {
    const { clock, link, stream } = setUp()
    link.open = false
    stream.write('x'.repeat(DELTA_PENDING_CHARS_MAX + 1))
    link.open = true
    stream.write('y')
    clock.pass(1_000)
    expect(stream.hasEnded).toBe(true)
    expect(link.frames).toEqual([])
    expect(clock.alarms).toBe(0)
  })

  it('sends what waits when it finishes', () => {
    const { clock, stream, pieces } = setUp()
    stream.write('a')
    stream.write('b')
    stream.finish()
    expect(pieces()).toEqual([
      [0, 'a'],
      [1, 'b'],
    ])
    expect(clock.alarms).toBe(0)
  })

  it('joins to the very same text without broken characters, however it was cut', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 60 })
    fc.assert(
      fc.property(text, fc.array(fc.nat(60)), fc.array(fc.nat(80)), (whole, cuts, waits) => {
        const { clock, stream, pieces } = setUp()
        const marks = [0, ...cuts.filter((cut) => cut < whole.length).sort((one, other) => one - other), whole.length]
        for (let index = 1; index < marks.length; index++) {
          stream.write(whole.slice(marks[index - 1], marks[index]))
          clock.pass(waits[index] ?? 0)
        }
        stream.finish()
        expect(
          pieces()
            .map(([, piece]) => piece)
            .join(''),
        ).toBe(whole)
        expect(pieces().map(([seq]) => seq)).toEqual(pieces().map((_, index) => index))
        for (const [, piece] of pieces()) expect(String(piece).isWellFormed()).toBe(true)
      }),
    )
  })
})
