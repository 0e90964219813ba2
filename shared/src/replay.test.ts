import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { NOON } from './envelope.fixture.ts'
import {
  REPLAY_ENTRIES_MAX,
  REPLAY_MEMORY_MS,
  REPLAY_STATE_EMPTY,
  type ReplayEntry,
  ReplayWindow,
  toReplayStateUnsure,
} from './replay.ts'

const entry = (nonce: string, changes: Partial<ReplayEntry> = {}): ReplayEntry => ({
  kid: 'k1',
  from: 'atlas_001',
  nonce,
  receivedAt: NOON,
  ...changes,
})
const small = (state = REPLAY_STATE_EMPTY) => new ReplayWindow(state, { perSenderMax: 2, entriesMax: 3 })
const admit = (window: ReplayWindow, received: ReplayEntry) => window.admit(received, received.receivedAt)

describe('a replay window', () => {
  test('takes an envelope once', () => {
    const window = small()
    expect(admit(window, entry('n'))).toBe('fresh')
    expect(admit(window, entry('n'))).toBe('seen')
    expect(window.size).toBe(1)
  })

  test('keeps senders and kids apart, whatever they are called', () => {
    const window = new ReplayWindow(REPLAY_STATE_EMPTY)
    for (const from of ['a', 'b', '__proto__', 'constructor']) {
      for (const kid of ['k1', 'k2']) {
        expect(admit(window, entry('n', { from, kid }))).toBe('fresh')
        expect(admit(window, entry('n', { from, kid }))).toBe('seen')
      }
    }
  })

  test('remembers for as long as the same envelope could still be in time', () => {
    const window = small()
    window.admit(entry('n'), NOON + 60_000)
    expect(REPLAY_MEMORY_MS).toBe(360_000)
    expect(window.admit(entry('n', { receivedAt: NOON + 360_000 }), NOON + 60_000)).toBe('seen')
    expect(window.admit(entry('n', { receivedAt: NOON + 360_001 }), NOON + 60_000)).toBe('fresh')
  })

  test('refuses when one sender fills its share, and goes on with the others', () => {
    const window = small()
    expect(['a', 'b', 'c'].map((nonce) => admit(window, entry(nonce)))).toEqual(['fresh', 'fresh', 'full'])
    expect(admit(window, entry('c', { from: 'other' }))).toBe('fresh')
    expect(admit(window, entry('a'))).toBe('seen')
  })

  test('refuses when it is full, and forgets nothing for the sake of something new', () => {
    const window = small()
    const senders = ['a', 'b', 'c', 'd']
    expect(senders.map((from) => admit(window, entry('n', { from })))).toEqual(['fresh', 'fresh', 'fresh', 'full'])
    expect(senders.map((from) => admit(window, entry('n', { from })))).toEqual(['seen', 'seen', 'seen', 'full'])
    const later = NOON + REPLAY_MEMORY_MS + 1
    expect(admit(window, entry('n', { from: 'd', receivedAt: later }))).toBe('fresh')
    expect([window.size, window.senderCount]).toEqual([1, 1])
  })

  test('a clock that goes back, or is no number, makes it forget nothing', () => {
    const window = small()
    admit(window, entry('n'))
    expect(admit(window, entry('n', { receivedAt: NOON - 3_600_000 }))).toBe('seen')
    expect(admit(window, entry('n', { receivedAt: Number.NaN }))).toBe('seen')
  })

  test('never takes one envelope twice in time, nor holds more than its bounds', () => {
    const step = fc.record({
      waitMs: fc.nat({ max: 120_000 }),
      nonce: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
      from: fc.constantFrom('x', 'y', '__proto__'),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.nat({ max: 60 }), (steps, restartAt) => {
        let window = small()
        let now = NOON
        const takenAt = new Map<string, number>()
        for (const [index, { waitMs, nonce, from }] of steps.entries()) {
          now += waitMs
          if (index === restartAt) window = small(structuredClone(window.exportState(now)))
          const admission = admit(window, entry(nonce, { from, receivedAt: now }))
          const last = takenAt.get(from + nonce)
          const isKnown = last !== undefined && now - last <= REPLAY_MEMORY_MS
          expect(admission === 'seen').toBe(isKnown)
          if (admission === 'fresh') takenAt.set(from + nonce, now)
          expect(window.size).toBeLessThanOrEqual(3)
        }
      }),
    )
  })

  test('one entry costs the same however many there are', () => {
    const window = new ReplayWindow(REPLAY_STATE_EMPTY)
    const spacingMs = REPLAY_MEMORY_MS / (REPLAY_ENTRIES_MAX - 1_000)
    const startedAt = performance.now()
    for (let i = 0; i < 150_000; i++) {
      const received = entry(`${i}`, { from: `${i % 50}`, receivedAt: NOON + i * spacingMs })
      if (admit(window, received) !== 'fresh') throw new Error(`Refused the ${i}th`)
    }
    expect(window.size).toBeGreaterThan(60_000)
    expect(performance.now() - startedAt).toBeLessThan(5_000)
  })
})

describe('a restart', () => {
  test('with the saved state changes nothing', () => {
    const before = small()
    admit(before, entry('n'))
    const state = before.exportState(NOON + 1_000)
    expect(JSON.parse(JSON.stringify(state))).toEqual(state)
    const after = small(state)
    expect(admit(after, entry('n', { receivedAt: NOON + 2_000 }))).toBe('seen')
    expect(admit(after, entry('m', { receivedAt: NOON + 2_000 }))).toBe('fresh')
  })

  test('saves only what may still come again', () => {
    const window = small()
    admit(window, entry('n'))
    expect(window.exportState(NOON + REPLAY_MEMORY_MS).entries).toHaveLength(1)
    expect(window.exportState(NOON + REPLAY_MEMORY_MS + 1).entries).toEqual([])
  })

  test('without it refuses all that may have come before: stamped before the start plus the skew allowed', () => {
    const window = small(toReplayStateUnsure(NOON))
    expect(window.admit(entry('n'), NOON)).toBe('unsure')
    expect(window.admit(entry('n'), NOON + 59_999)).toBe('unsure')
    expect(window.admit(entry('n'), NOON + 60_000)).toBe('fresh')
  })

  test('does not forget what the one before it was unsure of', () => {
    const again = small(small(toReplayStateUnsure(NOON)).exportState(NOON + 1_000))
    expect(again.admit(entry('n', { receivedAt: NOON + 2_000 }), NOON + 2_000)).toBe('unsure')
  })

  test('keeps a saved state whole, in any order and over the bounds, and admits nothing new until it fits', () => {
    const entries = [3, 1, 4, 0, 2].map((i) => entry(`${i}`, { from: `${i}`, receivedAt: NOON + i }))
    const window = small({ refuseBefore: 0, entries })
    for (const known of entries) expect(admit(window, known)).toBe('seen')
    expect(admit(window, entry('new', { from: 'new', receivedAt: NOON + 5 }))).toBe('full')
    const later = NOON + REPLAY_MEMORY_MS + 3
    expect(admit(window, entry('new', { from: 'new', receivedAt: later }))).toBe('fresh')
    expect(window.size).toBe(3)
  })
})
