import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type HubCalls, openHub } from '@ai-comms/agent'
import type { TaskEvent } from '@ai-comms/shared'
import { describe, expect, test } from 'vitest'
import { Inbox } from '../helpers/inbox.ts'
import { connect, dial } from '../helpers/peer.ts'
import { type HubAddress, startHub } from '../helpers/start-hub.ts'
import { startTokenHub } from '../helpers/token-folder.ts'
import { within } from '../helpers/within.ts'

const open = ({ url, secret }: HubAddress, bounds = {}): HubCalls =>
  openHub({ url, secret, bounds: { retryBaseMs: 1, retryCapMs: 5, ...bounds } })

const toAtlas = (message: string) => ({ target: { agent: 'atlas' }, message, sender: 'nova' })
const keepForAtlas = (message: string, idempotencyKey = 'k') => ({ ...toAtlas(message), idempotencyKey })
const failureOf = (call: Promise<unknown>) =>
  within(
    call.then(
      () => undefined,
      (error: unknown) => error,
    ),
    'a failure',
  )

/** A server that is no hub, or one that misbehaves. */
const serve = async (listener: RequestListener) => {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

describe('an agent that asks the hub', () => {
  test('reads its health and its agents', async () => {
    await using hub = await startHub()
    await using _atlas = await connect(hub, { name: 'atlas', skills: ['research'], protocol: 2 })
    const calls = open(hub)
    expect(await calls.readHealth()).toMatchObject({ status: 'ok', agents: 1 })
    expect(await calls.listAgents()).toMatchObject([{ name: 'atlas', skills: ['research'], protocol: 2 }])
  })

  test('calls an agent and everybody', async () => {
    await using hub = await startHub()
    await using atlas = await connect(hub, { name: 'atlas' })
    const calls = open(hub)
    const answer = calls.callAgent(toAtlas('well?'))
    const task = await atlas.nextTask()
    expect(task).toMatchObject({ message: 'well?', sender: 'nova' })
    atlas.reply(task, 'well.')
    expect(await answer).toEqual({ agent: 'atlas', response: 'well.', taskId: task.requestId })
    const results = calls.broadcast('all well?', 'nova')
    atlas.reply(await atlas.nextTask(), 'all.')
    expect(await results).toMatchObject([{ success: true, agent: 'atlas', response: 'all.' }])
  })

  test('hears why nobody answers, and who is meant perhaps', async () => {
    await using hub = await startHub()
    await using _atlas = await connect(hub, { name: 'atlas' })
    const calls = open(hub)
    expect(
      await failureOf(calls.callAgent({ target: { agent: 'altas' }, message: 'x', sender: 'nova' })),
    ).toMatchObject({
      name: 'HubCallError',
      code: 'agent_not_found',
      message: expect.stringContaining('Did you mean atlas?'),
      suggestions: ['atlas'],
      isPassing: true,
    })
    expect(await failureOf(calls.callAgent({ target: { skill: 'x' }, message: 'x', sender: 'nova' }))).toMatchObject({
      code: 'no_agent_with_skill',
    })
  })

  test('hands a task over once, however often it calls with the same key', async () => {
    await using hub = await startHub()
    await using atlas = await connect(hub, { name: 'atlas' })
    const calls = open(hub)
    const task = { ...keepForAtlas('write', 'run-1'), timeoutMs: 60_000 }
    const first = await calls.submitTask(task)
    expect((await calls.submitTask(task)).id).toBe(first.id)
    expect(await failureOf(calls.submitTask({ ...task, message: 'other' }))).toMatchObject({
      code: 'idempotency_conflict',
      isPassing: false,
    })
    atlas.reply(await atlas.nextTask(), 'written')
    const end = await calls.watchTask(first.id, () => {}, AbortSignal.timeout(8_000))
    expect(end).toMatchObject({ state: 'completed', response: 'written' })
    expect(atlas.seenOf('task')).toHaveLength(1)
  })

  test('follows a task to its end, and hears at once of one that is over', async () => {
    await using hub = await startHub()
    await using atlas = await connect(hub, { name: 'atlas', protocol: 2 })
    const calls = open(hub)
    const { id } = await calls.submitTask(keepForAtlas('write'))
    const events = new Inbox<TaskEvent>()
    const end = calls.watchTask(id, (event) => events.put(event), AbortSignal.timeout(8_000))
    const task = await atlas.nextTask()
    await events.take(({ event }) => event === 'snapshot', 'the snapshot')
    atlas.send({ type: 'task-progress', requestId: task.requestId, message: 'half', percent: 50 })
    await events.take(({ event }) => event === 'progress', 'the progress')
    atlas.fail(task, 'no ink')
    expect(await end).toMatchObject({ state: 'failed', code: 'agent_error', error: expect.stringContaining('no ink') })
    const again = await calls.watchTask(id, () => {}, AbortSignal.timeout(8_000))
    expect(again).toMatchObject({ id, state: 'failed' })
  })

  test('cancels a task, which stops its agent; one that is over stays as it was', async () => {
    await using hub = await startHub()
    await using atlas = await connect(hub, { name: 'atlas', protocol: 2 })
    const calls = open(hub)
    const { id } = await calls.submitTask(keepForAtlas('write'))
    const end = calls.watchTask(id, () => {}, AbortSignal.timeout(8_000))
    await atlas.nextTask()
    expect(await calls.cancelTask(id)).toMatchObject({ state: 'canceled' })
    expect(await end).toMatchObject({ state: 'canceled' })
    expect(await atlas.next('task-cancel')).toMatchObject({ requestId: id })
    expect(await failureOf(calls.cancelTask('nobody'))).toMatchObject({ code: 'unknown_task' })
  })

  test('gives a call up at once when it is told to', async () => {
    await using hub = await startHub()
    await using atlas = await connect(hub, { name: 'atlas', protocol: 2 })
    const calls = open(hub)
    const abort = new AbortController()
    const { id } = await calls.submitTask(keepForAtlas('write'))
    await atlas.nextTask()
    const watch = failureOf(calls.watchTask(id, () => abort.abort(), abort.signal))
    expect(await watch).toMatchObject({ code: 'canceled' })
    const hangUp = new AbortController()
    const call = failureOf(calls.callAgent(toAtlas('write'), hangUp.signal))
    await atlas.nextTask()
    hangUp.abort()
    expect(await call).toMatchObject({ code: 'canceled' })
    expect(await atlas.next('task-cancel')).toMatchObject({ reason: expect.any(String) })
  })
})

describe('a credential', () => {
  test('that is wrong, or may not ask for work, is explained without being shown', async () => {
    await using tokens = await startTokenHub()
    const { token } = await tokens.issue('atlas', ['agent'])
    const { hub } = tokens
    const narrow = openHub({ url: hub.url, secret: token })
    for (const call of [() => narrow.listAgents(), () => narrow.submitTask(keepForAtlas('x'))]) {
      const error = await failureOf(call())
      expect(error).toMatchObject({ code: 'forbidden', isPassing: false })
      expect(String(error)).toMatch(/AGENT_HUB_SECRET is a token that may not do this; .*tasks:read,tasks:write/)
      expect(String(error)).not.toContain(token)
    }
    const wrong = openHub({ url: hub.url, secret: 'not-the-secret' })
    const error = await failureOf(wrong.listAgents())
    expect(error).toMatchObject({ code: 'unauthorized' })
    expect(String(error)).not.toContain('not-the-secret')
    const { token: wide } = await tokens.issue('atlas', ['agent', 'tasks:read', 'tasks:write'])
    expect(await openHub({ url: hub.url, secret: wide }).listAgents()).toEqual([])
  })
})

describe('a broken line', () => {
  test('is made good for: a reader comes back and hears just what it missed', async () => {
    await using hub = await startHub()
    await using atlas = await connect(hub, { name: 'atlas', protocol: 2 })
    const resumed = new Inbox<string | undefined>()
    const events = new Inbox<TaskEvent>()
    const cuts: (() => void)[] = []
    // stands between the two, and cuts a stream when the test says so
    await using between = await serve((request, response) => {
      const { 'last-event-id': lastId } = request.headers
      resumed.put(typeof lastId === 'string' ? lastId : undefined)
      cuts.push(() => response.destroy())
      const headers = { authorization: `Bearer ${hub.secret}`, ...(lastId && { 'last-event-id': String(lastId) }) }
      void fetch(`${hub.url}${request.url}`, { headers }).then(async ({ status, body }) => {
        response.writeHead(status)
        for await (const chunk of body ?? []) response.write(chunk)
        response.end()
      })
    })
    const { id } = await open(hub).submitTask(keepForAtlas('write'))
    const calls = open({ ...hub, url: between.url, secret: hub.secret, socketUrl: '' })
    const end = calls.watchTask(id, (event) => events.put(event), AbortSignal.timeout(8_000))
    const task = await atlas.nextTask()
    atlas.accept(task)
    await events.take(({ event, data }) => event !== 'delta' && 'state' in data && data.state === 'working', 'work')
    cuts[0]?.()
    expect(await resumed.take((lastId) => lastId !== undefined, 'the resume')).toMatch(/^\d+$/)
    atlas.reply(task, 'written')
    expect(await end).toMatchObject({ state: 'completed', response: 'written' })
    expect(events.seen.filter(({ event }) => event === 'snapshot')).toHaveLength(1)
  })

  test('that holds events back is given up for asking now and then', async () => {
    await using hub = await startHub()
    await using atlas = await connect(hub, { name: 'atlas' })
    const { id } = await open(hub).submitTask(keepForAtlas('write'))
    const polls = new Inbox<string>()
    await using between = await serve((request, response) => {
      const url = request.url ?? ''
      polls.put(url)
      // a proxy that gathers the stream says nothing for ever
      if (url.endsWith('/events')) response.writeHead(200).flushHeaders()
      else
        void fetch(`${hub.url}${url}`, { headers: { authorization: `Bearer ${hub.secret}` } }).then(async (answer) => {
          response.writeHead(answer.status).end(await answer.text())
        })
    })
    const calls = open({ ...hub, url: between.url, socketUrl: '', secret: hub.secret }, { idleMsMax: 20 })
    const end = calls.watchTask(id, () => {}, AbortSignal.timeout(8_000))
    for (let count = 0; count < 4; count++) await polls.take((url) => !url.endsWith('/events'), 'a question')
    atlas.reply(await atlas.nextTask(), 'written')
    expect(await end).toMatchObject({ state: 'completed' })
    expect(polls.seen.filter((url) => url.endsWith('/events'))).toHaveLength(2)
  })

  test('to nobody, to a stranger, to one who says too much or nothing, is said in a sentence', async () => {
    const nobody = openHub({ url: 'http://127.0.0.1:9' })
    expect(await failureOf(nobody.listAgents())).toMatchObject({
      code: 'unreachable',
      isPassing: true,
      message: 'The hub cannot be reached: nothing listens there; is the hub running, and are host and port right?',
    })
    await using stranger = await serve((_request, response) => response.end('<html>'))
    expect(await failureOf(openHub({ url: stranger.url }).listAgents())).toMatchObject({ code: 'bad_answer' })
    await using proxy = await serve((_request, response) => response.writeHead(502).end('bad gateway'))
    expect(await failureOf(openHub({ url: proxy.url }).listAgents())).toMatchObject({
      code: 'bad_answer',
      isPassing: true,
    })
    await using flood = await serve((_request, response) => response.end('x'.repeat(5_000)))
    const small = openHub({ url: flood.url, bounds: { bytesMax: 1_000 } })
    expect(await failureOf(small.listAgents())).toMatchObject({ code: 'bad_answer', isPassing: false })
    await using silence = await serve(() => {})
    const hasty = openHub({ url: silence.url, bounds: { answerMsMax: 20 } })
    expect(await failureOf(hasty.listAgents())).toMatchObject({ code: 'no_answer', isPassing: true })
    await using stall = await serve((_request, response) => response.writeHead(200).write('{'))
    const waiting = openHub({ url: stall.url, bounds: { answerMsMax: 20 } })
    expect(await failureOf(waiting.listAgents())).toMatchObject({ code: 'no_answer' })
  })

  test('the credential stays with the hub that redirects', async () => {
    const seen: (string | undefined)[] = []
    await using other = await serve((request, response) => {
      seen.push(request.headers.authorization)
      response.end()
    })
    await using hub = await serve((_request, response) => response.writeHead(307, { location: other.url }).end())
    const calls = openHub({ url: hub.url, secret: 'the-secret-of-this-hub' })
    expect(await failureOf(calls.listAgents())).toMatchObject({ code: 'bad_answer' })
    expect(seen).toEqual([])
  })

  test('routes are found below the path of the link, or at the root', async () => {
    await using hub = await startHub()
    await using _socket = await dial(hub, { path: '/link' })
    expect(await openHub({ url: `${hub.url}/link`, secret: hub.secret }).listAgents()).toEqual([])
    await using proxy = await serve((request, response) => {
      const isBelow = request.url?.startsWith('/below/') === true
      void fetch(`${hub.url}${request.url?.slice('/below'.length)}`, {
        headers: { authorization: request.headers.authorization ?? '' },
      }).then(async (answer) => {
        response.writeHead(isBelow ? answer.status : 404).end(await answer.text())
      })
    })
    expect(await openHub({ url: `${proxy.url}/below`, secret: hub.secret }).listAgents()).toEqual([])
  })
})
