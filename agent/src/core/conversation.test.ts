import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FakeClock } from '../test-support/fake-clock.ts'
import { Conversations, INACTIVE_MS_MAX, SWEEP_MS } from './conversation.ts'
import type { ConversationStore, Exchange } from './conversation-ports.ts'
import type { MemoryEvent } from './events.ts'
import { StorageError } from './failures.ts'
import { fitExchanges } from './fit-exchanges.ts'
import { MemoryConversationStore } from './memory-conversation-store.ts'
import { estimateTurn } from './usage.ts'

const BOUNDS = { personExchangesMax: 99, personCharsMax: 999_999, exchangesMax: 999, charsMax: 9_999_999 }

/** A store whose disk the test breaks. */
class FailingStore implements ConversationStore {
  readonly kept = new MemoryConversationStore(BOUNDS)
  isGone = false
  /** Whether it can only be read. */
  isFull = false
  purges = 0
  /** How many more purges there are to do. */
  left = 0

  read = (personId: string, since: number) => this.#serving().read(personId, since)
  append = (personId: string, exchange: Exchange) => this.#writable().append(personId, exchange)
  forget = (personId: string) => this.#writable().forget(personId)
  purge(until: number): boolean {
    this.purges += 1
    this.#serving().purge(until)
    return this.left-- > 0
  }

  #writable(): MemoryConversationStore {
    if (this.isFull) throw new StorageError('SQLITE_FULL')
    return this.#serving()
  }

  #serving(): MemoryConversationStore {
    if (this.isGone) throw new StorageError('SQLITE_IOERR')
    return this.kept
  }
}

const setUp = (tokensMax?: number) => {
  const store = new FailingStore()
  const clock = new FakeClock()
  const events: MemoryEvent[] = []
  const open = () =>
    new Conversations({
      store,
      clock,
      observe: (event) => void events.push(event),
      ...(tokensMax === undefined ? {} : { tokensMax }),
    })
  const conversations = open()
  const ask = (text: string, person = '1', system = 'You are Atlas.', on = conversations) =>
    on.recall(person, { system, text })
  const say = (text: string, answer: string, person = '1') => conversations.remember(ask(text, person), answer)
  const recalled = (person = '1', on = conversations) => ask('?', person, '', on).turns.map((turn) => turn.text)
  return { store, clock, events, conversations, open, ask, say, recalled }
}

describe('a conversation', () => {
  it('is what its person and the agent have said, and nobody else’s', () => {
    const { say, recalled } = setUp()
    expect(recalled()).toEqual([])
    expect(say('one', 'ONE')).toBe('stored')
    say('two', 'TWO')
    say('else', 'ELSE', '2')
    expect(recalled()).toEqual(['one', 'ONE', 'two', 'TWO'])
    expect(recalled('2')).toEqual(['else', 'ELSE'])
  })

  it('is on disk when an answer is remembered, without any system prompt', () => {
    const { store, ask, conversations, open, recalled } = setUp()
    conversations.remember(ask('q', '1', 'a secret system prompt'), 'a')
    expect(store.kept.read('1', 0)).toEqual([{ question: 'q', answer: 'a', at: expect.any(Number) }])
    expect(recalled('1', open())).toEqual(['q', 'a'])
  })

  it('carries who asked, where it is known', () => {
    const { conversations, ask } = setUp()
    conversations.remember(conversations.recall('1', { system: '', text: 'q', sender: 'Nova' }), 'a')
    expect(ask('?').turns).toEqual([
      { role: 'user', text: 'q', sender: 'Nova' },
      { role: 'assistant', text: 'a' },
    ])
  })

  it('gives way to a longer system prompt and to a longer question', () => {
    const { ask, say } = setUp(480)
    for (const each of ['a', 'b', 'c', 'd']) say(each, each.repeat(80))
    const count = (text: string, system: string) => ask(text, '1', system).turns.length
    expect(count('?', '')).toBe(8)
    expect(count('?', 'x'.repeat(600))).toBe(6)
    expect(count('x'.repeat(800), 'x'.repeat(600))).toBe(2)
    expect(count('x'.repeat(4_000), '')).toBe(0)
  })
})

describe('after a day without another word', () => {
  it('a conversation is gone, before any sweep and after a restart', () => {
    const { clock, open, recalled, say } = setUp()
    say('q', 'a')
    clock.pass(INACTIVE_MS_MAX - 1)
    expect(recalled('1', open())).toEqual(['q', 'a'])
    clock.pass(1)
    expect(recalled()).toEqual([])
    expect(recalled('1', open())).toEqual([])
  })

  it('it is swept from the disk, at the start and every half hour, in steps, until it is stopped', () => {
    const { clock, conversations, say, store } = setUp()
    say('q', 'a')
    store.left = 2
    conversations.start()
    expect(store.purges).toBe(1)
    clock.pass(1_000)
    expect(store.purges).toBe(3)
    clock.pass(INACTIVE_MS_MAX + SWEEP_MS)
    expect(store.kept.read('1', 0)).toEqual([])
    const { purges } = store
    conversations.stop()
    clock.pass(INACTIVE_MS_MAX)
    expect(store.purges).toBe(purges)
    expect(clock.alarms).toBe(0)
  })
})

describe('who wants to be forgotten', () => {
  it('is forgotten alone, and told how much it was', () => {
    const { conversations, recalled, say } = setUp()
    say('q', 'a')
    say('q', 'a', '2')
    expect(conversations.forget('1')).toEqual({ kind: 'forgotten', exchanges: 1 })
    expect(conversations.forget('1')).toEqual({ kind: 'forgotten', exchanges: 0 })
    expect([recalled('1'), recalled('2')]).toEqual([[], ['q', 'a']])
  })

  it('is so, too, by an answer that was under way, but not by the next one', () => {
    const { ask, conversations, recalled } = setUp()
    const [own, other] = [ask('secret'), ask('other', '2')]
    conversations.forget('1')
    expect(conversations.remember(own, 'a')).toBe('forgotten')
    expect(conversations.remember(other, 'a')).toBe('stored')
    expect(recalled()).toEqual([])
    expect(conversations.remember(ask('new'), 'a')).toBe('stored')
    expect(recalled()).toEqual(['new', 'a'])
  })

  it('is not told so while the disk may still have the text', () => {
    const { conversations, say, store } = setUp()
    say('q', 'a')
    store.isGone = true
    expect(conversations.forget('1')).toEqual({ kind: 'failed' })
    store.isGone = false
    expect(conversations.forget('1')).toEqual({ kind: 'forgotten', exchanges: 1 })
  })
})

describe('a disk that does not serve', () => {
  it('costs no conversation: it goes on in memory, is told once, and is written down in order afterwards', () => {
    const { events, recalled, say, store } = setUp()
    say('one', 'ONE')
    store.isFull = true
    expect([say('two', 'TWO'), say('three', 'THREE')]).toEqual(['unsaved', 'unsaved'])
    expect(recalled()).toEqual(['one', 'ONE', 'two', 'TWO', 'three', 'THREE'])
    store.isGone = true
    expect(recalled()).toEqual(['two', 'TWO', 'three', 'THREE'])
    expect(events).toMatchObject([{ type: 'memory.unsaved', what: 'conversations', code: 'SQLITE_FULL' }])
    store.isGone = false
    store.isFull = false
    expect(say('four', 'FOUR')).toBe('stored')
    expect(store.kept.read('1', 0).map(({ answer }) => answer)).toEqual(['ONE', 'TWO', 'THREE', 'FOUR'])
    store.isFull = true
    say('five', 'FIVE')
    expect(events).toHaveLength(2)
  })

  it('keeps so much in memory and no more, and says what is lost', () => {
    const { events, say, store } = setUp()
    store.isGone = true
    for (let each = 0; each < 1_002; each++) say('q', 'a', `${each}`)
    expect(events.filter(({ type }) => type === 'memory.lost')).toHaveLength(2)
  })

  it('does not bring back who was forgotten meanwhile', () => {
    const { conversations, recalled, say, store } = setUp()
    store.isGone = true
    say('q', 'a')
    conversations.forget('1')
    store.isGone = false
    say('other', 'OTHER', '2')
    expect(recalled()).toEqual([])
  })
})

describe('the end of a conversation that fits', () => {
  const text = fc.oneof(fc.string({ maxLength: 400 }), fc.string({ unit: 'grapheme', maxLength: 400 }))
  const exchanges = fc.array(fc.record({ question: text, answer: text, at: fc.constant(0) }), { maxLength: 8 })

  it('is within the budget, whole pairs of the newest, and never more could have been taken', () => {
    fc.assert(
      fc.property(exchanges, fc.integer({ min: -50, max: 600 }), (all, tokensMax) => {
        const turns = fitExchanges(all, tokensMax)
        const size = turns.reduce((sum, turn) => sum + estimateTurn(turn), 0)
        expect(size).toBeLessThanOrEqual(Math.max(0, tokensMax))
        expect(turns.map(({ role }) => role)).toEqual(turns.map((_, index) => (index % 2 === 0 ? 'user' : 'assistant')))
        expect(turns.every((turn) => turn.text.isWellFormed())).toBe(true)
        if (turns.length <= 2) return
        const newest = all.slice(-turns.length / 2).flatMap(({ question, answer }) => [question, answer])
        expect(turns.map((turn) => turn.text)).toEqual(newest)
      }),
    )
  })

  it('shows the beginning of the newest exchange when not even that fits', () => {
    const long = { question: 'Write a story', answer: `Once upon a time ${'x'.repeat(9_000)}`, at: 0 }
    const [question, answer] = fitExchanges([long], 300)
    expect(question?.text).toBe('Write a story')
    expect(answer?.text).toMatch(/^Once upon a time x+ \[…\]$/)
    expect(fitExchanges([long], 40)).toEqual([])
  })
})
