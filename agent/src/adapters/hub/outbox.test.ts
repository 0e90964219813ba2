import { describe, expect, it } from 'vitest'
import type { Answer } from '../../core/ports.ts'
import { encodeFrame } from './encode-frame.ts'
import { Outbox } from './outbox.ts'

const response = (requestId: string, text = 'ok'): Answer => ({ type: 'task-response', requestId, response: text })

describe('the outbox', () => {
  it('gives answers back in order, the newest of each task', () => {
    const outbox = new Outbox()
    for (const answer of [response('t1', 'old'), response('t2'), response('t1', 'new')]) outbox.add(answer)
    expect([outbox.take(), outbox.take(), outbox.take()]).toEqual([response('t2'), response('t1', 'new'), undefined])
  })

  it('lets the oldest go when it is full, tells how many, and always keeps the newest', () => {
    const outbox = new Outbox({ framesMax: 2, charsMax: 10 })
    expect(outbox.add(response('t1', '1234'))).toBe(0)
    expect(outbox.add(response('t2', '1234'))).toBe(0)
    expect(outbox.add(response('t3', '1234'))).toBe(1)
    expect(outbox.add(response('t4', '123456789012'))).toBe(2)
    expect(outbox.size).toBe(1)
    expect(outbox.take()).toMatchObject({ requestId: 't4' })
  })
})

describe('a frame', () => {
  it('within the limit is written as it is, counted in bytes and not in characters', () => {
    const frame = response('t1', 'ä'.repeat(20))
    const bytes = Buffer.byteLength(JSON.stringify(frame))
    expect(encodeFrame(frame, bytes)).toBe(JSON.stringify(frame))
    expect(encodeFrame(frame, bytes - 1)).not.toBe(JSON.stringify(frame))
  })

  it('that is an answer over the limit becomes the failure that says so', () => {
    expect(JSON.parse(encodeFrame(response('t1', 'x'.repeat(2_000)), 1_000) ?? '')).toMatchObject({
      type: 'task-error',
      requestId: 't1',
      code: 'payload_too_large',
      retryable: false,
    })
  })

  it('that is a piece over the limit is let go', () => {
    expect(encodeFrame({ type: 'task-delta', requestId: 't1', seq: 0, text: 'x'.repeat(2_000) }, 1_000)).toBeUndefined()
  })
})
