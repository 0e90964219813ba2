import { expect, test } from 'vitest'
import * as LIMITS from './limits.ts'

const numbers = Object.entries(LIMITS).flatMap(([name, value]) =>
  typeof value === 'number' ? [[name, value] as const] : [],
)

test.each(numbers)('%s is a positive whole number', (_name, value) => {
  expect(Number.isSafeInteger(value)).toBe(true)
  expect(value).toBeGreaterThan(0)
})

test('the bounds fit together', () => {
  expect(LIMITS.TIMEOUT_MS_MIN).toBeLessThan(LIMITS.TIMEOUT_MS_DEFAULT)
  expect(LIMITS.TIMEOUT_MS_DEFAULT).toBeLessThan(180_000)
  expect(LIMITS.TTL_MS_MIN).toBeLessThan(LIMITS.TTL_MS_DEFAULT)
  expect(LIMITS.TTL_MS_DEFAULT).toBeLessThan(LIMITS.TTL_MS_MAX)
  expect(LIMITS.REGISTER_BYTES_MAX).toBeLessThan(LIMITS.PAYLOAD_BYTES_MAX)
  expect(LIMITS.RECONNECT_BASE_MS).toBeLessThan(LIMITS.RECONNECT_CAP_MS)
  expect(LIMITS.TASK_PAGE_DEFAULT).toBeLessThanOrEqual(LIMITS.TASK_PAGE_MAX)
})

test('one lost ping makes nobody stale, two make nobody silent', () => {
  expect(LIMITS.STALE_AFTER_MS).toBeGreaterThan(LIMITS.HEARTBEAT_MS)
  expect(LIMITS.SILENCE_MS_MAX).toBeGreaterThan(2 * LIMITS.HEARTBEAT_MS)
})

test('there is a wait before each delivery but the first', () => {
  expect(LIMITS.REDELIVERY_BACKOFF_MS).toHaveLength(LIMITS.ATTEMPTS_MAX - 1)
  expect(LIMITS.REDELIVERY_BACKOFF_MS.toSorted((one, other) => one - other)).toEqual(LIMITS.REDELIVERY_BACKOFF_MS)
})
