import { describe, expect, it } from 'vitest'
import { settle } from '../test-support/fake-clock.ts'
import { breakOff, setUpChain, stream } from '../test-support/set-up-chain.ts'
import type { CompletionOptions } from './ports.ts'

const MARK = '\n\n[The answer of one broke off here; two begins anew.]\n\n'

describe('a stream that breaks off', () => {
  it('before the first visible piece switches silently', async () => {
    const { ask, notes, seen } = setUpChain({ one: [breakOff(' \n', 'truncated')], two: [stream('It ', 'was.')] })
    expect(await ask()).toBe('It was.')
    expect(seen).toEqual(['It ', 'was.'])
    expect(notes).toEqual([])
  })

  it('after it is marked, the next one begins anew at once with a notice, and the answer is the new one alone', async () => {
    const { ask, asked, notes, seen } = setUpChain({ one: [breakOff('Once upon')], two: [stream('It was', ' once.')] })
    expect(await ask()).toBe('It was once.')
    expect(seen).toEqual(['Once upon', MARK, 'It was', ' once.'])
    expect(notes).toEqual(['The answer broke off; two begins anew.'])
    expect(asked).toEqual(['one', 'two'])
  })

  it('names in its mark whoever really begins anew', async () => {
    const { ask, notes, seen } = setUpChain({ one: [breakOff('Once')], two: ['truncated'], three: [stream('New')] })
    expect(await ask()).toBe('New')
    expect(seen.join('')).toBe('Once\n\n[The answer of one broke off here; three begins anew.]\n\nNew')
    expect(notes).toEqual(['The answer broke off; two begins anew.', 'The answer broke off; three begins anew.'])
  })

  it('twice is marked twice', async () => {
    const { ask, seen } = setUpChain({ one: [breakOff('A')], two: [breakOff('B')], three: [stream('C')] })
    expect(await ask()).toBe('C')
    expect(seen.join('').split('\n\n')).toEqual([
      'A',
      '[The answer of one broke off here; two begins anew.]',
      'B',
      '[The answer of two broke off here; three begins anew.]',
      'C',
    ])
  })

  it('is marked too when the new answer comes without pieces', async () => {
    const { ask, seen } = setUpChain({ one: [breakOff('Once upon')], two: ['say It was.'] })
    expect(await ask()).toBe('It was.')
    expect(seen).toEqual(['Once upon', MARK])
  })

  it('is repeated by the same provider where there is no other', async () => {
    const { askInTime, seen } = setUpChain({ one: [breakOff('Once'), stream('Whole')] })
    expect(await askInTime()).toMatchObject({ outcome: 'Whole' })
    expect(seen.join('')).toBe('Once\n\n[The answer of one broke off here; one begins anew.]\n\nWhole')
  })

  it('adds nothing after its end, whatever its provider still says', async () => {
    let late: CompletionOptions | undefined
    const { askInTime, seen } = setUpChain({
      one: [
        (options) => {
          late = options
          return new Promise(() => {})
        },
      ],
      two: [stream('New')],
    })
    expect(await askInTime({ forMs: 10_000 })).toMatchObject({ outcome: 'New' })
    expect(late?.signal.aborted).toBe(true)
    late?.onText('too late')
    await settle()
    expect(seen).toEqual(['New'])
  })

  it('adds nothing in the very instant of its end either', async () => {
    const { ask, clock, seen } = setUpChain({
      one: [
        async ({ onText }) => {
          await new Promise<void>((resolve) => clock.after(5_000, resolve))
          onText('Too late')
          return { text: 'Too late', cutShort: false }
        },
      ],
      two: [stream('New')],
    })
    const work = ask({ forMs: 10_000 })
    // the provider's wait and its turn both end before any of them is told
    clock.pass(5_000)
    expect(await work).toBe('New')
    expect(seen).toEqual(['New'])
  })
})
