import { describe, expect, it } from 'vitest'
import { FakeClock } from '../../test-support/fake-clock.ts'
import { Patience } from './patience.ts'

const BOUNDS = { connectMs: 10, firstTokenMs: 100, idleMs: 20 }

const setUp = (workMs = 1_000, awaitsHeaders = true) => {
  const clock = new FakeClock()
  const task = new AbortController()
  const options = { signal: task.signal, deadlineAt: clock.now() + workMs, onText: () => {} }
  return { clock, task, patience: new Patience(options, clock, BOUNDS, awaitsHeaders) }
}

describe('patience', () => {
  it('ends with a server that sends no headers', () => {
    const { clock, patience } = setUp()
    clock.pass(10)
    expect(patience.signal.aborted).toBe(true)
    expect(patience.findError()).toMatchObject({ kind: 'timeout', vendorCode: 'connect_timeout' })
  })

  it('waits for the first token from the request on, not from the headers', () => {
    const { clock, patience } = setUp()
    clock.pass(9)
    patience.connected()
    clock.pass(90)
    expect(patience.findError()).toBeUndefined()
    clock.pass(1)
    expect(patience.findError()).toMatchObject({ vendorCode: 'first_token_timeout' })
  })

  it('waits for each token anew', () => {
    const { clock, patience } = setUp()
    for (let token = 0; token < 20; token++) {
      patience.heard()
      clock.pass(19)
    }
    expect(patience.findError()).toBeUndefined()
    clock.pass(1)
    expect(patience.findError()).toMatchObject({ vendorCode: 'idle_timeout' })
  })

  it('does not ask for headers that come with the first token', () => {
    const { clock, patience } = setUp(1_000, false)
    clock.pass(99)
    expect(patience.findError()).toBeUndefined()
  })

  it('ends at the deadline of the task, whatever else is left', () => {
    const { clock, patience } = setUp(5)
    clock.pass(5)
    expect(patience.findError()).toMatchObject({ kind: 'timeout', vendorCode: 'deadline' })
  })

  it('ends with the task, at once when that was over before', () => {
    const { task, patience } = setUp()
    task.abort()
    expect(patience.findError()).toMatchObject({ kind: 'canceled' })
    expect(patience.signal.aborted).toBe(true)
    const options = { signal: task.signal, deadlineAt: Number.MAX_SAFE_INTEGER, onText: () => {} }
    expect(new Patience(options, new FakeClock(), BOUNDS).signal.aborted).toBe(true)
  })

  it('leaves no alarm behind', () => {
    const { clock, patience } = setUp()
    patience.heard()
    patience.end()
    expect(clock.alarms).toBe(0)
  })
})
