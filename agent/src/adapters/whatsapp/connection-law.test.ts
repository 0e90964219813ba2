import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type ConnectionEvent,
  type ConnectionState,
  type Decision,
  type History,
  isStuck,
  NO_HISTORY,
  next,
  REPLACED_WAIT_MS,
  STEADY_MS_MIN,
  STUCK_SENTENCES,
} from './connection-law.ts'

const NOW = 1_000_000
const CONNECTING: ConnectionState = { name: 'connecting' }
const PAIRING: ConnectionState = { name: 'pairing' }
const OPEN: ConnectionState = { name: 'open', since: NOW }

const at = (
  event: { type: 'closed'; code: number } | { type: 'start' | 'due' | 'pairing' | 'opened' | 'deaf' | 'stop' },
  now = NOW,
  random = 0.5,
) => ({ ...event, now, random }) as ConnectionEvent
const close = (code: number, now = NOW, random = 0.5) => at({ type: 'closed', code }, now, random)
/** Runs through events; each stands for its decision. */
const run = (state: ConnectionState, events: readonly ConnectionEvent[], history = NO_HISTORY): Decision =>
  events.reduce<Decision>((before, event) => next(before.state, event, before.history), { state, history, effects: [] })

describe('the law of a connection', () => {
  it('goes from a start over pairing and the restart after it to an open connection', () => {
    const started = next({ name: 'idle' }, at({ type: 'start' }), NO_HISTORY)
    expect(started).toMatchObject({ state: CONNECTING, effects: ['connect'] })
    expect(run(CONNECTING, [at({ type: 'pairing' })]).state).toEqual(PAIRING)
    expect(run(PAIRING, [close(515)])).toMatchObject({ state: CONNECTING, effects: ['connect'] })
    expect(run(CONNECTING, [at({ type: 'opened' })]).state).toEqual(OPEN)
  })

  it.each([408, 428, 500, 502, 503, 0, 418, 599])(
    'waits and tries again after %i, and never forgets who it is',
    (code) => {
      const decision = next(OPEN, close(code), NO_HISTORY)
      expect(decision).toMatchObject({ state: { name: 'waiting' }, effects: [], delayMs: 500 })
      expect(next(decision.state, at({ type: 'due' }), decision.history)).toMatchObject({
        state: CONNECTING,
        effects: ['connect'],
      })
    },
  )

  it.each([
    [401, 'logged-out', 'logged-out', ['forget-identity']],
    [402, 'restricted', 'restricted', []],
    [403, 'restricted', 'restricted', []],
    [406, 'restricted', 'restricted', []],
    [411, 'failed', 'mismatch', []],
  ] as const)('ends with %i as %s, because %s', (code, name, because, effects) => {
    for (const state of [CONNECTING, PAIRING, OPEN]) {
      expect(next(state, close(code), NO_HISTORY)).toMatchObject({ state: { name, because }, effects })
    }
  })

  it('goes to nobody whose certificate is not WhatsApp’s', () => {
    expect(next(CONNECTING, close(400), NO_HISTORY).state).toEqual({ name: 'failed', because: 'not-whatsapp' })
    expect(next(OPEN, close(400), NO_HISTORY).state.name).toBe('waiting')
  })

  it('waits for minutes when it was too much, and longer each time', () => {
    expect(next(OPEN, close(429, NOW, 0), NO_HISTORY).delayMs).toBe(60_000)
    expect(next(OPEN, close(429, NOW, 0.999), { ...NO_HISTORY, attempts: 2 }).delayMs).toBeGreaterThan(240_000)
    expect(next(OPEN, close(429, NOW, 0.999), { ...NO_HISTORY, attempts: 50 }).delayMs).toBeLessThanOrEqual(960_000)
  })

  it('looks for a newer version once when its own is too old, and once more after an opening', () => {
    const first = next(CONNECTING, close(405), NO_HISTORY)
    expect(first).toMatchObject({ state: CONNECTING, effects: ['refresh-version', 'connect'] })
    expect(next(CONNECTING, close(405), first.history).state).toEqual({ name: 'failed', because: 'too-old' })
    expect(run(CONNECTING, [at({ type: 'opened' }), close(405)], first.history).effects).toContain('refresh-version')
  })

  it('gives way twice to another process that takes the session, and not a third time', () => {
    const taken = (history: History, now: number) => next({ name: 'open', since: now - 1 }, close(440, now), history)
    const first = taken(NO_HISTORY, NOW)
    expect(first).toMatchObject({ state: { name: 'waiting' }, delayMs: REPLACED_WAIT_MS })
    const second = taken(first.history, NOW + 60_000)
    expect(second.state.name).toBe('waiting')
    expect(taken(second.history, NOW + 120_000).state).toEqual({ name: 'failed', because: 'replaced' })
    expect(taken(second.history, NOW + 300_001).state.name).toBe('waiting')
  })

  it('shows two sets of QRs, and then waits for somebody', () => {
    const first = next(PAIRING, close(408), NO_HISTORY)
    expect(first).toMatchObject({ state: CONNECTING, effects: ['connect'] })
    expect(next(PAIRING, close(408), first.history).state).toEqual({ name: 'needs-pairing', because: 'unpaired' })
  })

  it('keeps pairing through a network that comes and goes', () => {
    const lost = Array.from({ length: 20 }, () => [close(428), at({ type: 'due' }), at({ type: 'pairing' })]).flat()
    expect(run(PAIRING, lost).state).toEqual(PAIRING)
  })

  it('does not restart for ever at once', () => {
    expect(run(CONNECTING, [close(515), close(515), close(515)]).effects).toEqual(['connect'])
    expect(run(CONNECTING, [close(515), close(515), close(515), close(515)]).state.name).toBe('waiting')
  })

  it('waits longer and longer, until it was open for a while', () => {
    const failed = { ...NO_HISTORY, attempts: 5 }
    expect(next(CONNECTING, close(428, NOW, 0.99), failed).delayMs).toBe(31_680)
    expect(next(OPEN, close(428, NOW + STEADY_MS_MIN - 1, 0.99), failed).delayMs).toBe(31_680)
    expect(next(OPEN, close(428, NOW + STEADY_MS_MIN, 0.99), failed)).toMatchObject({
      delayMs: 990,
      history: { attempts: 1 },
    })
  })

  it('gives up a socket that says nothing any more', () => {
    expect(next(OPEN, at({ type: 'deaf' }), NO_HISTORY)).toMatchObject({
      state: { name: 'waiting' },
      effects: ['end-socket'],
    })
  })

  it('has a sentence for the owner wherever it does not go on by itself', () => {
    for (const sentence of Object.values(STUCK_SENTENCES)) expect(sentence).toMatch(/\.$/)
  })
})

const state = fc.oneof(
  fc.constantFrom<ConnectionState>({ name: 'idle' }, CONNECTING, PAIRING, { name: 'waiting' }, { name: 'stopped' }),
  fc.nat(NOW).map((since): ConnectionState => ({ name: 'open', since })),
  fc.constantFrom<ConnectionState>(
    { name: 'needs-pairing', because: 'unpaired' },
    { name: 'logged-out', because: 'logged-out' },
    { name: 'restricted', because: 'restricted' },
    { name: 'failed', because: 'replaced' },
  ),
)
const event = fc
  .tuple(
    fc.oneof(
      fc.constantFrom('start', 'due', 'pairing', 'opened', 'deaf', 'stop').map((type) => ({ type })),
      fc
        .oneof(fc.constantFrom(400, 401, 402, 403, 405, 406, 408, 411, 428, 429, 440, 500, 502, 503, 515), fc.nat(999))
        .map((code) => ({ type: 'closed', code })),
    ),
    fc.double({ min: 0, max: 0.999, noNaN: true }),
  )
  .map(([what, random]) => ({ ...what, now: NOW, random }) as ConnectionEvent)
const history = fc.record({
  attempts: fc.nat(1_000),
  pairingRounds: fc.nat(2),
  restarts: fc.nat(5),
  isVersionRefreshed: fc.boolean(),
  replacedAt: fc.array(fc.nat(NOW), { maxLength: 3 }),
})

describe('from any state, whatever happens', () => {
  it('a wait has an end within bounds, and only a wait has one', () => {
    fc.assert(
      fc.property(state, event, history, (from, what, past) => {
        const { state: to, delayMs } = next(from, what, past)
        expect(delayMs !== undefined).toBe(to.name === 'waiting' && to !== from)
        expect(delayMs ?? 0).toBeGreaterThanOrEqual(0)
        expect(delayMs ?? 0).toBeLessThanOrEqual(960_000)
      }),
    )
  })

  it('what waits for a person stays until it is stopped', () => {
    fc.assert(
      fc.property(state.filter(isStuck), event, history, (from, what, past) => {
        const { state: to, effects } = next(from, what, past)
        expect(effects).toEqual([])
        expect(to).toEqual(what.type === 'stop' ? { name: 'stopped' } : from)
      }),
    )
  })

  it('there is one socket at a time: it connects only where there is none, or the one there was has closed', () => {
    fc.assert(
      fc.property(state, event, history, (from, what, past) => {
        const { state: to, effects } = next(from, what, past)
        expect(effects.includes('connect')).toBe(to.name === 'connecting' && to !== from)
        if (effects.includes('connect')) expect(['start', 'due', 'closed']).toContain(what.type)
      }),
    )
  })

  it('an identity is forgotten when WhatsApp says that it is gone, and never else', () => {
    fc.assert(
      fc.property(state, event, history, (from, what, past) => {
        const forgets = next(from, what, past).effects.includes('forget-identity')
        if (forgets) expect(what).toMatchObject({ type: 'closed', code: 401 })
      }),
    )
  })
})
