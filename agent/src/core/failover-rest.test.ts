import { describe, expect, it } from 'vitest'
import { settle } from '../test-support/fake-clock.ts'
import { scriptProviders, setUpChain } from '../test-support/set-up-chain.ts'
import { ProviderError } from './failures.ts'
import type { Completion } from './ports.ts'

const limited = (retryAfterMs: number) => new ProviderError('rate-limit', { retryAfterMs })

describe('a provider that rests', () => {
  it('is passed over without being asked, and asked first again when its rest is over', async () => {
    const { ask, asked, clock, view } = setUpChain({ one: [limited(60_000), 'say one'], two: ['say two'] })
    expect(await ask()).toBe('two')
    expect(await ask()).toBe('two')
    expect(asked).toEqual(['one', 'two', 'two'])
    expect(view().chain[0]).toMatchObject({ state: 'resting', why: 'rate-limit', until: '2026-01-01T00:01:03.000Z' })
    clock.pass(63_000)
    expect(await ask()).toBe('one')
    expect(view().chain[0]).toMatchObject({ state: 'awake', answered: 1, failed: { 'rate-limit': 1 } })
  })

  it('is never asked again within the turn in which it failed, however short its rest', async () => {
    const { ask, asked } = setUpChain({ one: ['auth'], two: ['policy'] })
    await expect(ask()).rejects.toThrow('two: it refuses to answer this')
    expect(asked).toEqual(['one', 'two'])
  })

  it('has no effect on the next turn when it failed but once: the primary is asked first again', async () => {
    const { ask, asked } = setUpChain({ one: ['truncated', 'say one'], two: ['say two'] })
    expect(await ask()).toBe('two')
    expect(await ask()).toBe('one')
    expect(asked).toEqual(['one', 'two', 'one'])
  })

  it('went there after three failures in a row, for longer each time', async () => {
    const { ask, asked, clock, events } = setUpChain({ one: ['timeout'], two: ['say two'] })
    for (let each = 0; each < 5; each++) await ask()
    expect(asked.filter((name) => name === 'one')).toHaveLength(3)
    clock.pass(31_500)
    for (let each = 0; each < 2; each++) await ask()
    expect(asked.filter((name) => name === 'one')).toHaveLength(4)
    expect(events.filter(({ type }) => type === 'provider.resting')).toMatchObject([
      { provider: 'one', model: 'one-1', why: 'timeout', restMs: 31_500 },
      { restMs: 63_000 },
    ])
  })

  it('does not rest because tasks left it no time to answer', async () => {
    const { askInTime, view } = setUpChain({ one: ['hang'], two: ['say two'] })
    for (let each = 0; each < 5; each++) await askInTime({ forMs: 10_000 })
    expect(view().chain[0]).toMatchObject({ state: 'awake', failed: { timeout: 5 } })
    for (let each = 0; each < 3; each++) await askInTime({ forMs: 30_000 })
    expect(view().chain[0]).toMatchObject({ state: 'resting', why: 'timeout' })
  })

  it('lets one probe through when several tasks come at once, and is back at its answer', async () => {
    const probe = Promise.withResolvers<Completion>()
    const { ask, asked, clock, events, view } = setUpChain({
      one: [limited(10_000), () => probe.promise, 'say one'],
      two: ['say two'],
    })
    await ask()
    clock.pass(20_000)
    asked.length = 0
    const first = ask()
    await settle()
    expect(view().chain[0]).toMatchObject({ state: 'probing', why: 'rate-limit' })
    expect(await Promise.all([ask(), ask(), ask()])).toEqual(['two', 'two', 'two'])
    expect(asked).toEqual(['one', 'two', 'two', 'two'])
    probe.resolve({ text: 'back', cutShort: false })
    expect(await first).toBe('back')
    expect(await ask()).toBe('one')
    expect(events).toContainEqual({ type: 'provider.awake', provider: 'one', model: 'one-1' })
  })

  it('is open to the next probe when its first one was given up, or ran into a bug', async () => {
    const { abort, ask, asked, clock } = setUpChain({
      one: [limited(10_000), () => Promise.reject(new TypeError('a bug')), 'hang', 'say one'],
      two: ['say two'],
    })
    await ask()
    clock.pass(20_000)
    await expect(ask()).rejects.toBeInstanceOf(TypeError)
    const given = ask()
    await settle()
    abort.abort()
    await expect(given).rejects.toThrow()
    expect(asked).toEqual(['one', 'two', 'one', 'one'])
  })

  it('is asked all the same when it is the only one: a chain of one never rests', async () => {
    const { ask, asked, askInTime, view } = setUpChain({ one: ['auth', limited(3_600_000), 'say one'] })
    await expect(ask()).rejects.toThrow('one: its key, account or model was refused')
    expect(view().chain[0]).toMatchObject({ state: 'resting' })
    expect(await askInTime()).toMatchObject({ outcome: { name: 'TaskError' }, tookMs: 0 })
    expect(await ask()).toBe('one')
    expect(view().chain[0]).toMatchObject({ state: 'awake' })
    expect(asked).toEqual(['one', 'one', 'one'])
  })

  it('is asked all the same when everybody rests, if it is due first, and the sentence names the others', async () => {
    const { ask, asked } = setUpChain({
      one: [limited(60_000)],
      two: [limited(30_000), 'policy', 'say two'],
      three: ['auth'],
    })
    await expect(ask()).rejects.toThrow()
    asked.length = 0
    await expect(ask()).rejects.toThrow('No AI provider could answer (two: it refuses to answer this).')
    expect(await ask()).toBe('two')
    expect(asked).toEqual(['two', 'two'])
  })

  it('is named with the reason when nobody else could answer', async () => {
    const { ask } = setUpChain({ one: ['auth'], two: ['say two', 'truncated'] })
    await ask()
    await expect(ask()).rejects.toMatchObject({
      message:
        'No AI provider could answer (two: its answer was empty or had no end; one: it rests, its key, account or model was refused).',
      retryable: true,
    })
  })

  it('takes with it whoever has the same key when that is refused, but nobody when only its model is', async () => {
    const keys = { one: 'a', two: 'b', three: 'a' }
    const share = (script: Parameters<typeof setUpChain>[0]) =>
      scriptProviders(script).map((provider, index) => ({
        ...provider,
        name: 'openai',
        model: `m${index}`,
        keyId: Object.values(keys)[index] ?? '',
      }))
    const states = async (script: Parameters<typeof setUpChain>[0]) => {
      const { ask, view } = setUpChain({}, { providers: share(script) })
      expect(await ask()).toBe('two')
      return view().chain.map(({ state }) => state)
    }
    const others = { two: ['say two'], three: ['say three'] } as const
    expect(await states({ one: ['auth'], ...others })).toEqual(['resting', 'awake', 'resting'])
    const ofModel = new ProviderError('auth', { isModelSpecific: true })
    expect(await states({ one: [ofModel], ...others })).toEqual(['resting', 'awake', 'awake'])
    expect(await states({ one: [limited(60_000)], ...others })).toEqual(['resting', 'awake', 'awake'])
  })
})

describe('what follows a failure', () => {
  it.each(['policy', 'invalid'] as const)('of %s that speaks of the model only is the next one', async (kind) => {
    const { ask } = setUpChain({ one: [new ProviderError(kind, { isModelSpecific: true })], two: ['say two'] })
    expect(await ask()).toBe('two')
  })

  it('waits for a reset when nobody else is left and it is near, and not when it is far', async () => {
    const near = setUpChain({ one: [limited(5_000), 'say one'] })
    expect(await near.askInTime()).toEqual({ outcome: 'one', tookMs: 5_250 })
    expect(near.view().chain[0]).toMatchObject({ state: 'awake' })
    const far = setUpChain({ one: [limited(30_000), 'say one'] })
    expect(await far.askInTime()).toMatchObject({ outcome: { retryable: true }, tookMs: 0 })
    const late = setUpChain({ one: [limited(5_000), 'say one'] })
    expect(await late.askInTime({ forMs: 5_000 })).toMatchObject({ outcome: { retryable: true }, tookMs: 0 })
  })

  it('repeats after a wait that differs from agent to agent', async () => {
    const took = async (random: number) =>
      (await setUpChain({ one: ['network', 'say 1'] }, { random: () => random }).askInTime({}, 1)).tookMs
    expect([await took(0), await took(0.999)]).toEqual([250, 749])
  })

  it('rests a provider that asks for a longer wait than a moment, whatever it failed of', async () => {
    const busy = new ProviderError('overload', { retryAfterMs: 60_000 })
    const { ask, asked } = setUpChain({ one: [busy, 'say one'], two: ['say two'] })
    expect(await ask()).toBe('two')
    expect(await ask()).toBe('two')
    expect(asked).toEqual(['one', 'two', 'two'])
  })
})
