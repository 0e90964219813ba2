import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { startScriptedHub } from '../../test-support/scripted-hub.ts'
import { TestLink } from '../../test-support/start-link.ts'
import { systemClock } from '../system/clock.ts'
import { LinkSocket } from './link-socket.ts'

const listen = async (server: Server) => {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => sockets.add(socket))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

describe('a link', () => {
  it('registers, and is online when the hub says so', async () => {
    await using hub = await startScriptedHub()
    await using test = new TestLink(hub.url)
    const side = await hub.connection()
    expect(await side.next()).toEqual({
      type: 'register',
      name: 'Atlas',
      secret: 'the-secret',
      protocol: 2,
      instanceId: 'i1',
    })
    expect(test.link.state).toBe('greeting')
    side.welcome()
    expect(await test.until('link.online')).toMatchObject({ agentId: 'a1', protocol: 2 })
    expect(test.link.state).toBe('online')
  })

  it.each(['a hub that welcomes it', 'a hub that is not there', 'a hub that will not have it'])(
    'tells when its first attempt has come to something: %s',
    async (end) => {
      await using hub = await startScriptedHub()
      const isThere = end !== 'a hub that is not there'
      await using test = new TestLink(isThere ? hub.url : 'http://127.0.0.1:9', { baseMs: 60_000, capMs: 60_000 })
      const side = isThere ? await hub.connection() : undefined
      expect(test.link.state).not.toBe('waiting')
      if (end === 'a hub that welcomes it') side?.welcome()
      else side?.close(4003)
      await test.link.tried
      expect(['online', 'waiting', 'stopped']).toContain(test.link.state)
    },
  )

  it('of an agent without a hub stays idle, holds nobody up, and lets nothing go unsaid at its end', async () => {
    await using test = new TestLink(undefined)
    await test.link.tried
    expect(test.link.state).toBe('idle')
    expect(test.link.sendMessage('Nova', 'hello')).toBe('failed')
    await test.link.stop()
    expect(test.link.state).toBe('stopped')
  })

  it('hands on tasks and cancels, and lives with frames that it does not know', async () => {
    await using hub = await startScriptedHub()
    await using test = new TestLink(hub.url)
    const side = await hub.online()
    for (const frame of ['{', '[]', { type: 'from-the-future' }, { type: 'task', requestId: 7 }]) side.send(frame)
    side.send({ type: 'event', event: 'agent-joined', name: 'Nova', workspace: '', skills: [] })
    side.send({ type: 'pong' })
    side.task('t1', 'hello')
    side.send({ type: 'task-cancel', requestId: 't1', reason: 'caller gone' })
    expect(await test.tasks.next()).toMatchObject({ requestId: 't1', message: 'hello' })
    expect(await test.cancels.next()).toEqual({ requestId: 't1', reason: 'caller gone' })
    expect(test.all.filter(({ type }) => type === 'link.frame-ignored')).toHaveLength(3)
  })

  it('takes no task before it is registered', async () => {
    await using hub = await startScriptedHub()
    await using test = new TestLink(hub.url)
    const side = await hub.connection()
    side.task('early', 'hello')
    side.welcome()
    side.task('t1', 'hello')
    expect(await test.tasks.next()).toMatchObject({ requestId: 't1' })
  })

  it('says to a hub of level 1 only what that knows', async () => {
    await using hub = await startScriptedHub()
    await using test = new TestLink(hub.url)
    const side = await hub.online({})
    await test.until('link.online')
    expect(test.link.send({ type: 'task-accepted', requestId: 't1' })).toBe('dropped')
    expect(test.answer('t1')).toBe('sent')
    expect(await side.next()).toEqual({ type: 'task-response', requestId: 't1', response: 'ok' })
  })

  it('turns an answer over the limit that the hub told into a failure', async () => {
    await using hub = await startScriptedHub()
    await using test = new TestLink(hub.url)
    const side = await hub.online({ protocol: 2, limits: { maxPayload: 500, maxInFlight: 256 } })
    await test.until('link.online')
    test.answer('t1', 'x'.repeat(600))
    expect(await side.next()).toMatchObject({ type: 'task-error', requestId: 't1', code: 'payload_too_large' })
  })

  it('says goodbye after the last answer', async () => {
    await using hub = await startScriptedHub()
    const test = new TestLink(hub.url)
    const side = await hub.online()
    await test.until('link.online')
    test.answer('t1', 'x'.repeat(900_000))
    await test.link.stop()
    expect(await side.next()).toMatchObject({ type: 'task-response' })
    expect(await side.closed).toEqual({ code: 1000, reason: 'The agent stops' })
    expect(await test.link.ended).toMatchObject({ byOwner: true })
  })

  it('cuts the line when the goodbye is not answered', async () => {
    await using hub = await startScriptedHub()
    const test = new TestLink(hub.url, { closeMs: 50 })
    const side = await hub.online()
    await test.until('link.online')
    side.pause()
    await test.link.stop()
    side.resume()
    expect(test.link.state).toBe('stopped')
  })

  it('stops in every state', async () => {
    await using silent = await listen(createTcpServer())
    const connecting = new TestLink(`ws://127.0.0.1:${silent.port}`)
    await connecting.link.stop()
    expect(connecting.link.state).toBe('stopped')
    const waiting = new TestLink('ws://127.0.0.1:9', { baseMs: 60_000, capMs: 60_000 })
    await waiting.until('link.lost')
    await waiting.link.stop()
    await waiting.link.stop()
    expect(waiting.link.state).toBe('stopped')
  })
})

describe('a link that is lost', () => {
  it('comes back by itself, each time as the same instance', async () => {
    await using hub = await startScriptedHub()
    await using test = new TestLink(hub.url)
    const first = await hub.online()
    first.close(1001)
    const second = await hub.online()
    second.cut()
    const third = await hub.connection()
    expect(await third.next()).toMatchObject({ type: 'register', instanceId: 'i1' })
    expect(test.all.filter(({ type }) => type === 'link.lost')).toMatchObject([{ code: 1001 }, { code: 1006 }])
  })

  it('waits for a hub that is not there yet', async () => {
    const gone = await startScriptedHub()
    const { url, port } = gone
    await gone[Symbol.asyncDispose]()
    await using test = new TestLink(url)
    expect(await test.until('link.lost')).toMatchObject({ why: expect.stringContaining('nothing listens there') })
    await using hub = await startScriptedHub(port)
    await hub.online()
    await test.until('link.online')
  })

  it('sends the answers that finished meanwhile when it is back, and nothing else', async () => {
    await using hub = await startScriptedHub()
    await using test = new TestLink(hub.url)
    const first = await hub.online()
    await test.until('link.online')
    first.cut()
    await test.until('link.lost')
    expect(test.answer('t1', 'kept')).toBe('held')
    expect(test.link.send({ type: 'task-delta', requestId: 't1', seq: 0, text: 'x' })).toBe('dropped')
    const second = await hub.online()
    expect(await second.next()).toEqual({ type: 'task-response', requestId: 't1', response: 'kept' })
    await second.settle()
    expect(second.take()).toEqual([])
  })

  it('sends again what was still on its way when the socket broke', async () => {
    await using hub = await startScriptedHub()
    await using test = new TestLink(hub.url, { bufferedBytesMax: Number.POSITIVE_INFINITY })
    const first = await hub.online()
    await test.until('link.online')
    first.pause()
    const ids = Array.from({ length: 30 }, (_, index) => `t${index}`)
    for (const id of ids) expect(test.answer(id, 'x'.repeat(500_000))).toBe('sent')
    first.cut()
    const second = await hub.online()
    const again: string[] = []
    while (again.at(-1) !== 't29') again.push((await second.until('task-response')).requestId)
    expect(ids.slice(-again.length)).toEqual(again)
  })

  it.each([4003, 4009, 4002])('stops for good at %d', async (code) => {
    await using hub = await startScriptedHub()
    const test = new TestLink(hub.url)
    const side = await hub.connection()
    await side.next()
    side.send({ type: 'error', error: 'because of the-reason', code: 'unauthorized' })
    side.close(code)
    const end = await test.link.ended
    expect(end).toMatchObject({ byOwner: false, because: expect.stringContaining(String(code)) })
    expect(end.because.includes('the-reason')).toBe(code === 4002)
    expect(test.all.filter(({ type }) => type === 'link.connecting')).toHaveLength(1)
  })

  it('backs off where the hub asks for it', async () => {
    await using hub = await startScriptedHub()
    await using test = new TestLink(hub.url, { backOffMsMin: 60_000, lockedOutMsMin: 90_000 })
    const side = await hub.connection()
    side.close(4006)
    const lost = await test.until('link.lost')
    expect(lost.waitMs).toBeGreaterThanOrEqual(90_000)
    expect(test.link.state).toBe('waiting')
  })

  it('gives up a hub that opens a socket and does not greet', async () => {
    await using hub = await startScriptedHub()
    await using test = new TestLink(hub.url, { greetingMs: 30 })
    await hub.connection()
    expect(await test.until('link.lost')).toMatchObject({
      why: expect.stringContaining('did not answer the registration'),
    })
  })

  it('gives up a host that takes the connection and says nothing', async () => {
    await using silent = await listen(createTcpServer())
    await using test = new TestLink(`ws://127.0.0.1:${silent.port}`, { connectMs: 30 })
    expect(await test.until('link.lost')).toMatchObject({ why: 'the host does not answer in time' })
  })

  it('notices a hub that has gone without a word, and not one that only pings', async () => {
    await using hub = await startScriptedHub()
    await using test = new TestLink(hub.url, { tickMs: 20, pingEveryMs: 40, silenceMsMax: 160 })
    const side = await hub.online()
    expect(await side.until('ping')).toEqual({ type: 'ping' })
    // each round trip resets the silence; together they last longer than it may
    for (let round = 0; round < 6; round++) {
      await side.until('ping')
      await side.settle()
    }
    expect(test.link.state).toBe('online')
    expect(await test.until('link.lost')).toMatchObject({ why: expect.stringContaining('nothing was heard') })
  })

  it('is not touched by what an old socket still has to say', async () => {
    await using hub = await startScriptedHub()
    await using test = new TestLink(hub.url, { greetingMs: 30 })
    const old = await hub.connection()
    old.pause()
    await test.until('link.lost')
    const fresh = await hub.online()
    await test.until('link.online')
    old.resume()
    await old.closed
    await fresh.settle()
    expect(test.link.state).toBe('online')
    expect(test.all.filter(({ type }) => type === 'link.lost')).toHaveLength(1)
  })
})

describe('a socket', () => {
  it('takes no frame once it is closing: it would be forgotten without a word', async () => {
    await using hub = await startScriptedHub()
    const opened = Promise.withResolvers<void>()
    const socket = new LinkSocket(new URL(hub.url.replace('http', 'ws')), {
      connectMs: 5_000,
      listener: { opened: opened.resolve, heard: () => {}, received: () => {}, closed: () => {} },
    })
    await opened.promise
    expect(socket.write('{"type":"register","name":"x"}')).toBe(true)
    const closed = socket.close(1000, '', systemClock, 5_000)
    expect(socket.write('{"type":"ping"}')).toBe(false)
    await closed
  })
})

describe('a wrong URL', () => {
  it.each([
    [404, 'answered HTTP 404 instead of opening a WebSocket'],
    [301, 'redirect (HTTP 301)'],
  ])('that answers %d is told in a sentence', async (status, sentence) => {
    const server = createHttpServer()
    server.on('request', (_request, response) => response.writeHead(status, { location: '/x' }).end())
    server.on('upgrade', (_request, socket) => socket.end(`HTTP/1.1 ${status} X\r\nConnection: close\r\n\r\n`))
    await using http = await listen(server)
    await using test = new TestLink(`ws://127.0.0.1:${http.port}`)
    expect(await test.until('link.lost')).toMatchObject({ why: expect.stringContaining(sentence) })
  })

  it('with TLS where there is none is told in a sentence', async () => {
    await using hub = await startScriptedHub()
    await using test = new TestLink(`wss://127.0.0.1:${hub.port}`)
    expect(await test.until('link.lost')).toMatchObject({ why: expect.stringContaining('does not speak TLS') })
  })

  it('with a host that nobody knows is told in a sentence', async () => {
    await using test = new TestLink('ws://hub.invalid')
    const { why } = await test.until('link.lost')
    expect(why).toMatch(/host is not known|could not be looked up/)
  })
})

describe('a slow hub', () => {
  it('gets no pieces and no progress while much waits unsent, but every answer once it reads on', async () => {
    await using hub = await startScriptedHub()
    await using test = new TestLink(hub.url, { bufferedBytesMax: 100_000 })
    const side = await hub.online()
    await test.until('link.online')
    side.pause()
    const sent: string[] = []
    let outcome = 'sent'
    while (outcome === 'sent' && sent.length < 200) {
      sent.push(`t${sent.length}`)
      outcome = test.answer(sent.at(-1) ?? '', 'x'.repeat(500_000))
    }
    expect(outcome).toBe('held')
    expect(test.link.send({ type: 'task-delta', requestId: 't0', seq: 0, text: 'x' })).toBe('dropped')
    side.resume()
    const received: string[] = []
    while (received.length < sent.length) received.push((await side.until('task-response')).requestId)
    expect(received.sort()).toEqual(sent.sort())
  })
})

describe('the secret', () => {
  it('is in no event, whatever goes wrong', async () => {
    await using hub = await startScriptedHub()
    const test = new TestLink(hub.url)
    const side = await hub.connection()
    await side.next()
    side.close(4003)
    await test.link.ended
    expect(JSON.stringify(test.all)).not.toContain('the-secret')
  })
})
