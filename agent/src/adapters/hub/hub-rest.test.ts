import { describe, expect, it } from 'vitest'
import { refuse, startVendor, type VendorScript } from '../../test-support/vendor-server.ts'
import { systemClock } from '../system/clock.ts'
import { HubRest } from './hub-rest.ts'

/** A proxy with the hub's routes below a path, which answers for itself while the hub is away. */
const startProxy = async (below: string) => {
  const hub = { isAway: false }
  const script: VendorScript = (response, { path }) => {
    if (hub.isAway) response.writeHead(502, { 'content-type': 'text/html' }).end('<h1>502 Bad Gateway</h1>')
    else if (path === `${below}/health`)
      response.end(JSON.stringify({ status: 'ok', agents: 0, uptime: 1, version: '0.1.0' }))
    else if (path === `${below}/agents`) response.end(JSON.stringify({ agents: [] }))
    else response.writeHead(404).end()
  }
  const server = await startVendor(script)
  const open = () =>
    new HubRest({
      hubUrl: new URL(`${server.url.replace('http', 'ws')}/team/agent`),
      hubSecret: 'the-secret',
      clock: systemClock,
      random: () => 0,
    })
  return { hub, open, requests: server.requests, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
}

describe('a task that is followed', () => {
  it('is asked for again soon, however long whoever answers would have it wait', async () => {
    await using proxy = await startVendor(refuse(503, {}, { 'retry-after': '86400' }))
    const calls = new HubRest({
      hubUrl: new URL(proxy.url.replace('http', 'ws')),
      clock: systemClock,
      random: () => 0,
      bounds: { retryAfterMsMax: 1 },
    })
    const abort = new AbortController()
    const watch = calls.watchTask('t1', () => {}, abort.signal).catch((error: unknown) => error)
    for (let call = 0; call < 3; call++) await proxy.arrivals.next()
    abort.abort()
    expect(await watch).toMatchObject({ code: 'canceled' })
  })
})

describe('the routes of a hub', () => {
  it.each(['/team/agent', ''])('are found below %j, and looked for once', async (below) => {
    await using proxy = await startProxy(below)
    const calls = proxy.open()
    expect(await calls.listAgents()).toEqual([])
    expect(await calls.listAgents()).toEqual([])
    expect(proxy.requests.map(({ path }) => path)).toEqual(['/team/agent/health', `${below}/agents`, `${below}/agents`])
    // whoever answers there need not be the hub
    expect(proxy.requests.map(({ headers }) => headers.authorization)).toEqual([
      undefined,
      'Bearer the-secret',
      'Bearer the-secret',
    ])
  })

  it('are not taken to be elsewhere because a proxy had nobody to ask', async () => {
    await using proxy = await startProxy('/team/agent')
    proxy.hub.isAway = true
    const calls = proxy.open()
    const failure = await calls.listAgents().catch((error: unknown) => error)
    expect(failure).toMatchObject({ name: 'HubCallError', code: 'bad_answer', isPassing: true })
    proxy.hub.isAway = false
    expect(await calls.listAgents()).toEqual([])
  })

  it('are not waited for by a call that is given up', async () => {
    await using silent = await startVendor(() => {})
    const abort = new AbortController()
    const calls = new HubRest({
      hubUrl: new URL(`${silent.url.replace('http', 'ws')}/team`),
      clock: systemClock,
      random: () => 0,
    })
    const call = calls.callAgent({ target: { agent: 'atlas' }, message: 'x', sender: 'nova' }, abort.signal)
    const failure = call.catch((error: unknown) => error)
    await silent.arrivals.next()
    abort.abort()
    expect(await failure).toMatchObject({ code: 'canceled' })
  })
})
