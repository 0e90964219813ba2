import { describe, expect, test } from 'vitest'
import { makeIsAllowedOrigin } from './cors.ts'

describe('origins', () => {
  test.each([
    ['https://app.example.com', 'hub.example.com', true],
    ['https://APP.example.com', undefined, true],
    ['https://app.example.com:443', undefined, true],
    ['http://app.example.com', undefined, false],
    ['https://app.example.com:8443', undefined, false],
    ['https://app.example.com.evil.org', undefined, false],
    ['https://evil.org', 'hub.example.com', false],
    ['http://hub.example.com', 'hub.example.com', true],
    ['http://hub.example.com:80', 'hub.example.com', true],
    ['https://hub.example.com', 'hub.example.com:443', true],
    ['http://hub.example.com:8090', 'hub.example.com:8090', true],
    ['http://hub.example.com:8091', 'hub.example.com:8090', false],
    ['null', 'hub.example.com', false],
    ['', 'hub.example.com', false],
    ['file://', 'hub.example.com', false],
    ['*', 'hub.example.com', false],
    ['not a url', 'hub.example.com', false],
  ])('with one listed, %j at host %j: allowed %j', (origin, host, isAllowed) => {
    expect(makeIsAllowedOrigin(['https://app.example.com/']).isAllowed(origin, host)).toBe(isAllowed)
  })

  test('a star allows every page', () => {
    const origins = makeIsAllowedOrigin(['*'])
    expect(origins.isAllowed('https://any.example', undefined)).toBe(true)
    expect(origins.isListed('https://any.example')).toBe(true)
  })

  test('a page of this very host is allowed without being listed, and so gets no CORS headers', () => {
    const origins = makeIsAllowedOrigin([])
    expect(origins.isAllowed('http://hub:8090', 'hub:8090')).toBe(true)
    expect(origins.isListed('http://hub:8090')).toBe(false)
    expect(origins.isListed('null')).toBe(false)
  })
})
