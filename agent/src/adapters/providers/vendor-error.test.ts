import { describe, expect, it } from 'vitest'
import { readRetryAfterMs, toProviderError } from './vendor-error.ts'

describe('the wait that a vendor asks for', () => {
  const NOW = Date.UTC(2026, 0, 1)
  it.each([
    [{ 'retry-after': '2' }, 2_000],
    [{ 'retry-after-ms': '150', 'retry-after': '2' }, 150],
    [{ 'retry-after': new Date(NOW + 3_000).toUTCString() }, 3_000],
    [{ 'retry-after': '999999' }, 3_600_000],
    [{ 'retry-after': 'soon' }, undefined],
    [{ 'retry-after': '-1' }, undefined],
    [{}, undefined],
  ] as [Record<string, string>, number | undefined][])('%j is %s ms', (headers, waitMs) => {
    expect(readRetryAfterMs(new Headers(headers), NOW)).toBe(waitMs)
  })
})

describe('the kind of a failure', () => {
  it('is that of the code before that of the status', () => {
    expect(toProviderError({ status: 429, code: 'insufficient_quota' }, 0).kind).toBe('auth')
    expect(toProviderError({ status: 429 }, 0).kind).toBe('rate-limit')
    expect(toProviderError({ status: 418 }, 0).kind).toBe('invalid')
    expect(toProviderError({ status: 503, code: 'whatever' }, 0).kind).toBe('overload')
    expect(toProviderError({ status: 413 }, 0).kind).toBe('context')
  })

  it('is not read from a sentence where the status says enough', () => {
    expect(toProviderError({ status: 500, message: 'content policy service is down' }, 0).kind).toBe('overload')
  })
})
