import { describe, expect, it } from 'vitest'
import { FakeClock } from '../../test-support/fake-clock.ts'
import { SILENCE_BOUNDS, SilenceWatch } from './silence-watch.ts'

const setUp = () => {
  const clock = new FakeClock()
  const told: string[] = []
  const watch = new SilenceWatch(clock, SILENCE_BOUNDS, {
    ping: () => told.push('ping'),
    silent: () => told.push('silent'),
  })
  return { clock, told, watch }
}

describe('the watch over silence', () => {
  it('pings every 25 s and gives up after 75 s without a word', () => {
    const { clock, told } = setUp()
    clock.pass(74_999)
    expect(told).toEqual(['ping', 'ping'])
    clock.pass(1)
    expect(told).toEqual(['ping', 'ping', 'silent'])
  })

  it('begins anew with everything that is heard', () => {
    const { clock, told, watch } = setUp()
    clock.pass(70_000)
    watch.heard()
    clock.pass(70_000)
    expect(told).not.toContain('silent')
    clock.pass(5_000)
    expect(told).toContain('silent')
  })

  it('takes a night of sleep for one tick: the next ping shows whether the hub is there', () => {
    const told: string[] = []
    let ring = () => {}
    const sleepy = {
      now: () => 0,
      after: (_delayMs: number, act: () => void) => {
        ring = act
        return () => {}
      },
    }
    new SilenceWatch(sleepy, SILENCE_BOUNDS, { ping: () => told.push('ping'), silent: () => told.push('silent') })
    ring()
    expect(told).toEqual([])
  })

  it('is quiet once it has ended', () => {
    const { clock, told, watch } = setUp()
    watch.end()
    clock.pass(200_000)
    expect(told).toEqual([])
    expect(clock.alarms).toBe(0)
  })
})
