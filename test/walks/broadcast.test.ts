import { expect, test } from 'vitest'
import { connect } from '../helpers/peer.ts'
import { startHub } from '../helpers/start-hub.ts'

test('a broadcast reaches every session, and the results are in order of registration', async () => {
  await using hub = await startHub()
  await using one = await connect(hub, { name: 'a' })
  await using two = await connect(hub, { name: 'b', protocol: 2 })
  await using three = await connect(hub, { name: 'a' })
  const answer = hub.post('/broadcast', { message: 'status?', sender: 'admin' })
  const base = { type: 'task', message: 'status?', sender: 'admin' }
  for (const [agent, response] of [
    [three, '3'],
    [two, '2'],
    [one, '1'],
  ] as const) {
    const task = await agent.nextTask()
    expect(task).toMatchObject(base)
    agent.reply(task, response)
  }
  const { status, body } = await answer
  expect(status).toBe(200)
  expect(body).toMatchObject({
    results: [
      { success: true, agent: 'a', response: '1' },
      { success: true, agent: 'b', response: '2' },
      { success: true, agent: 'a', response: '3' },
    ],
  })
})

test('a broadcast to nobody is answered at once with no results', async () => {
  await using hub = await startHub()
  expect(await hub.post('/broadcast', { message: 'x' })).toMatchObject({ status: 200, body: { results: [] } })
})

test('failures stand inside the results and never fail the whole', async () => {
  await using hub = await startHub()
  await using fine = await connect(hub, { name: 'fine' })
  await using failing = await connect(hub, { name: 'failing' })
  await using wrong = await connect(hub, { name: 'wrong' })
  const dying = await connect(hub, { name: 'dying' })
  await using _silent = await connect(hub, { name: 'silent' })
  await using _begun = await connect(hub, { name: 'begun', protocol: 2, instanceId: 'i' })
  const answer = hub.post('/broadcast', { message: 'x', timeoutMs: 20_000 })
  fine.reply(await fine.nextTask(), 'ok')
  failing.fail(await failing.nextTask(), 'Out of tea')
  wrong.reply(await wrong.nextTask(), 7)
  await dying.nextTask()
  await dying.crash()
  _begun.accept(await _begun.nextTask())
  await _begun.settle()
  await _begun.crash()
  await hub.event('session.closed', ({ agent }) => agent === 'begun')
  hub.advance(15_100)
  hub.advance(5_000)
  const { status, body } = await answer
  expect(status).toBe(200)
  const failed = (agent: string, code: string) => ({ success: false, agent, code, error: expect.stringMatching(/\w/) })
  expect(body).toMatchObject({
    results: [
      { success: true, agent: 'fine', response: 'ok' },
      failed('failing', 'agent_error'),
      failed('wrong', 'bad_response'),
      failed('dying', 'agent_disconnected'),
      failed('silent', 'task_timeout'),
      failed('begun', 'agent_disconnected'),
    ],
  })
})

test('a session that holds its limit of tasks is busy in the results', async () => {
  await using hub = await startHub()
  await using full = await connect(hub, { name: 'full' })
  const calls = Array.from({ length: 256 }, () =>
    hub.post('/task', { agent: 'full', message: 'x' }, { limitMs: 15_000 }),
  )
  for (const _ of calls) await full.nextTask()
  const { status, body } = await hub.post('/broadcast', { message: 'x' })
  expect(status).toBe(200)
  expect(body).toMatchObject({ results: [{ success: false, agent: 'full', code: 'agent_busy' }] })
  await full.crash()
  await Promise.all(calls)
})

test.each([
  ['no message', {}],
  ['an empty message', { message: '' }],
  ['a message of a wrong type', { message: 7 }],
  ['a long sender', { message: 'x', sender: 's'.repeat(129) }],
  ['a short timeout', { message: 'x', timeoutMs: 999 }],
])('a broadcast with %s is 400 and reaches nobody', async (_what, body) => {
  await using hub = await startHub()
  await using agent = await connect(hub, { name: 'a' })
  expect(await hub.post('/broadcast', body)).toMatchObject({ status: 400, body: { code: 'bad_request' } })
  await agent.settle()
  expect(agent.seenOf('task')).toEqual([])
})

test('during the cooldown a broadcast is 429 with Retry-After and one failed result; a refused one starts none', async () => {
  await using hub = await startHub({ env: { HUB_BROADCAST_COOLDOWN_MS: '10000' } })
  expect(await hub.post('/broadcast', {})).toMatchObject({ status: 400 })
  expect(await hub.post('/broadcast', { message: 'x' })).toMatchObject({ status: 200 })
  hub.clock.time += 7_500
  const early = await hub.post('/broadcast', { message: 'x' })
  expect(early).toMatchObject({ status: 429, body: { code: 'rate_limited', status: 429 } })
  expect(early.headers['retry-after']).toBe('3')
  expect(early.body?.['results']).toEqual([
    { success: false, agent: expect.any(String), error: expect.any(String), code: 'rate_limited' },
  ])
  hub.clock.time += 2_500
  expect(await hub.post('/broadcast', { message: 'x' })).toMatchObject({ status: 200 })
})

test('who leaves the line cancels a broadcast for all who have not answered', async () => {
  await using hub = await startHub()
  await using agent = await connect(hub, { name: 'a', protocol: 2 })
  const caller = new AbortController()
  const answer = hub.post('/broadcast', { message: 'x' }, { signal: caller.signal })
  const task = await agent.nextTask()
  caller.abort()
  await expect(answer).rejects.toThrow()
  expect(await agent.next('task-cancel')).toMatchObject({ requestId: task.requestId })
})
