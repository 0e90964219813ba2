import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EXCHANGE_BOUNDS, ExchangeLaw, type Verdict } from './exchange-law.ts'

const MAY: Verdict = { may: true }
const turn = (text: string, now = 0, conversationId = 'c', peerId = 'nova') => ({ text, now, conversationId, peerId })

describe('a conversation between agents', () => {
  it('ends after its turns, of both sides together, and says so once', () => {
    const law = new ExchangeLaw({ turnsMax: 4 })
    expect(law.hear(turn('a question'), 0)).toEqual(MAY)
    expect(law.say(turn('an answer'))).toEqual(MAY)
    expect(law.hear(turn('another question'), 0)).toEqual(MAY)
    expect(law.say(turn('another answer'))).toEqual(MAY)
    expect(law.hear(turn('a third question'), 0)).toEqual({ may: false, why: 'turns', isFirst: true })
    expect(law.hear(turn('a fourth question'), 0)).toEqual({ may: false, why: 'ended', isFirst: false })
    expect(law.say(turn('a late answer'))).toEqual({ may: false, why: 'ended', isFirst: false })
  })

  it('ends when one side says the same thing twice, whatever the spaces and capitals', () => {
    const law = new ExchangeLaw()
    expect(law.hear(turn('Is it done?'), 0)).toEqual(MAY)
    expect(law.hear(turn('is  it DONE? '), 0)).toEqual({ may: false, why: 'repeated', isFirst: true })
    expect(law.hear(turn('What about now?'), 0)).toEqual({ may: false, why: 'ended', isFirst: false })
  })

  it('may answer a greeting with the same words, once', () => {
    const law = new ExchangeLaw()
    expect(law.hear(turn('hello there'), 0)).toEqual(MAY)
    expect(law.say(turn('Hello there'))).toEqual(MAY)
    expect(law.say(turn('Hello there'))).toEqual({ may: false, why: 'repeated', isFirst: true })
  })

  it('ends at eight hops', () => {
    const law = new ExchangeLaw()
    expect(law.hear(turn('a question'), 7)).toEqual(MAY)
    expect(law.hear(turn('the next'), 8)).toEqual({ may: false, why: 'hops', isFirst: true })
  })

  it.each(['Thanks!', 'ok', 'Got it, thank you very much.', '👍', 'Vielen Dank!', '了解', '…', 'Danke schön 🙏'])(
    'does not answer %s',
    (text) => {
      expect(new ExchangeLaw().hear(turn(text), 0)).toMatchObject({ may: false, why: 'acknowledgement' })
    },
  )

  it.each(['ok?', 'Thanks, and what about the report', 'yes we can', 'a', '7', 'Good morning, Nova'])(
    'answers %s',
    (text) => {
      expect(new ExchangeLaw().hear(turn(text), 0)).toEqual(MAY)
    },
  )

  it('begins anew when a person takes part, and after a day of silence', () => {
    const law = new ExchangeLaw({ turnsMax: 1 })
    expect(law.hear(turn('one'), 0)).toEqual(MAY)
    expect(law.hear(turn('two'), 0)).toMatchObject({ may: false })
    law.humanSpoke('nova', 'c')
    expect(law.hear(turn('three'), 0)).toEqual(MAY)
    expect(law.hear(turn('four', EXCHANGE_BOUNDS.forgetMs - 1), 0)).toMatchObject({ may: false })
    expect(law.hear(turn('five', EXCHANGE_BOUNDS.forgetMs), 0)).toMatchObject({ may: false })
    expect(law.hear(turn('six', 3 * EXCHANGE_BOUNDS.forgetMs), 0)).toEqual(MAY)
  })

  it('is not escaped by calling every text a new conversation', () => {
    const law = new ExchangeLaw({ burstMax: 3, refillMs: 1_000 })
    const hear = (index: number, now: number, peerId = 'nova') =>
      law.hear(turn(`question ${index}`, now, `c${index}`, peerId), 0).may
    expect([1, 2, 3, 4, 5].map((index) => hear(index, 0))).toEqual([true, true, true, false, false])
    expect(hear(6, 999)).toBe(false)
    expect(hear(7, 2_000)).toBe(true)
    expect(hear(8, 2_000, 'bolt')).toBe(true)
  })

  it('remembers no more conversations than it may', () => {
    const law = new ExchangeLaw({ conversationsMax: 5 })
    for (let index = 0; index < 50; index++) law.hear(turn('q', 0, `c${index}`, `p${index}`), 0)
    expect(law.size).toBe(5)
  })

  it('never has more turns than it may, whatever the two say', () => {
    const saying = fc.record({ text: fc.string({ maxLength: 3 }), hops: fc.nat(9), heard: fc.boolean() })
    fc.assert(
      fc.property(fc.array(saying, { maxLength: 60 }), fc.integer({ min: 1, max: 12 }), (sayings, turnsMax) => {
        const law = new ExchangeLaw({ turnsMax })
        const verdicts = sayings.map(({ text, hops, heard }, now) =>
          heard ? law.hear(turn(text, now), hops) : law.say(turn(text, now)),
        )
        expect(verdicts.filter(({ may }) => may).length).toBeLessThanOrEqual(turnsMax)
        expect(verdicts.filter((verdict) => !verdict.may && verdict.isFirst).length).toBeLessThanOrEqual(1)
        const end = verdicts.findIndex((verdict) => !verdict.may && verdict.isFirst)
        if (end >= 0) expect(verdicts.slice(end).every(({ may }) => !may)).toBe(true)
      }),
    )
  })
})
