import type { TaskView } from '@ai-comms/shared'
import { describe, expect, test } from 'vitest'
import { Feeds } from './feeds.ts'
import type { FeedEvent, FeedReader } from './task-feed.ts'

const view = (id: string, message = 'do it'): TaskView => ({
  id,
  state: 'submitted',
  agent: 'worker',
  message,
  sender: 'bot',
  createdAt: '2026-01-01T00:00:00.000Z',
  updatedAt: '2026-01-01T00:00:00.000Z',
  attempts: 0,
})

/** A reader that keeps what it is told. */
class Notebook implements FeedReader {
  readonly events: FeedEvent[] = []
  isOver = false

  tell(event: FeedEvent): void {
    this.events.push(event)
  }

  end(): void {
    this.isOver = true
  }

  get ids(): number[] {
    return this.events.map(({ id }) => id)
  }

  get kinds(): string[] {
    return this.events.map(({ event }) => event)
  }
}

const delta = (seq: number, text = 'x') => ({ event: 'delta' as const, data: { seq, text } })
const over = { event: 'state' as const, data: { ...view('t'), state: 'completed' as const, response: 'done' } }

/** Feeds with a task that has been followed from its first event on. */
const followed = () => {
  const feeds = new Feeds()
  const first = new Notebook()
  feeds.follow('t', 1, first, undefined, view('t'))
  return { feeds, first }
}

describe('followers of a task', () => {
  test('hear a snapshot first, then everything that happens, in numbers that count up', () => {
    const { feeds, first } = followed()
    for (let id = 2; id <= 4; id++) feeds.tell('t', delta(id), id)
    expect(first.kinds).toEqual(['snapshot', 'delta', 'delta', 'delta'])
    expect(first.ids).toEqual([1, 2, 3, 4])
  })

  test('that come back hear just what they missed', () => {
    const { feeds } = followed()
    for (let id = 2; id <= 9; id++) feeds.tell('t', delta(id), id)
    const back = new Notebook()
    feeds.follow('t', 9, back, 6, view('t'))
    expect(back.ids).toEqual([7, 8, 9])
    feeds.tell('t', delta(10), 10)
    expect(back.ids).toEqual([7, 8, 9, 10])
  })

  test.each([
    ['has a number that was never given', 99],
    ['has heard less than is kept', 3],
    ['comes from an earlier start of the hub', 0],
  ])('get a new snapshot when the one that comes back %s', (_why, lastHeardId) => {
    const { feeds } = followed()
    for (let id = 2; id <= 600; id++) feeds.tell('t', delta(id), id)
    const back = new Notebook()
    feeds.follow('t', 600, back, lastHeardId === 99 ? 601 : lastHeardId, view('t'))
    expect(back.kinds).toEqual(['snapshot'])
    expect(back.ids).toEqual([600])
  })

  test('are let go after the last event, and one that comes back within a minute hears the end', () => {
    const { feeds, first } = followed()
    feeds.tell('t', over, 2)
    feeds.finish('t', 1_000)
    expect(first.isOver).toBe(true)
    const back = new Notebook()
    expect(feeds.follow('t', 2, back, 1, view('t'))).toBe(true)
    expect([back.kinds, back.isOver]).toEqual([['state'], true])
    expect(feeds.follow('t', 2, new Notebook(), 2, view('t'))).toBe(false)
    feeds.sweep(60_999)
    expect(feeds.has('t')).toBe(true)
    feeds.sweep(61_000)
    expect(feeds.has('t')).toBe(false)
  })

  test('hear nothing any more once they have left', () => {
    const { feeds, first } = followed()
    feeds.leave('t', first)
    feeds.tell('t', delta(2), 2)
    expect(first.ids).toEqual([1])
  })

  test('do not make events of tasks that nobody follows be kept', () => {
    const feeds = new Feeds()
    feeds.tell('t', delta(1), 1)
    expect(feeds.has('t')).toBe(false)
  })

  test('of a thousand tasks at most are remembered after the end, the latest', () => {
    const feeds = new Feeds()
    for (let task = 0; task < 1_001; task++) {
      feeds.follow(`t${task}`, 1, new Notebook(), undefined, view(`t${task}`))
      feeds.finish(`t${task}`, task)
    }
    expect([feeds.has('t0'), feeds.has('t1'), feeds.has('t1000')]).toEqual([false, true, true])
  })

  test('cost a bounded text: of one task the latest pieces are kept, of many tasks the latest touched', () => {
    const { feeds } = followed()
    const large = 'x'.repeat(100_000)
    for (let id = 2; id <= 6; id++) feeds.tell('t', delta(id, large), id)
    const back = new Notebook()
    feeds.follow('t', 6, back, 4, view('t'))
    expect(back.ids).toEqual([5, 6])
    for (let task = 0; task < 400; task++) {
      feeds.follow(`t${task}`, 1, new Notebook(), undefined, view(`t${task}`))
      feeds.tell(`t${task}`, delta(2, large), 2)
    }
    const late = new Notebook()
    feeds.follow('t', 6, late, 5, view('t'))
    expect(late.kinds).toEqual(['snapshot'])
    const latest = new Notebook()
    feeds.follow('t399', 2, latest, 1, view('t399'))
    expect(latest.ids).toEqual([2])
  })
})
