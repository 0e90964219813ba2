import { rm } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { connect, greet } from '../helpers/peer.ts'
import { openRaw } from '../helpers/raw-socket.ts'
import { startHub } from '../helpers/start-hub.ts'
import { bearer, startTokenHub, type TokenHub } from '../helpers/token-folder.ts'
import { within } from '../helpers/within.ts'

test('a revoked token ends its sessions with 4003, and nobody else’s', async () => {
  await using tokens = await startTokenHub()
  const { hub } = tokens
  const { token, jti } = await tokens.issue('atlas', ['agent'])
  const { token: other } = await tokens.issue('atlas', ['agent'])
  await using first = await connect(hub, { name: 'atlas', secret: token, protocol: 2, instanceId: 'one' })
  await using second = await connect(hub, { name: 'atlas', secret: token })
  await using spared = await connect(hub, { name: 'atlas', secret: other })
  await using watcher = await connect(hub, { name: 'watcher' })
  tokens.book.revoke({ jti }, tokens.now)
  for (const peer of [first, second]) {
    expect(await peer.nextError()).toEqual({
      type: 'error',
      code: 'unauthorized',
      error: 'The token was revoked; ask for a new one.',
    })
    expect(await peer.end()).toMatchObject({ code: 4003 })
  }
  // Nobody waits for an instance whose token is gone: both have left, without a grace
  await watcher.nextEvent('agent-left', 'atlas')
  await watcher.nextEvent('agent-left', 'atlas')
  await spared.settle()
  expect(await hub.event('token.revoked')).toEqual({ type: 'token.revoked', jti, name: 'atlas' })
  expect(await hub.event('session.credential-ended')).toMatchObject({ jti, agent: 'atlas', why: 'revoked' })
})

test('a revoked token comes in nowhere, and is not counted as a wrong one', async () => {
  await using tokens = await startTokenHub()
  const { hub } = tokens
  const { token, jti } = await tokens.issue('atlas', ['agent', 'tasks:read'])
  expect((await hub.callBare('GET', '/agents', bearer(token))).status).toBe(200)
  tokens.book.revoke({ jti }, tokens.now)
  await hub.event('token.revoked')
  for (let time = 0; time < 12; time++) {
    const answer = await hub.callBare('GET', '/agents', bearer(token))
    expect(answer).toMatchObject({
      status: 401,
      body: { code: 'unauthorized', detail: expect.stringContaining('revoked') },
    })
    expect(answer.headers['www-authenticate']).toBe('Bearer')
  }
  const { peer, answer } = await greet(hub, { name: 'atlas', secret: token })
  expect(answer).toMatchObject({ code: 'unauthorized', error: expect.stringContaining('revoked') })
  expect(await peer.end()).toMatchObject({ code: 4003 })
  expect(hub.events.filter(({ type }) => type === 'login.failed')).toEqual([])
  expect(await hub.event('login.ended')).toMatchObject({ jti, name: 'atlas', why: 'revoked' })
})

test('a task that a revoked agent holds fails over to a replica at once', async () => {
  await using tokens = await startTokenHub()
  const { hub } = tokens
  const { token, jti } = await tokens.issue('atlas', ['agent'])
  await using revoked = await connect(hub, { name: 'atlas', secret: token, protocol: 2, instanceId: 'one' })
  const answer = hub.post('/task', { agent: 'atlas', message: 'x' })
  const { requestId } = await revoked.nextTask()
  await using replica = await connect(hub, { name: 'atlas', protocol: 2, instanceId: 'two' })
  tokens.book.revoke({ jti }, tokens.now)
  await revoked.end()
  const task = await replica.nextTask()
  expect(task.requestId).toBe(requestId)
  replica.reply(task, 'done')
  expect(await answer).toMatchObject({ status: 200, body: { response: 'done' } })
})

test('a token that expires ends its session with 4003 and is refused from then on, uncounted', async () => {
  await using tokens = await startTokenHub()
  const { hub } = tokens
  const { token, jti } = await tokens.issue('atlas', ['agent', 'tasks:read'], 60_000)
  await using agent = await connect(hub, { name: 'atlas', secret: token })
  expect((await hub.callBare('GET', '/agents', bearer(token))).status).toBe(200)
  hub.advance(60_000)
  expect(await agent.nextError()).toMatchObject({ code: 'unauthorized', error: expect.stringContaining('expired') })
  expect(await agent.end()).toMatchObject({ code: 4003 })
  expect(await hub.event('session.credential-ended')).toMatchObject({ jti, why: 'expired' })
  for (let time = 0; time < 12; time++) {
    expect(await hub.callBare('GET', '/agents', bearer(token))).toMatchObject({
      status: 401,
      body: { detail: expect.stringContaining('expired') },
    })
  }
  const { peer } = await greet(hub, { name: 'atlas', secret: token })
  expect(await peer.end()).toMatchObject({ code: 4003 })
  expect(hub.events.filter(({ type }) => type === 'login.failed')).toEqual([])
})

test('a token that was never seen before its end is told that it has expired', async () => {
  await using tokens = await startTokenHub()
  const { token } = await tokens.issue('atlas', ['tasks:read'], 1_000)
  tokens.hub.clock.time += 2_000
  expect(await tokens.hub.callBare('GET', '/agents', bearer(token))).toMatchObject({
    status: 401,
    body: { detail: 'The token has expired; ask for a new one.' },
  })
})

/** Calls on one connection that is kept, as a program with a pool does. */
const keepCalling = (tokens: TokenHub, token: string) => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const call = () =>
    within(
      new Promise<number>((resolve, reject) => {
        const made = request(`${tokens.hub.url}/agents`, { agent, ...bearer(token) }, (response) => {
          response.resume().on('end', () => resolve(response.statusCode ?? 0))
        })
        made.on('error', reject).end()
      }),
      'an answer on the kept connection',
    )
  return { call, [Symbol.dispose]: () => agent.destroy() }
}

test('a connection that has shown a token before does not outlive it, revoked or expired', async () => {
  await using tokens = await startTokenHub()
  const { token, jti } = await tokens.issue('ops', ['tasks:read'])
  const { token: short } = await tokens.issue('ops', ['tasks:read'], 60_000)
  using one = keepCalling(tokens, token)
  using other = keepCalling(tokens, short)
  for (let time = 0; time < 3; time++) expect([await one.call(), await other.call()]).toEqual([200, 200])
  tokens.book.revoke({ jti }, tokens.now)
  await tokens.hub.event('token.revoked')
  expect([await one.call(), await other.call()]).toEqual([401, 200])
  tokens.hub.clock.time += 60_000
  expect([await one.call(), await other.call()]).toEqual([401, 401])
})

test('an event stream ends with the token that opened it, and one of another credential does not', async () => {
  await using tokens = await startTokenHub()
  const { hub } = tokens
  const { token, jti } = await tokens.issue('ops', ['tasks:read'])
  const { body } = await hub.post('/tasks', { agent: 'atlas', message: 'x' })
  const path = `/tasks/${body?.['id']}/events`
  await using kept = await openRaw(hub)
  kept.write(`GET ${path} HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer ${hub.secret}\r\n\r\n`)
  await kept.until('event: snapshot')
  await using stream = await openRaw(hub)
  stream.write(`GET ${path} HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer ${token}\r\nConnection: close\r\n\r\n`)
  await stream.until('event: snapshot')
  tokens.book.revoke({ jti }, tokens.now)
  expect(await stream.untilClosed()).toMatch(/\r\n0\r\n\r\n$/)
  expect(kept.tcp.closed).toBe(false)
  expect((await hub.callBare('GET', path, bearer(token))).status).toBe(401)
})

test('a hub that is started later knows what was issued and revoked before', async () => {
  await using tokens = await startTokenHub()
  const kept = await tokens.issue('atlas', ['agent', 'tasks:read'])
  const revoked = await tokens.issue('atlas', ['agent', 'tasks:read'])
  tokens.book.revoke({ jti: revoked.jti }, tokens.now)
  await tokens.hub.drain()
  await using hub = await startHub({ env: { HUB_DATA_DIR: tokens.folder } })
  expect((await hub.callBare('GET', '/agents', bearer(kept.token))).status).toBe(200)
  expect((await hub.callBare('GET', '/agents', bearer(revoked.token))).status).toBe(401)
})

test('when the file of tokens is removed, all tokens end', async () => {
  await using tokens = await startTokenHub()
  const { hub } = tokens
  const { token } = await tokens.issue('atlas', ['agent'])
  await using agent = await connect(hub, { name: 'atlas', secret: token })
  await rm(join(tokens.folder, 'tokens.sqlite'))
  expect(await agent.end()).toMatchObject({ code: 4003 })
  const fresh = await tokens.issue('atlas', ['agent'])
  await using again = await connect(hub, { name: 'atlas', secret: fresh.token })
  await again.settle()
})
