import { describe, expect, test } from 'vitest'
import { CLOSE_CODES, toReconnect } from './close-codes.ts'
import { ERROR_CODES, toErrorRow } from './errors.ts'

const rows = Object.values(CLOSE_CODES)

describe('the table of close codes', () => {
  test('uses each code once, from the standard or the application range', () => {
    const codes = rows.map(({ code }) => code)
    expect(new Set(codes).size).toBe(codes.length)
    for (const code of codes) expect(code === 1001 || code === 1009 || (code >= 4000 && code <= 4999)).toBe(true)
  })

  test('has reasons that fit into a close frame, 123 bytes', () => {
    for (const { reason } of rows) {
      expect(reason).not.toBe('')
      expect(Buffer.byteLength(reason)).toBeLessThanOrEqual(123)
    }
  })

  test.each(rows)('$code tells its client to $reconnect', ({ code, reconnect }) => {
    expect(toReconnect(code)).toBe(reconnect)
  })

  test('a code that nobody knows is worth another try', () => {
    expect([1000, 1006, 1011, 4000, 4007, 4999].map(toReconnect)).toEqual(Array(6).fill('reconnect'))
  })

  test('agrees with the table of errors: a code named there stands here', () => {
    const known = new Set<number>(rows.map(({ code }) => code))
    const named = ERROR_CODES.flatMap((code) => toErrorRow(code).closeCode ?? [])
    expect(named.filter((code) => !known.has(code))).toEqual([])
    expect(named).toHaveLength(4)
  })
})
