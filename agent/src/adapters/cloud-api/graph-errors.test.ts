import { describe, expect, it } from 'vitest'
import { type RefusalClass, toRefusalClass, toRefusedEvent } from './graph-errors.ts'

const classify = (status: number, code?: number, isTransient = false) => toRefusalClass({ status, code, isTransient })

describe('an answer of Meta that is no success', () => {
  it.each<[RefusalClass, number, number]>([
    ...[4, 80_007, 130_429, 131_048].map((code): [RefusalClass, number, number] => ['limited', 400, code]),
    ['limited', 429, 1],
    ['chat-limited', 400, 131_056],
    ['chat-limited', 429, 131_056],
    ...[2, 131_016, 131_057, 133_004].map((code): [RefusalClass, number, number] => ['unwell', 400, code]),
    ['unwell', 500, 131_000],
    ['unwell', 500, 1],
    ['outside-window', 400, 131_047],
    ...[0, 3, 10, 190, 131_005, 200, 299].map((code): [RefusalClass, number, number] => ['token', 400, code]),
    ['token', 401, 17],
    ...[1, 33, 100, 368, 131_008, 131_009, 131_021, 131_026, 131_031, 131_042, 131_049, 131_051, 132_000, 133_010].map(
      (code): [RefusalClass, number, number] => ['final', 400, code],
    ),
    ['final', 404, 100],
    ['final', 400, 300],
  ])('is %s for HTTP %i with code %i', (kind, status, code) => {
    expect(classify(status, code)).toBe(kind)
  })

  it('passes when Meta says so', () => {
    expect(classify(400, 100, true)).toBe('unwell')
    expect(classify(400, 131_047, true)).toBe('outside-window')
  })

  it('of somebody in between is nobody’s last word, and may hide that the message was sent', () => {
    expect([400, 403, 404, 413, 302, 503].map((status) => classify(status))).toEqual(Array(6).fill('unwell'))
    expect(classify(429)).toBe('limited')
    expect([500, 502, 504, 599].map((status) => classify(status))).toEqual(Array(4).fill(undefined))
  })
})

it('a refusal is told with advice where its code has some, and never with the words of Meta', () => {
  expect(toRefusedEvent('m1', 131_031, true)).toEqual({
    type: 'cloud.refused',
    messageId: 'm1',
    code: 131_031,
    isFinal: true,
    sentence: 'Meta has locked this account; look into WhatsApp Manager.',
  })
  expect(toRefusedEvent('m1', 100, true)).not.toHaveProperty('sentence')
})
