import { describe, expect, it } from 'vitest'
import { LONELY, useDoctor } from '../test-support/examine.ts'
import { refuse, startVendor, type VendorScript } from '../test-support/vendor-server.ts'

const HEALTH = { status: 'ok', agents: 2, uptime: 1, version: '0.1.0' }
const DAY_MS = 86_400_000

/** A hub's REST side, as a proxy shows it that lets no WebSockets pass. */
const hub =
  (more: { readonly clockMs?: number; readonly below?: string; readonly health?: object } = {}): VendorScript =>
  (response, { path, headers }) => {
    const now = more.clockMs
    if (now !== undefined) response.setHeader('date', new Date(now).toUTCString())
    const base = more.below ?? ''
    const isKnown = path === `${base}/health` || path === `${base}/agents`
    const isWelcome = path.endsWith('/health') || headers.authorization === 'Bearer the-right-secret'
    const body = path.endsWith('/health') ? { ...HEALTH, ...more.health } : { agents: [] }
    response.writeHead(isKnown ? (isWelcome ? 200 : 401) : 404, { 'content-type': 'application/json' })
    response.end(JSON.stringify(body))
  }

const examineHub = async (script: VendorScript, path = '', secret = 'the-right-secret') => {
  using doctor = useDoctor()
  await using vendor = await startVendor(script)
  const variables = { ...LONELY, AGENT_HUB_URL: `${vendor.url}${path}`, AGENT_HUB_SECRET: secret }
  const { checks, text } = await doctor.examine(variables, { bounds: { hubMs: 10_000 } })
  expect(text).not.toContain(secret)
  const found = checks.filter(({ name }) => name.startsWith('hub'))
  return Object.fromEntries(found.map((check) => [check.name, check]))
}

describe('the hub', () => {
  it('that does not run is to be started', async () => {
    using doctor = useDoctor()
    const { of } = await doctor.examine({ ...LONELY, AGENT_HUB_URL: 'http://127.0.0.1:9' })
    expect(of('hub')).toMatchObject([
      {
        status: 'fail',
        detail: expect.stringContaining('nothing listens there'),
        fix: expect.stringMatching(/"pnpm hub".*AGENT_HUB_URL/),
      },
    ])
  })

  it('that says nothing costs no more than its bound', async () => {
    using doctor = useDoctor()
    await using vendor = await startVendor(() => {})
    const { of } = await doctor.examine({ ...LONELY, AGENT_HUB_URL: vendor.url }, { bounds: { hubMs: 200 } })
    expect(of('hub')).toMatchObject([{ status: 'fail', detail: expect.stringContaining('no answer within 0.2 s') }])
  })

  it.each([
    ['something else', refuse(200, { hello: 'world' }), /no AI COMMS hub/],
    [
      'the health port of an agent',
      refuse(200, { agent: 'Nova', link: 'online' }),
      /the health port of the agent Nova/,
    ],
    ['a redirect', refuse(301, {}, { location: 'https://hub.example/x?y' }), /a redirect to https:\/\/hub\.example\.$/],
  ])('that is %s is no hub', async (_what, script, detail) => {
    const { hub: found } = await examineHub(script)
    expect(found).toMatchObject({ status: 'fail', fix: expect.stringContaining('AGENT_HUB_URL') })
    expect(found?.detail).toMatch(detail)
  })

  it('behind a proxy that passes no upgrades opens no WebSocket', async () => {
    const found = await examineHub(hub())
    expect(found['hub']).toMatchObject({ status: 'ok', detail: expect.stringContaining('2 agents online') })
    expect(found['hub socket']).toMatchObject({ status: 'fail', fix: expect.stringContaining('proxy') })
    expect(found['hub secret']).toMatchObject({ status: 'ok' })
    expect(found['hub clock']).toMatchObject({ status: 'ok' })
  })

  it('is found below the path of its URL, and else at the root', async () => {
    expect((await examineHub(hub({ below: '/team' }), '/team/'))['hub']).toMatchObject({ status: 'ok' })
    expect((await examineHub(hub(), '/anything'))['hub secret']).toMatchObject({ status: 'ok' })
  })

  it.each([
    [-29_000, 'ok', /agrees/],
    [-3_600_000, 'warn', /36\d\d s ahead of the hub's/],
    [3_600_000, 'warn', /3[56]\d\d s behind the hub's/],
  ])('whose clock differs by %i ms is %s', async (differenceMs, status, detail) => {
    const found = (await examineHub(hub({ clockMs: Date.now() + differenceMs })))['hub clock']
    expect(found?.status).toBe(status)
    expect(found?.detail).toMatch(detail)
  })

  it('that asks for a secret where none is set is told with both ways to get one', async () => {
    using doctor = useDoctor()
    await using vendor = await startVendor(hub())
    const { of } = await doctor.examine({ ...LONELY, AGENT_HUB_URL: vendor.url })
    expect(of('hub secret')).toMatchObject([
      { status: 'fail', fix: expect.stringMatching(/HUB_SECRET of the hub.*AGENT_HUB_SECRET.*pnpm hub token issue/) },
    ])
  })

  it('that can never be shown a secret is not asked, and another one is to be written', async () => {
    const found = (await examineHub(hub(), '', 'Schlüsselwörter-für-alle'))['hub secret']
    expect(found).toMatchObject({
      status: 'fail',
      detail: 'AGENT_HUB_SECRET holds letters that no HTTP header can carry.',
      fix: expect.stringMatching(/HUB_SECRET of the hub.*AGENT_HUB_SECRET.*pnpm hub token issue/),
    })
  })

  it('that ends or has lost its storage is worth a warning', async () => {
    for (const status of ['draining', 'degraded']) {
      expect((await examineHub(hub({ health: { status } })))['hub']).toMatchObject({ status: 'warn' })
    }
  })

  it('that takes a token is believed, and what the token says of itself is weighed then', async () => {
    const takesAll: VendorScript = (response, request) =>
      hub()(response, {
        ...request,
        headers: request.headers.authorization ? { authorization: 'Bearer the-right-secret' } : {},
      })
    const toToken = (claims: object) => `head.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.signature`
    const weigh = async (claims: object) => (await examineHub(takesAll, '', toToken(claims)))['hub secret']
    const exp = Math.floor((Date.now() + 30 * DAY_MS) / 1_000)
    expect(await weigh({ sub: 'ATLAS', scope: 'tasks:read agent', exp })).toMatchObject({ status: 'ok' })
    expect(await weigh({ sub: 'nova', scope: 'agent', exp })).toMatchObject({
      status: 'fail',
      fix: expect.stringContaining('AGENT_NAME=nova'),
    })
    expect(await weigh({ sub: 'atlas', scope: 'tasks:read', exp })).toMatchObject({
      status: 'fail',
      fix: expect.stringContaining('pnpm hub token issue'),
    })
    const soon = Math.floor((Date.now() + DAY_MS) / 1_000)
    expect(await weigh({ sub: 'atlas', scope: 'agent', exp: soon })).toMatchObject({ status: 'warn' })
    expect(await weigh({ some: 'secret' })).toMatchObject({ status: 'ok', detail: expect.stringContaining('any name') })
  })
})
