import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { access, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { generateKeyPair, SignJWT } from 'jose'
import { expect, test } from 'vitest'
import { connect, dial, greet } from '../helpers/peer.ts'
import { rawFrame, upgradeRaw } from '../helpers/raw-socket.ts'
import { startHub } from '../helpers/start-hub.ts'
import { bearer, startTokenHub } from '../helpers/token-folder.ts'

const lock = (path: string) => {
  const database = new Database(path)
  database.exec('BEGIN EXCLUSIVE')
  return Object.assign(database, { [Symbol.dispose]: () => void database.close() })
}

test('an agent registers with its token, issued while the hub runs, and works', async () => {
  await using tokens = await startTokenHub()
  const { hub } = tokens
  const { token } = await tokens.issue('Atlas', ['agent'])
  await using agent = await connect(hub, { name: 'atlas', secret: token })
  const answer = hub.post('/task', { agent: 'ATLAS', message: 'hello' })
  agent.reply(await agent.nextTask(), 'hi')
  expect(await answer).toMatchObject({ status: 200, body: { agent: 'atlas', response: 'hi' } })
})

test('a token registers its own name, in any case and width, and no other', async () => {
  await using tokens = await startTokenHub()
  const { hub } = tokens
  const { token } = await tokens.issue('Atlas', ['agent', 'admin'])
  for (const name of ['Atlas', 'ATLAS', 'ａｔｌａｓ']) {
    await using agent = await connect(hub, { name, secret: token })
    await agent.settle()
  }
  for (const name of ['nova', 'atlas-2', 'аtlas', undefined]) {
    const { peer, answer } = await greet(hub, { name, secret: token })
    expect(answer).toEqual({ type: 'error', code: 'unauthorized', error: expect.stringContaining('for Atlas') })
    expect(await peer.end()).toMatchObject({ code: 4003 })
  }
})

test('registering needs the scope agent; admin has it, too', async () => {
  await using tokens = await startTokenHub()
  const { hub } = tokens
  const { token: caller } = await tokens.issue('atlas', ['tasks:read', 'tasks:write'])
  const { peer, answer } = await greet(hub, { name: 'atlas', secret: caller, skills: 'told later' })
  expect(answer).toMatchObject({
    code: 'unauthorized',
    error: expect.stringMatching(/scope agent.*tasks:read, tasks:write/),
  })
  expect(await peer.end()).toMatchObject({ code: 4003 })
  const { token: admin } = await tokens.issue('atlas', ['admin'])
  await using agent = await connect(hub, { name: 'atlas', secret: admin })
  await agent.settle()
})

test('a token in the wrong name or scope is no wrong credential and is not counted', async () => {
  await using tokens = await startTokenHub()
  const { hub } = tokens
  const { token } = await tokens.issue('atlas', ['agent'])
  for (let time = 0; time < 12; time++) {
    const { peer } = await greet(hub, { name: 'nova', secret: token })
    expect(await peer.end()).toMatchObject({ code: 4003 })
    expect((await hub.callBare('GET', '/agents', bearer(token))).status).toBe(403)
  }
  const { answer, peer } = await greet(hub, { name: 'nova', secret: 'wrong' })
  expect(answer).toMatchObject({ code: 'unauthorized' })
  await peer.end()
  expect(hub.events.filter(({ type }) => type === 'login.failed')).toHaveLength(1)
})

test('forged tokens are refused, and counted as wrong secrets', async () => {
  await using tokens = await startTokenHub()
  const { hub } = tokens
  const { token } = await tokens.issue('atlas', ['agent'])
  const [head = '', claims = '', signature = ''] = token.split('.')
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const { privateKey } = await generateKeyPair('EdDSA')
  const stranger = new SignJWT({ scope: 'admin' })
    .setProtectedHeader({ alg: 'EdDSA', typ: 'JWT' })
    .setIssuer('ai-comms-hub')
    .setSubject('atlas')
    .setJti('x')
    .setIssuedAt()
    .setExpirationTime(4_000_000_000)
  const hmacText = `${encode({ alg: 'HS256', typ: 'JWT' })}.${claims}`
  const forged = [
    `${encode({ alg: 'none', typ: 'JWT' })}.${claims}.`,
    `${encode({ alg: 'none', typ: 'JWT' })}.${claims}.${signature}`,
    `${hmacText}.${createHmac('sha256', hub.secret).update(hmacText).digest('base64url')}`,
    `${head}.${encode({ ...JSON.parse(Buffer.from(claims, 'base64url').toString()), scope: 'admin' })}.${signature}`,
    await stranger.sign(privateKey),
    `${head}.${claims}.${'A'.repeat(86)}`,
    `a.b.${'c'.repeat(86)}`,
    token.slice(1),
    `${token}A`,
    `${head}.${claims}`,
  ]
  for (const secret of forged.slice(0, 5)) {
    const { peer, answer } = await greet(hub, { name: 'atlas', secret })
    expect(answer, secret).toMatchObject({ code: 'unauthorized' })
    expect(await peer.end()).toMatchObject({ code: 4003 })
  }
  for (const secret of forged.slice(5)) {
    expect((await hub.callBare('GET', '/agents', bearer(secret))).status, secret).toBe(401)
  }
  expect(hub.events.filter(({ type }) => type === 'login.failed')).toHaveLength(forged.length)
  expect(await hub.callBare('GET', '/agents', bearer(`a.b.${'d'.repeat(86)}`))).toMatchObject({ status: 429 })
  const { peer } = await greet(hub, { name: 'atlas', secret: `a.b.${'d'.repeat(86)}` })
  expect(await peer.end()).toMatchObject({ code: 4006 })
  await using agent = await connect(hub, { name: 'atlas', secret: token })
  await agent.settle()
})

test('frames right behind a registration with a token are all heard, in order', async () => {
  await using tokens = await startTokenHub()
  const { hub } = tokens
  await using reader = await connect(hub, { name: 'reader' })
  const { token } = await tokens.issue('atlas', ['agent'])
  await using raw = await upgradeRaw(hub)
  const texts = Array.from({ length: 200 }, (_, at) => `message ${at}`)
  const frames = [
    { type: 'register', name: 'atlas', secret: token },
    ...texts.map((message) => ({ type: 'agent-message', target: 'reader', message })),
    { type: 'ping' },
  ]
  const bytes = Buffer.concat(frames.map((frame) => rawFrame({ opcode: 1, payload: JSON.stringify(frame) })))
  expect(bytes.length).toBeLessThan(65_536)
  // Cut in the middle, so that some of it is read while the token is being verified
  raw.write(bytes.subarray(0, 10_000))
  raw.write(bytes.subarray(10_000))
  const heard: unknown[] = []
  while (heard.length < texts.length) heard.push((await reader.next('agent-message'))['message'])
  expect(heard).toEqual(texts)
  expect(await raw.until('"pong"')).toMatch(/registered.*pong/s)
})

test('what comes before the token is verified is bounded: above 64 KiB the socket is closed with 1009', async () => {
  await using tokens = await startTokenHub()
  const { hub } = tokens
  const { token } = await tokens.issue('atlas', ['agent'])
  await using raw = await upgradeRaw(hub)
  // As long as somebody writes the file, the hub waits with a token that it has not seen
  using writer = lock(join(tokens.folder, 'tokens.sqlite'))
  expect(writer.inTransaction).toBe(true)
  const frame = { type: 'agent-message', target: 'x', message: 'x'.repeat(30_000) }
  const flood = rawFrame({ opcode: 1, payload: JSON.stringify(frame) })
  const register = rawFrame({ opcode: 1, payload: JSON.stringify({ type: 'register', name: 'atlas', secret: token }) })
  raw.write(Buffer.concat([register, flood, flood, flood]))
  expect(await raw.untilClosed()).toContain('The frame is over the limit')
  expect((await hub.get('/agents')).body).toEqual({ agents: [] })
})

test('a socket that goes while its token is verified opens no session', async () => {
  await using tokens = await startTokenHub()
  const { hub } = tokens
  const { token } = await tokens.issue('atlas', ['agent'])
  const going = Array.from({ length: 20 }, async () => {
    const peer = await dial(hub)
    peer.send({ type: 'register', name: 'atlas', secret: token })
    peer.socket.close(1000)
    await once(peer.socket, 'close')
  })
  await Promise.all(going)
  await using agent = await connect(hub, { name: 'atlas', secret: token })
  await agent.settle()
  expect((await hub.get('/agents')).body).toMatchObject({ agents: [{ name: 'atlas' }] })
})

test('the shared secret alone needs no data folder and makes none', async () => {
  await using tokens = await startTokenHub({
    env: { HUB_DATA_DIR: ':memory:', HUB_SECRET_PREVIOUS: 'previous-secret' },
  })
  const { hub } = tokens
  for (const secret of [hub.secret, 'previous-secret']) {
    await using agent = await connect(hub, { name: 'a', secret })
    await agent.settle()
    expect((await hub.callBare('GET', '/agents', bearer(secret))).status).toBe(200)
  }
  await expect(access(join(tokens.folder, 'tokens.sqlite'))).rejects.toThrow('ENOENT')
  expect((await hub.callBare('GET', '/agents', bearer(`a.b.${'c'.repeat(86)}`))).status).toBe(401)
})

test('a file of tokens that cannot be read leaves the shared secret alone, and is told once', async () => {
  await using tokens = await startTokenHub()
  const { token } = await tokens.issue('atlas', ['agent', 'tasks:read'])
  await tokens.hub.drain()
  await writeFile(join(tokens.folder, 'tokens.sqlite'), 'damaged, and long enough to be taken for a database')
  await using hub = await startHub({ env: { HUB_DATA_DIR: tokens.folder } })
  expect(await hub.event('tokens.trouble')).toMatchObject({ detail: expect.stringContaining('damaged') })
  expect((await hub.get('/agents')).status).toBe(200)
  for (let time = 0; time < 3; time++) {
    expect(await hub.callBare('GET', '/agents', bearer(token))).toMatchObject({
      status: 507,
      body: { code: 'storage_unavailable' },
    })
  }
  const { peer, answer } = await greet(hub, { name: 'atlas', secret: token })
  expect(answer).toMatchObject({ code: 'storage_unavailable' })
  expect(await peer.end()).toMatchObject({ code: 1001 })
  expect(hub.events.filter(({ type }) => type === 'tokens.trouble')).toHaveLength(1)
  expect(hub.events.filter(({ type }) => type === 'login.failed')).toEqual([])
})

test('no line of the log, no event and no answer holds a token or what it claims', async () => {
  await using tokens = await startTokenHub()
  const { hub } = tokens
  const { token, jti } = await tokens.issue('atlas', ['agent', 'tasks:read'], 60_000)
  const { token: caller } = await tokens.issue('ops', ['tasks:read'])
  await using agent = await connect(hub, { name: 'atlas', secret: token })
  const { peer } = await greet(hub, { name: 'nova', secret: token })
  await peer.end()
  const answers = [
    await hub.callBare('GET', '/agents', bearer(token)),
    await hub.callBare('POST', '/task', { ...bearer(caller), body: { agent: 'atlas', message: 'x' } }),
    await hub.callBare('GET', '/agents', bearer(`${token.slice(0, -2)}AA`)),
    await hub.callBare('GET', `/agents?token=${token}`),
  ]
  tokens.book.revoke({ jti }, tokens.now)
  await agent.end()
  answers.push(await hub.callBare('GET', '/agents', bearer(token)))
  const said = [...hub.lines, JSON.stringify(hub.events), ...answers.map(({ text }) => text)].join('')
  expect(said).toContain(jti)
  for (const part of [...token.split('.'), ...caller.split('.').slice(1)]) expect(said).not.toContain(part)
})
