import { describe, expect, it } from 'vitest'
import { settle } from '../test-support/fake-clock.ts'
import { setUpAgent } from '../test-support/set-up-agent.ts'
import { setUpChain } from '../test-support/set-up-chain.ts'
import { ProviderError } from './failures.ts'
import type { CompletionOptions } from './ports.ts'

/** What the adapters wait for a first token unless it is set otherwise, in milliseconds. */
const FIRST_TOKEN_MS = 120_000

describe('the first provider costs less than the wait for a first token', () => {
  it.each([
    ['its key is wrong', new ProviderError('auth', { status: 401 })],
    ['it is limited for an hour', new ProviderError('rate-limit', { status: 429, retryAfterMs: 3_600_000 })],
    ['it hangs and takes no notice of anything', 'hang' as const],
  ])('when %s', async (_what, script) => {
    const { askInTime } = setUpChain({ one: [script], two: ['say two'] })
    const { outcome, tookMs } = await askInTime({ forMs: 60_000 })
    expect(outcome).toBe('two')
    expect(tookMs).toBeLessThan(FIRST_TOKEN_MS / 2)
    if (script !== 'hang') expect(tookMs).toBe(0)
  })

  it('and costs nothing any more once it has hung three times', async () => {
    const { askInTime } = setUpChain({ one: ['hang'], two: ['say two'] })
    const took: number[] = []
    for (let each = 0; each < 4; each++) took.push((await askInTime({ forMs: 30_000 })).tookMs)
    expect(took).toEqual([14_750, 14_750, 14_750, 0])
  })
})

describe('the time of a task', () => {
  it('is shared evenly when it is short, so that everybody has a turn', async () => {
    const { askInTime } = setUpChain({ one: ['hang'], two: ['hang'], three: ['say three'] })
    expect(await askInTime({ forMs: 30_500 })).toEqual({ outcome: 'three', tookMs: 20_000 })
  })

  it('is left to the first when there is much of it, but for twenty seconds for each other', async () => {
    const { askInTime } = setUpChain({ one: ['hang'], two: ['say two'] })
    expect(await askInTime({ forMs: 170_500 })).toEqual({ outcome: 'two', tookMs: 150_000 })
  })

  it('is not kept for somebody who rests', async () => {
    const limited = new ProviderError('rate-limit', { retryAfterMs: 3_600_000 })
    const { ask, askInTime, clock } = setUpChain({ one: [limited, limited, 'hang'], two: ['say two', 'hang'] })
    await ask()
    const startedAt = clock.now()
    await askInTime({ forMs: 30_500 })
    expect(clock.now() - startedAt).toBe(30_000)
  })

  it('belongs to an answer that flows', async () => {
    const slow = async ({ onText }: CompletionOptions) => {
      onText('It ')
      await new Promise<void>((resolve) => clock.after(25_000, resolve))
      return { text: 'It was.', cutShort: false }
    }
    const { askInTime, clock } = setUpChain({ one: [slow], two: ['say two'] })
    expect(await askInTime({ forMs: 30_000 })).toEqual({ outcome: 'It was.', tookMs: 25_000 })
  })

  it('ends with a sentence that still reaches the asker', async () => {
    const { askInTime, clock } = setUpChain({ one: ['hang'], two: ['hang'] })
    expect(await askInTime({ forMs: 60_000 })).toMatchObject({
      outcome: {
        message:
          'No AI provider could answer in time (one: it did not answer in time; two: it did not answer in time).',
        code: 'task_timeout',
        retryable: true,
      },
      tookMs: 59_500,
    })
    expect(clock.alarms).toBe(0)
  })

  it('is over at once when nobody waits any more, and nobody else is asked', async () => {
    const { abort, ask, asked, clock, events } = setUpChain({ one: ['hang'], two: ['say two'] })
    const work = ask()
    await settle()
    abort.abort()
    await expect(work).rejects.toThrow('No AI provider could answer')
    expect(asked).toEqual(['one'])
    expect(clock.alarms).toBe(0)
    expect(events).toMatchObject([{ type: 'provider.failed', kind: 'canceled' }])
  })

  it('brings the chain’s own sentence to the asker before the agent’s, within the deadline, whatever hangs', async () => {
    const { clock, ...chain } = setUpChain({ one: ['hang'], two: ['hang'], three: ['hang'] })
    const { link, send, inMs } = setUpAgent({ clock, perform: chain.perform })
    await send('t1', { deadline: inMs(30_000) })
    for (let passed = 0; passed < 30_000; passed += 500) {
      clock.pass(500)
      await settle()
    }
    expect(link.of('task-error')).toEqual([
      {
        type: 'task-error',
        requestId: 't1',
        error: expect.stringMatching(/^No AI provider could answer in time \(one: .*; two: .*; three: .*\)\.$/),
        code: 'task_timeout',
        retryable: true,
      },
    ])
    expect(clock.alarms).toBe(0)
  })
})
