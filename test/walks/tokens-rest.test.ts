import { expect, test } from 'vitest'
import { connect } from '../helpers/peer.ts'
import { bearer, startTokenHub, type TokenHub } from '../helpers/token-folder.ts'

const ID = '00000000-0000-4000-8000-000000000000'
const ROUTES = [
  ['GET', '/agents', 'tasks:read'],
  ['HEAD', '/agents', 'tasks:read'],
  ['POST', '/task', 'tasks:write'],
  ['POST', '/broadcast', 'tasks:write'],
  ['POST', '/tasks', 'tasks:write'],
  ['GET', '/tasks', 'tasks:read'],
  ['GET', `/tasks/${ID}`, 'tasks:read'],
  ['GET', `/tasks/${ID}/events`, 'tasks:read'],
  ['POST', `/tasks/${ID}/cancel`, 'tasks:write'],
] as const

const call = async ({ hub }: TokenHub, method: string, path: string, token: string) =>
  hub.callBare(method, path, { ...bearer(token), ...(method === 'POST' ? { body: { message: 'x' } } : {}) })

test.each(ROUTES)('%s %s asks for a token with %s, or admin', async (method, path, needed) => {
  await using tokens = await startTokenHub()
  for (const scope of ['agent', 'tasks:read', 'tasks:write', 'admin'] as const) {
    const { token } = await tokens.issue('ops@example.com', [scope])
    const answer = await call(tokens, method, path, token)
    // What passes is refused later for another reason: the body or the id is nobody's
    const passes = scope === needed || scope === 'admin'
    expect(answer.status === 403, scope).toBe(!passes)
    expect(answer.status, scope).not.toBe(401)
    if (passes || method === 'HEAD') continue
    expect(answer.body).toMatchObject({ status: 403, code: 'forbidden', detail: expect.stringContaining(needed) })
  }
})

test('the shared secret may do everything, and health asks nobody', async () => {
  await using tokens = await startTokenHub()
  for (const [method, path] of ROUTES) {
    expect([401, 403]).not.toContain((await call(tokens, method, path, tokens.hub.secret)).status)
  }
  const { token } = await tokens.issue('ops', [])
  for (const path of ['/health', '/ready']) expect((await call(tokens, 'GET', path, token)).status).toBe(200)
})

test('a token reads and sends tasks, with a body, on its first use and later', async () => {
  await using tokens = await startTokenHub()
  const { hub } = tokens
  await using agent = await connect(hub, { name: 'atlas' })
  const { token } = await tokens.issue('ops', ['tasks:read', 'tasks:write'])
  for (const response of ['first', 'second']) {
    const answer = hub.callBare('POST', '/task', { ...bearer(token), body: { agent: 'atlas', message: 'x' } })
    agent.reply(await agent.nextTask(), response)
    expect(await answer).toMatchObject({ status: 200, body: { response } })
  }
  expect(await hub.callBare('GET', '/agents', bearer(token))).toMatchObject({ status: 200, body: { agents: [{}] } })
})

test('what one credential has sent under a key is not what another one sends', async () => {
  await using tokens = await startTokenHub({ env: { HUB_SECRET_PREVIOUS: 'the-previous-secret' } })
  const { hub } = tokens
  const [one, two] = [await tokens.issue('ops', ['tasks:write']), await tokens.issue('ops', ['tasks:write'])]
  const send = async (secret: string) => {
    const { headers } = bearer(secret)
    const { body } = await hub.callBare('POST', '/tasks', {
      headers: { ...headers, 'idempotency-key': 'key-1' },
      body: { agent: 'atlas', message: 'x' },
    })
    return body?.['id']
  }
  const first = await send(one.token)
  expect(first).toEqual(expect.any(String))
  expect(await send(one.token)).toBe(first)
  expect(await send(two.token)).not.toBe(first)
  expect(await send(hub.secret)).toBe(await send('the-previous-secret'))
  expect(await send(hub.secret)).not.toBe(first)
})
