import { describe, expect, it } from 'vitest'
import { readRetryAfterMs } from './retry-after.ts'

const NOW = Date.UTC(2026, 0, 1)
const LIMIT = { sentence: '', isDaily: false }

describe('the wait that a vendor asks for', () => {
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

  it.each([
    ['spans', { 'x-ratelimit-reset-requests': '7m12s', 'x-ratelimit-remaining-requests': '0' }, 432_000],
    ['milliseconds', { 'x-ratelimit-reset-tokens': '12ms' }, 12],
    ['seconds', { 'x-ratelimit-reset': '30' }, 30_000],
    ['a point in time in seconds', { 'x-ratelimit-reset': String(NOW / 1_000 + 5) }, 5_000],
    ['a point in time in milliseconds', { 'x-ratelimit-reset': String(NOW + 5_500) }, 5_500],
    [
      'dates of Anthropic, the longest of what is used up',
      {
        'anthropic-ratelimit-requests-remaining': '0',
        'anthropic-ratelimit-requests-reset': '2026-01-01T00:00:10Z',
        'anthropic-ratelimit-input-tokens-remaining': '0',
        'anthropic-ratelimit-input-tokens-reset': '2026-01-01T00:00:40Z',
        'anthropic-ratelimit-output-tokens-remaining': '500',
        'anthropic-ratelimit-output-tokens-reset': '2026-01-01T00:01:00Z',
      },
      40_000,
    ],
    [
      'the shortest when nothing is said to be used up',
      { 'x-ratelimit-reset-requests': '1h', 'x-ratelimit-reset-tokens': '3s' },
      3_000,
    ],
    ['a point that is over', { 'x-ratelimit-reset': '2025-01-01T00:00:00Z' }, undefined],
  ] as [string, Record<string, string>, number | undefined][])('is read from limits: %s', (_how, headers, waitMs) => {
    expect(readRetryAfterMs(new Headers(headers), NOW, LIMIT)).toBe(waitMs)
    expect(readRetryAfterMs(new Headers(headers), NOW)).toBeUndefined()
  })

  it.each([
    ['Please try again in 20s.', 20_000],
    ['Please try again in 1h2m3.5s. Visit 3 pages', 3_600_000],
    ['try again in 6m0s', 360_000],
    ['Please retry in 37.12s', 37_120],
    ['Retry after 20 seconds.', 20_000],
    ['try again in 250ms', 250],
    ['try again in 3 moments', undefined],
    ['try again later', undefined],
  ] as const)('is read from the sentence %j', (sentence, waitMs) => {
    expect(readRetryAfterMs(undefined, NOW, { ...LIMIT, sentence })).toBe(waitMs)
  })

  it('is rather that of the header than that of the sentence', () => {
    const headers = new Headers({ 'retry-after': '5' })
    expect(readRetryAfterMs(headers, NOW, { ...LIMIT, sentence: 'try again in 20s' })).toBe(5_000)
  })
})
