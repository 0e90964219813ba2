import { describe, expect, it } from 'vitest'
import { type HealthView, startHealthServer } from './health-server.ts'

const VIEW: HealthView = {
  status: 'ok',
  agent: 'Atlas',
  link: 'online',
  ready: true,
  storage: 'ok',
  tasks: { running: 1, waiting: 2 },
  providers: ['echo/echo'],
  chain: [
    { provider: 'echo', model: 'echo', state: 'awake', answered: 3, failed: {}, tokensToday: { in: 0, out: 0 } },
    {
      provider: 'openai',
      model: 'm',
      state: 'resting',
      until: '2026-01-01T01:00:00.000Z',
      why: 'auth',
      lastFailure: { kind: 'auth', at: '2026-01-01T00:00:00.000Z' },
      answered: 0,
      failed: { auth: 1 },
      tokensToday: { in: 9, out: 1 },
      costToday: 0.01,
    },
  ],
  tokensToday: 10,
  budget: { tokensPerDay: 100, tokensLeft: 90, renewsAt: '2026-01-02T00:00:00.000Z' },
  uptime: 3,
  version: '0.1.0',
}

const start = async (view: () => HealthView = () => VIEW) => {
  const server = await startHealthServer('127.0.0.1', 0, view)
  const ask = (path: string, method = 'GET') => fetch(`http://127.0.0.1:${server.port}${path}`, { method })
  return { server, ask, [Symbol.asyncDispose]: () => server.close() }
}

describe('the health server', () => {
  it('tells what the agent is doing', async () => {
    await using health = await start()
    const response = await health.ask('/health')
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(await response.json()).toEqual(VIEW)
  })

  it('is ready only while the agent can get tasks', async () => {
    let ready = false
    await using health = await start(() => ({ ...VIEW, ready, link: ready ? 'online' : 'waiting' }))
    expect((await health.ask('/ready')).status).toBe(503)
    ready = true
    expect((await health.ask('/ready')).status).toBe(200)
    ready = false
    expect(await (await health.ask('/ready')).json()).toEqual({ ready: false, link: 'waiting', storage: 'ok' })
  })

  it('answers HEAD without a body, and does not mind queries and slashes', async () => {
    await using health = await start()
    const response = await health.ask('/health/?full=1', 'HEAD')
    expect(response.status).toBe(200)
    expect(Number(response.headers.get('content-length'))).toBe(JSON.stringify(VIEW).length)
    expect(await response.text()).toBe('')
  })

  it('says what else there is not', async () => {
    await using health = await start()
    expect((await health.ask('/')).status).toBe(404)
    expect((await health.ask('/healthy')).status).toBe(404)
    const response = await health.ask('/ready', 'POST')
    expect(response.status).toBe(405)
    expect(response.headers.get('allow')).toBe('GET, HEAD')
  })

  it('says in a sentence that its port is taken', async () => {
    await using health = await start()
    await expect(startHealthServer('127.0.0.1', health.server.port, () => VIEW)).rejects.toMatchObject({
      name: 'StartError',
      message: `HEALTH_PORT ${health.server.port} is taken on 127.0.0.1; set another one, or 0 for any free one.`,
    })
  })

  it('says in a sentence that its host is none', async () => {
    await expect(startHealthServer('192.0.2.1', 0, () => VIEW)).rejects.toMatchObject({
      message: expect.stringContaining('HEALTH_HOST 192.0.2.1 cannot be listened on'),
    })
  })
})
