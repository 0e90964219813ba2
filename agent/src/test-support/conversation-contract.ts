import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type {
  ConversationBounds,
  ConversationStore,
  Exchange,
  SeenBounds,
  SeenStore,
} from '../core/conversation-ports.ts'

/** Bounds so small that a test meets them. */
export const SMALL_CONVERSATIONS: ConversationBounds = {
  personExchangesMax: 3,
  personCharsMax: 60,
  exchangesMax: 5,
  charsMax: 100,
}

/** An exchange whose answer names it. */
export const exchange = (answer: string, at = 0, question = 'q'): Exchange => ({ question, answer, at })

/** A store for one test. */
export type OpenConversations = (bounds: ConversationBounds) => { readonly store: ConversationStore } & Disposable

const EVER = Number.NEGATIVE_INFINITY

/** What every store of conversations keeps to, whatever it writes on. */
export const describeConversationStore = (kind: string, open: OpenConversations): void => {
  describe(`a store of conversations ${kind}`, () => {
    const answers = (store: ConversationStore, person: string, since = EVER) =>
      store.read(person, since).map(({ answer }) => answer)

    it('knows nothing of a person whom it was not told of', () => {
      using opened = open(SMALL_CONVERSATIONS)
      expect(opened.store.read('1', EVER)).toEqual([])
      expect(opened.store.forget('1')).toBe(0)
      expect(opened.store.purge(1)).toBe(false)
    })

    it('gives exchanges back as they were, in their order, to their person alone', () => {
      using opened = open({ ...SMALL_CONVERSATIONS, personExchangesMax: 9, personCharsMax: 999, charsMax: 999 })
      const texts = ['', 'two\nlines', 'a\u0000b', '∀ 🧪 "quoted" \\', "'; DROP TABLE exchange; --"]
      const told = texts.map((text, index) => ({ question: text, answer: `${text}!`, sender: text, at: index }))
      for (const each of told) opened.store.append('1', each)
      expect(opened.store.read('1', EVER)).toEqual(told)
      expect(opened.store.read('2', EVER)).toEqual([])
      expect(opened.store.read('', EVER)).toEqual([])
    })

    it('forgets one person, and nobody else', () => {
      using opened = open(SMALL_CONVERSATIONS)
      for (const person of ['1', '2', '1']) opened.store.append(person, exchange(person))
      expect(opened.store.forget('1')).toBe(2)
      expect(answers(opened.store, '1')).toEqual([])
      expect(answers(opened.store, '2')).toEqual(['2'])
      // what was forgotten has freed its room
      for (const answer of ['a', 'b', 'c']) opened.store.append('1', exchange(answer))
      expect(answers(opened.store, '2')).toEqual(['2'])
    })

    it('keeps a whole conversation as long as somebody goes on with it', () => {
      using opened = open(SMALL_CONVERSATIONS)
      opened.store.append('1', exchange('old', 0))
      opened.store.append('1', exchange('new', 10))
      opened.store.append('2', exchange('gone', 9))
      expect(answers(opened.store, '1', 9)).toEqual(['old', 'new'])
      expect(answers(opened.store, '1', 10)).toEqual([])
      opened.store.purge(9)
      expect(answers(opened.store, '1')).toEqual(['old', 'new'])
      expect(answers(opened.store, '2')).toEqual([])
      opened.store.purge(10)
      expect(answers(opened.store, '1')).toEqual([])
    })

    it('purges until nobody inactive is left, however many they are', () => {
      const large = { personExchangesMax: 99, personCharsMax: 9_999, exchangesMax: 999, charsMax: 99_999 }
      using opened = open(large)
      const people = Array.from({ length: 250 }, (_, index) => `${index}`)
      for (const person of people) opened.store.append(person, exchange('x', person === '7' ? 2 : 1))
      let steps = 1
      while (opened.store.purge(1)) steps += 1
      expect(steps).toBeLessThan(10)
      expect(people.filter((person) => opened.store.read(person, EVER).length > 0)).toEqual(['7'])
    })

    it('lets the oldest go when a person has too many or too much', () => {
      using opened = open(SMALL_CONVERSATIONS)
      for (const answer of ['a', 'b', 'c', 'd']) opened.store.append('1', exchange(answer))
      expect(answers(opened.store, '1')).toEqual(['b', 'c', 'd'])
      opened.store.append('1', exchange('x'.repeat(57)))
      expect(answers(opened.store, '1')).toEqual(['d', 'x'.repeat(57)])
      opened.store.append('1', exchange('x'.repeat(60)))
      expect(answers(opened.store, '1')).toEqual(['d', 'x'.repeat(57)])
    })

    const step = fc.record({
      act: fc.constantFrom('append', 'append', 'append', 'forget', 'purge'),
      person: fc.constantFrom('1', '2', '3'),
      chars: fc.nat(70),
      later: fc.nat(9),
    })

    it('stays within its bounds and always knows the newest, whatever it is told', () => {
      const { personExchangesMax, personCharsMax, exchangesMax, charsMax } = SMALL_CONVERSATIONS
      fc.assert(
        fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
          using opened = open(SMALL_CONVERSATIONS)
          let now = 0
          for (const { act, person, chars, later } of steps) {
            now += later
            const told = exchange('x'.repeat(chars), now, '')
            if (act === 'append') opened.store.append(person, told)
            else if (act === 'forget') opened.store.forget(person)
            else opened.store.purge(now - 20)
            const all = ['1', '2', '3'].map((each) => opened.store.read(each, EVER))
            const sizes = all.map((own) => own.reduce((sum, { answer }) => sum + answer.length, 0))
            if (act === 'append' && chars <= personCharsMax)
              expect(opened.store.read(person, EVER).at(-1)).toEqual(told)
            if (act === 'forget') expect(opened.store.read(person, EVER)).toEqual([])
            for (const own of all) expect(own.length).toBeLessThanOrEqual(personExchangesMax)
            for (const size of sizes) expect(size).toBeLessThanOrEqual(personCharsMax)
            expect(all.flat().length).toBeLessThanOrEqual(exchangesMax)
            expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(charsMax)
          }
        }),
        { numRuns: 30 },
      )
    })
  })
}

/** A store of seen messages for one test. */
export type OpenSeen = (bounds: SeenBounds) => { readonly store: SeenStore } & Disposable

/** What everybody who knows seen messages keeps to, whatever it writes on. */
export const describeSeenStore = (kind: string, open: OpenSeen): void => {
  describe(`a store of seen messages ${kind}`, () => {
    it('takes a message once per channel', () => {
      using opened = open({ idsMax: 9, keepMs: 100 })
      expect(opened.store.add('console', 'm1', 0)).toBe(true)
      expect(opened.store.add('console', 'm1', 1)).toBe(false)
      expect(opened.store.add('whatsapp', 'm1', 1)).toBe(true)
      expect(opened.store.add('console', 'm2', 1)).toBe(true)
      expect(opened.store.add('console', '', 1)).toBe(true)
      expect(opened.store.add('console', '', 1)).toBe(false)
    })

    it('knows it for its time', () => {
      using opened = open({ idsMax: 9, keepMs: 100 })
      opened.store.add('c', 'm1', 0)
      expect(opened.store.add('c', 'm1', 99)).toBe(false)
      expect(opened.store.add('c', 'm1', 100)).toBe(true)
      expect(opened.store.add('c', 'm1', 199)).toBe(false)
    })

    it('lets the oldest go when it is full', () => {
      using opened = open({ idsMax: 3, keepMs: 100 })
      for (const id of ['m1', 'm2', 'm3', 'm4']) opened.store.add('c', id, 0)
      expect(opened.store.add('c', 'm2', 0)).toBe(false)
      expect(opened.store.add('c', 'm4', 0)).toBe(false)
      expect(opened.store.add('c', 'm1', 0)).toBe(true)
    })

    it('knows the last ones, whatever came before', () => {
      fc.assert(
        fc.property(fc.array(fc.nat(6), { maxLength: 40 }), (ids) => {
          using opened = open({ idsMax: 3, keepMs: 1_000 })
          const known: number[] = []
          for (const id of ids) {
            expect(opened.store.add('c', `m${id}`, 0)).toBe(!known.includes(id))
            if (!known.includes(id)) known.push(id)
            if (known.length > 3) known.shift()
          }
        }),
        { numRuns: 30 },
      )
    })
  })
}
