import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { settle } from '../test-support/fake-clock.ts'
import { type ChainScript, setUpChain, stream } from '../test-support/set-up-chain.ts'
import { ATTEMPTS_MAX } from './chain-policy.ts'
import type { ProviderErrorKind } from './events.ts'
import { ProviderError, TaskError } from './failures.ts'
import type { Clock, CompletionOptions } from './ports.ts'

const KINDS: readonly ProviderErrorKind[] = [
  'auth',
  'rate-limit',
  'overload',
  'network',
  'timeout',
  'context',
  'policy',
  'invalid',
  'truncated',
  'canceled',
]

const MARK = /\n\n\[The answer of \w+ broke off here; \w+ begins anew\.\]\n\n/

/** One fault of a provider, or an answer, after some time and some pieces. */
interface Fault {
  readonly does: 'fail' | 'hang' | 'ignore' | 'empty' | 'answer' | 'throw'
  readonly kind: ProviderErrorKind
  readonly pieces: readonly string[]
  readonly afterMs: number
  readonly retryAfterMs: number | undefined
  readonly isModelSpecific: boolean
}

const fault: fc.Arbitrary<Fault> = fc.record({
  does: fc.constantFrom('fail', 'fail', 'fail', 'hang', 'ignore', 'empty', 'answer'),
  kind: fc.constantFrom(...KINDS),
  pieces: fc.array(fc.constantFrom('', ' ', 'Once', ' upon', '\n'), { maxLength: 3 }),
  afterMs: fc.constantFrom(0, 0, 10, 3_000, 40_000),
  retryAfterMs: fc.option(fc.constantFrom(0, 500, 5_000, 3_600_000), { nil: undefined }),
  isModelSpecific: fc.boolean(),
})

const script =
  (
    clock: () => Clock,
    name: string,
    { does, kind, pieces, afterMs, retryAfterMs, isModelSpecific }: Fault,
  ): ChainScript =>
  async (options: CompletionOptions) => {
    const wait = (ms: number) =>
      new Promise<void>((resolve, reject) => {
        clock().after(ms, resolve)
        if (does !== 'ignore') options.signal.addEventListener('abort', () => reject(new ProviderError('canceled')))
      })
    for (const piece of pieces) {
      options.onText(piece)
      if (afterMs > 0) await wait(afterMs)
    }
    if (afterMs > 0) await wait(afterMs)
    if (does === 'hang' || does === 'ignore') await wait(10_000_000)
    if (does === 'fail') throw new ProviderError(kind, { retryAfterMs, isModelSpecific })
    if (does === 'empty') return { text: ' ', cutShort: false }
    options.onText(`result of ${name}`)
    return { text: `${pieces.join('')}result of ${name}`, cutShort: false }
  }

describe('whatever befalls a chain of three', () => {
  const chain = fc.record({
    one: fc.array(fault, { minLength: 1, maxLength: 3 }),
    two: fc.array(fault, { minLength: 1, maxLength: 3 }),
    three: fc.array(fault, { minLength: 1, maxLength: 3 }),
  })

  const setUpFaults = (faults: Readonly<Record<string, readonly Fault[]>>) => {
    const scripts = Object.entries(faults).map(([name, list]) => [
      name,
      list.map((each) => script(() => chain.clock, name, each)),
    ])
    const chain = setUpChain(Object.fromEntries(scripts))
    return chain
  }

  it('gives one answer or one honest sentence in time, in few attempts, over several turns', async () => {
    await fc.assert(
      fc.asyncProperty(
        chain,
        fc.array(
          fc.record({
            forMs: fc.constantFrom(700, 5_000, 60_000, 170_000),
            pauseMs: fc.constantFrom(0, 31_000, 4_000_000),
          }),
          {
            minLength: 1,
            maxLength: 3,
          },
        ),
        async (faults, turns) => {
          const { asked, askInTime, clock, events, roster, seen } = setUpFaults(faults)
          for (const { forMs, pauseMs } of turns) {
            asked.length = 0
            seen.length = 0
            const { outcome, tookMs } = await askInTime({ forMs }, 100)
            expect(tookMs).toBeLessThanOrEqual(forMs + 1_000)
            expect(asked.length).toBeGreaterThanOrEqual(1)
            for (const name of ['one', 'two', 'three']) {
              expect(asked.filter((each) => each === name).length).toBeLessThanOrEqual(ATTEMPTS_MAX)
            }
            const shown = seen.join('').split(MARK)
            if (typeof outcome === 'string') {
              expect(outcome).toMatch(/result of (?:one|two|three)$/)
              expect(shown.at(-1)).toBe(outcome)
              expect(shown.slice(0, -1).join()).not.toContain('result of')
            } else {
              expect(outcome).toBeInstanceOf(TaskError)
              expect(String(outcome)).toMatch(/^TaskError: No AI provider could answer.*\.$/)
              expect(shown.join()).not.toContain('result of')
            }
            const length = seen.length
            await settle()
            expect(seen.length).toBe(length)
            expect(roster.seats.every(({ breaker }) => breaker.name !== 'probing')).toBe(true)
            clock.pass(pauseMs)
          }
          expect(events.filter(({ type }) => type === 'provider.answered').length).toBeLessThanOrEqual(turns.length)
        },
      ),
      { numRuns: 200 },
    )
  })

  it('stops at once when the task is given up, and asks nobody after it', async () => {
    await fc.assert(
      fc.asyncProperty(chain, fc.constantFrom(0, 20, 300, 3_100, 41_000), async (faults, abortAfterMs) => {
        const { abort, ask, asked, clock, roster, seen } = setUpFaults(faults)
        let isOver = false
        const work = ask({ forMs: 170_000 }).then(
          () => undefined,
          (error: unknown) => error,
        )
        void work.then(() => {
          isOver = true
        })
        for (let passed = 0; passed < abortAfterMs; passed += 10) {
          clock.pass(10)
          await settle()
        }
        abort.abort()
        await settle()
        expect(isOver).toBe(true)
        const [askedBefore, seenBefore] = [asked.length, seen.length]
        clock.pass(1_000_000)
        await settle()
        expect([asked.length, seen.length]).toEqual([askedBefore, seenBefore])
        expect(roster.seats.every(({ breaker }) => breaker.name !== 'probing')).toBe(true)
      }),
      { numRuns: 40 },
    )
  })

  it('answers with the only one who is well, whoever that is, unless somebody stops it', async () => {
    const passing = fault.filter(
      ({ does, kind }) => does !== 'answer' && !(does === 'fail' && ['policy', 'invalid', 'canceled'].includes(kind)),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(passing, { minLength: 2, maxLength: 2 }), fc.nat(2), async (faults, place) => {
        const names = ['one', 'two', 'three']
        const bad = [...faults]
        const scripts = names.map((name, index) => {
          const next = index === place ? undefined : bad.shift()
          return [name, [next ? script(() => set.clock, name, { ...next, pieces: [] }) : stream('I am well')]]
        })
        const set = setUpChain(Object.fromEntries(scripts))
        expect((await set.askInTime({ forMs: 170_000 }, 100)).outcome).toBe('I am well')
      }),
      { numRuns: 100 },
    )
  })
})
