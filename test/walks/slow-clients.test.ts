import { describe, expect, test } from 'vitest'
import { openRaw } from '../helpers/raw-socket.ts'
import { startHub } from '../helpers/start-hub.ts'

// These wait for real: Node itself keeps the time of a request. They wait together.
describe.concurrent('a client that takes its time', () => {
  test('a request head that comes byte by byte is given up after 10 to 20 s', { timeout: 30_000 }, async () => {
    await using hub = await startHub()
    await using raw = await openRaw(hub)
    raw.write('GET /health HTTP/1.1\r\nHost: h\r\nX-Slow: ')
    const dripping = setInterval(() => raw.write('x'), 500)
    const answer = await raw.untilClosed(25_000)
    clearInterval(dripping)
    expect(answer).toMatch(/^HTTP\/1\.1 408 /)
    expect(answer).toContain('application/problem+json')
  })

  test('a connection that says nothing at all is closed', { timeout: 30_000 }, async () => {
    await using hub = await startHub()
    await using raw = await openRaw(hub)
    await raw.untilClosed(25_000)
  })

  test('a refused body that never ends is given up', { timeout: 30_000 }, async () => {
    await using hub = await startHub()
    await using raw = await openRaw(hub)
    raw.write(`POST /task HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer ${hub.secret}\r\nTransfer-Encoding: chunked\r\n`)
    raw.write(`Content-Type: text/plain\r\n\r\n1\r\nx\r\n`)
    await raw.until(/unsupported_media_type/)
    const dripping = setInterval(() => raw.write('1\r\nx\r\n'), 200)
    await raw.untilClosed(25_000)
    clearInterval(dripping)
  })
})
