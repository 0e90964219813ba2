import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { StorageError } from '../../core/failures.ts'
import { sign, toDelivery, toTextMessage } from '../../test-support/cloud-deliveries.ts'
import { FakeClock } from '../../test-support/fake-clock.ts'
import { CLOUD_SECRETS } from '../../test-support/set-up-cloud.ts'
import { type CloudEvent, createComplain } from './events.ts'
import type { TakeOutcome } from './intake.ts'
import { RefusalTally } from './refusal-tally.ts'
import { startWebhook, WEBHOOK_BOUNDS, type WebhookBounds } from './webhook.ts'

const PATH = '/webhooks/whatsapp'

/** Resolves when a line is closed, also one that is cut while it is written to. */
const whenClosed = (socket: Socket): Promise<void> =>
  new Promise((resolve) => {
    socket.on('error', () => undefined).once('close', () => resolve())
  })

const useWebhook = async (bounds: Partial<WebhookBounds> = {}) => {
  const events: CloudEvent[] = []
  const bodies: string[] = []
  const clock = new FakeClock()
  const observe = (event: CloudEvent) => void events.push(event)
  const tally = new RefusalTally(clock, observe)
  let act = (): TakeOutcome => 'taken'
  const webhook = await startWebhook({
    settings: { host: '127.0.0.1', port: 0, path: PATH, ...CLOUD_SECRETS },
    bounds: { ...WEBHOOK_BOUNDS, ...bounds },
    take: (body) => {
      bodies.push(Buffer.from(body).toString())
      return act()
    },
    refuse: (why) => tally.note(why),
    observe,
    complain: createComplain(observe),
  })
  const url = `http://127.0.0.1:${webhook.port}`
  const post = (body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) =>
    fetch(`${url}${PATH}`, { method: 'POST', body, headers })
  return {
    ...{ webhook, url, events, bodies, clock, post },
    signed: (body: string, headers: Record<string, string> = {}) =>
      post(body, { 'x-hub-signature-256': sign(body, CLOUD_SECRETS.appSecret), ...headers }),
    ask: (query: string) => fetch(`${url}${PATH}?${query}`),
    takeBy: (how: () => TakeOutcome) => {
      act = how
    },
    refused: () => events.flatMap((event) => (event.type === 'cloud.webhook-refused' ? [event.why] : [])),
    /** Writes bytes to a line of its own; what comes back until it is closed. */
    write: async (...pieces: readonly string[]) => {
      const socket = connect(webhook.port, '127.0.0.1')
      let heard = ''
      socket.on('data', (chunk: Buffer) => {
        heard += chunk.toString()
      })
      const closed = whenClosed(socket)
      for (const piece of pieces) socket.write(piece)
      await closed
      return heard
    },
    [Symbol.asyncDispose]: () => webhook.close(),
  }
}

describe('Meta asking whether the webhook is ours', () => {
  it('gets its challenge back when it says our word', async () => {
    await using hook = await useWebhook()
    const response = await hook.ask(
      `hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=${CLOUD_SECRETS.verifyToken}`,
    )
    expect([response.status, await response.text()]).toEqual([200, '1158201444'])
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8')
    expect(hook.events).toContainEqual({ type: 'cloud.webhook-verified' })
  })

  it.each([
    ['another word', 'hub.mode=subscribe&hub.challenge=1&hub.verify_token=another'],
    ['no word', 'hub.mode=subscribe&hub.challenge=1'],
    ['no mode', `hub.challenge=1&hub.verify_token=${CLOUD_SECRETS.verifyToken}`],
    ['no challenge', `hub.mode=subscribe&hub.verify_token=${CLOUD_SECRETS.verifyToken}`],
    ['a page', `hub.mode=subscribe&hub.verify_token=${CLOUD_SECRETS.verifyToken}&hub.challenge=%3Cscript%3E`],
    ['a novel', `hub.mode=subscribe&hub.verify_token=${CLOUD_SECRETS.verifyToken}&hub.challenge=${'1'.repeat(257)}`],
  ])('is refused with %s, and nothing is given back', async (_what, query) => {
    await using hook = await useWebhook()
    const response = await hook.ask(query)
    expect([response.status, await response.text()]).toEqual([403, ''])
    expect(hook.refused()).toEqual(['verify-token'])
  })
})

describe('a delivery', () => {
  it('that Meta has signed is taken byte by byte, and answered when it is kept', async () => {
    await using hook = await useWebhook()
    // Meta writes characters beyond ASCII in its own way, and it is its bytes that are signed
    const body = '{"object":"whatsapp_business_account",  "entry":[],"text":"\\u00e4\\/ä"}'
    expect((await hook.signed(body)).status).toBe(200)
    expect(hook.bodies).toEqual([body])
  })

  it.each([
    ['none', undefined],
    ['that of another secret', sign('{}', 'f'.repeat(32))],
    ['that of another body', sign('{ }', CLOUD_SECRETS.appSecret)],
    ['a shorter one', sign('{}', CLOUD_SECRETS.appSecret).slice(0, -1)],
    ['one without its kind', sign('{}', CLOUD_SECRETS.appSecret).slice(7)],
    ['the older kind', sign('{}', CLOUD_SECRETS.appSecret).replace('sha256', 'sha1')],
    ['words', 'sha256=please'],
  ])('with %s as its signature is refused, and not looked at', async (_what, signature) => {
    await using hook = await useWebhook()
    const response = await hook.post('{}', signature === undefined ? {} : { 'x-hub-signature-256': signature })
    expect(response.status).toBe(401)
    expect(hook.bodies).toEqual([])
    expect(hook.refused()).toEqual(['signature'])
  })

  it.each([
    ['not-json', 400, null],
    ['inbox-full', 503, '30'],
  ] as const)('that is %s is refused with %i', async (outcome, status, retryAfter) => {
    await using hook = await useWebhook()
    hook.takeBy(() => outcome)
    const response = await hook.signed('{}')
    expect([response.status, response.headers.get('retry-after')]).toEqual([status, retryAfter])
    expect(hook.refused()).toEqual([outcome])
  })

  it('that cannot be kept is brought again, whether the disk or we fail', async () => {
    await using hook = await useWebhook()
    for (const error of [new StorageError('SQLITE_FULL'), new TypeError('a bug with Anna in it')]) {
      hook.takeBy(() => {
        throw error
      })
      expect((await hook.signed('{}')).status).toBe(503)
    }
    expect(hook.events).toContainEqual({ type: 'cloud.storage-failed', code: 'SQLITE_FULL' })
    expect(hook.events).toContainEqual(expect.objectContaining({ type: 'cloud.broken', name: 'TypeError' }))
    expect(JSON.stringify(hook.events)).not.toContain('Anna')
    hook.takeBy(() => 'taken')
    expect((await hook.signed('{}')).status).toBe(200)
  })

  it('of any bytes is refused or taken, and never ends the server', async () => {
    await using hook = await useWebhook()
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), fc.boolean(), async (bytes, isSigned) => {
        const body = new Uint8Array(bytes)
        const headers = { 'x-hub-signature-256': sign(body, isSigned ? CLOUD_SECRETS.appSecret : 'another') }
        expect((await hook.post(body, headers)).status).toBe(isSigned ? 200 : 401)
      }),
      { numRuns: 60 },
    )
  })
})

describe('a hostile or slow client', () => {
  it.each([
    '/',
    '/webhooks',
    '/webhooks/whatsapp/',
    '/webhooks/whatsapp/x',
    '/WEBHOOKS/WHATSAPP',
    '//webhooks/whatsapp',
  ])('finds nothing at %s', async (path) => {
    await using hook = await useWebhook()
    const response = await fetch(`${hook.url}${path}`, { method: 'POST', body: '{}' })
    expect([response.status, await response.text()]).toEqual([404, ''])
  })

  it.each(['PUT', 'DELETE', 'OPTIONS', 'HEAD'])('may not %s', async (method) => {
    await using hook = await useWebhook()
    const response = await fetch(`${hook.url}${PATH}`, { method })
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, POST'])
  })

  const head = (more: string) =>
    `POST ${PATH} HTTP/1.1\r\nHost: x\r\nX-Hub-Signature-256: ${sign('x', 'y')}\r\n${more}\r\n\r\n`

  it('that announces more than may be is refused before it says it', async () => {
    await using hook = await useWebhook({ bodyBytesMax: 1_000 })
    expect(await hook.write(head('Content-Length: 1001'))).toMatch(/^HTTP\/1\.1 413 /)
    expect(hook.refused()).toEqual(['too-large'])
  })

  it('that says more than may be without announcing it is cut off', async () => {
    await using hook = await useWebhook({ bodyBytesMax: 1_000 })
    const chunk = `3e8\r\n${'x'.repeat(1_000)}\r\n`
    expect(await hook.write(head('Transfer-Encoding: chunked'), chunk, chunk)).toMatch(/^HTTP\/1\.1 413 /)
    expect(hook.bodies).toEqual([])
  })

  it('may deliver as much as Meta ever does', async () => {
    await using hook = await useWebhook()
    const body = JSON.stringify({ pad: 'x'.repeat(3_500_000) })
    expect((await hook.signed(body)).status).toBe(200)
  })

  it('gets no more memory than there is for all, and Meta its turn when they are gone', async () => {
    await using hook = await useWebhook({ bodiesBytesMax: 1_000 })
    const socket = connect(hook.webhook.port, '127.0.0.1')
    socket.write(`${head('Content-Length: 900')}${'x'.repeat(800)}`)
    // the bytes must have been read before the next ones come
    const body = 'y'.repeat(300)
    const statuses: number[] = []
    while (statuses.at(-1) !== 503) statuses.push((await hook.signed(body)).status)
    socket.destroy()
    while (statuses.at(-1) !== 200) statuses.push((await hook.signed(body)).status)
    expect(hook.refused()).toContain('busy')
  })

  it('beyond as many as may be connected is not heard', async () => {
    await using hook = await useWebhook({ connectionsMax: 1 })
    const socket = connect(hook.webhook.port, '127.0.0.1')
    await once(socket, 'connect')
    socket.write(head('Content-Length: 900'))
    // dropped before a word, as long as the first is there
    expect(await hook.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')).toBe('')
    const closed = whenClosed(socket)
    socket.destroy()
    await closed
  })

  it.each([
    ['head', { headMsMax: 50 }, [`POST ${PATH} HTTP/1.1\r\nHost: x\r\n`]],
    ['body', { requestMsMax: 100, headMsMax: 50 }, [head('Content-Length: 10'), 'xxx']],
  ])('that does not finish its %s is hung up on', async (_what, bounds, pieces) => {
    await using hook = await useWebhook(bounds)
    expect(await hook.write(...pieces)).toMatch(/^HTTP\/1\.1 408 /)
    expect((await hook.signed('{}')).status).toBe(200)
  })

  it('that hangs up in the middle leaves no trace', async () => {
    await using hook = await useWebhook()
    const socket = connect(hook.webhook.port, '127.0.0.1')
    const closed = whenClosed(socket)
    socket.write(`${head('Content-Length: 900')}${'x'.repeat(100)}`, () => socket.destroy())
    await closed
    expect((await hook.signed('{}')).status).toBe(200)
    expect(hook.events.filter(({ type }) => type === 'cloud.broken')).toEqual([])
  })

  it.each(['\0\0\0\0', 'GET / HTTP/9.9\r\n\r\n', `${'A'.repeat(40_000)}\r\n\r\n`])(
    'of other words is told so',
    async (words) => {
      await using hook = await useWebhook()
      expect(await hook.write(words)).toMatch(/^HTTP\/1\.1 4\d\d /)
    },
  )

  it('makes one line of the log a minute, however much it knocks', async () => {
    await using hook = await useWebhook()
    const told = () => hook.events.filter(({ type }) => type === 'cloud.webhook-refused')
    for (let count = 0; count < 50; count += 1) await hook.post('{}')
    expect(told()).toEqual([{ type: 'cloud.webhook-refused', why: 'signature', requests: 1 }])
    hook.clock.pass(60_000)
    expect(told().slice(1)).toEqual([{ type: 'cloud.webhook-refused', why: 'signature', requests: 49 }])
    hook.clock.pass(60_000)
    expect(hook.clock.alarms).toBe(0)
    await hook.post('{}')
    expect(told()).toHaveLength(3)
  })
})

describe('the door', () => {
  it('says in one sentence when its port is taken', async () => {
    await using hook = await useWebhook()
    const other = startWebhook({
      settings: { host: '127.0.0.1', port: hook.webhook.port, path: PATH, ...CLOUD_SECRETS },
      ...{ bounds: WEBHOOK_BOUNDS, take: () => 'taken', refuse: () => undefined },
      ...{ observe: () => undefined, complain: () => undefined },
    })
    await expect(other).rejects.toThrow(
      `WHATSAPP_CLOUD_WEBHOOK_PORT ${hook.webhook.port} is taken on 127.0.0.1; set another one.`,
    )
  })

  it('closes at once, whoever is in it', async () => {
    const hook = await useWebhook()
    const socket = connect(hook.webhook.port, '127.0.0.1')
    socket.write('POST / HTTP/1.1\r\n')
    const closed = whenClosed(socket)
    await once(socket, 'connect')
    await Promise.all([hook.webhook.close(), closed])
    await expect(hook.signed(JSON.stringify(toDelivery({ messages: [toTextMessage('x', 1)] })))).rejects.toThrow()
  })
})
