import { once } from 'node:events'
import { pino } from 'pino'
import { describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { buildHub } from './app.ts'
import { readConfig } from './config.ts'

/** A hub of a developer who has set nothing but the port. */
const startOpenHub = async () => {
  const config = readConfig({ PORT: '0' })
  if (!config.ok) throw new Error(config.mistakes.join('\n'))
  const hub = await buildHub(config.values, pino({ level: 'silent' }))
  return { url: await hub.listen(), [Symbol.asyncDispose]: () => hub.drain() }
}

/** What became of an upgrade: the status of its refusal, or open. */
const tryUpgrade = async (url: string, headers: Record<string, string>): Promise<number | 'open'> => {
  const socket = new WebSocket(url.replace('http', 'ws'), { headers })
  const outcome = await new Promise<number | 'open'>((resolve, reject) => {
    socket.on('open', () => resolve('open'))
    socket.on('unexpected-response', (request, response) => {
      resolve(response.statusCode ?? 0)
      request.destroy()
    })
    socket.on('error', reject)
  })
  if (outcome === 'open') {
    socket.close()
    await once(socket, 'close')
  }
  return outcome
}

describe('without a secret the hub serves this machine only, so', () => {
  test('a WebSocket to a name that was made to point here is refused', async () => {
    await using hub = await startOpenHub()
    const headers = { host: 'evil.example', origin: 'http://evil.example' }
    expect(await tryUpgrade(hub.url, headers)).toBe(403)
    expect(await tryUpgrade(hub.url, { host: headers.host })).toBe(403)
  })

  test('a page of somewhere else is refused', async () => {
    await using hub = await startOpenHub()
    expect(await tryUpgrade(hub.url, { origin: 'https://evil.example' })).toBe(403)
    const answer = await fetch(`${hub.url}/agents`, { headers: { origin: 'https://evil.example' } })
    expect(answer.status).toBe(403)
  })

  test('an agent of this machine is let in', async () => {
    await using hub = await startOpenHub()
    expect(await tryUpgrade(hub.url, {})).toBe('open')
    expect(await tryUpgrade(hub.url, { host: 'localhost:8090' })).toBe('open')
    expect((await fetch(`${hub.url}/agents`)).status).toBe(200)
  })
})
