import { describe, expect, it } from 'vitest'
import { isInTheClear, readHubUrl } from './hub-url.ts'

describe('a hub URL', () => {
  it.each([
    ['http://hub.example:8090', 'ws://hub.example:8090/'],
    ['https://hub.example', 'wss://hub.example/'],
    ['ws://hub.example/hub', 'ws://hub.example/hub'],
    ['wss://hub.example:443/', 'wss://hub.example/'],
    ['HTTPS://HUB.example', 'wss://hub.example/'],
    ['http://[::1]:8090', 'ws://[::1]:8090/'],
    ['https://hub.example:80', 'wss://hub.example:80/'],
  ])('%s becomes %s', (text, url) => {
    const read = readHubUrl(text)
    expect(read.ok && read.url.href).toBe(url)
  })

  it.each(['hub.example:8090', 'ftp://hub.example', 'http://', '', 'file:///etc/passwd', 'localhost:8090'])(
    '%j is none',
    (text) => {
      expect(readHubUrl(text)).toMatchObject({ ok: false, mistake: expect.stringContaining('http://localhost:8090') })
    },
  )

  it.each(['http://user:secret@hub', 'http://user@hub', 'http://hub?secret=x', 'http://hub/#x'])(
    '%s is refused, and not repeated',
    (text) => {
      const read = readHubUrl(text)
      expect(read).toMatchObject({ ok: false, mistake: expect.stringContaining('must not hold') })
      expect(JSON.stringify(read)).not.toContain('secret')
    },
  )

  it('is in the clear unless it is TLS or stays on this machine', () => {
    const clear = ['ws://hub.example', 'ws://10.0.0.1', 'ws://localhost.example', 'ws://127.0.0.1.example']
    const safe = ['wss://hub.example', 'ws://localhost:1', 'ws://127.0.0.1:1', 'ws://[::1]:1', 'ws://hub.localhost']
    expect(clear.map((text) => isInTheClear(new URL(text)))).toEqual(clear.map(() => true))
    expect(safe.map((text) => isInTheClear(new URL(text)))).toEqual(safe.map(() => false))
  })
})
