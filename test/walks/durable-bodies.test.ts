import { describe, expect, test } from 'vitest'
import { openDataFolder, STORES } from '../helpers/data-folder.ts'
import { findTask, submit } from '../helpers/durable-calls.ts'
import { connect } from '../helpers/peer.ts'
import { startHub } from '../helpers/start-hub.ts'

const PROBLEM = 'application/problem+json'
const MIB = 1_048_576

const wrong: [string, unknown, string?][] = [
  ['no body', undefined],
  ['an empty text', ''],
  ['broken JSON', '{"agent":"a",', 'bad_json'],
  ['a list', [{ agent: 'a', message: 'x' }]],
  ['a text', '"x"'],
  ['null', 'null'],
  ['neither agent nor skill', { message: 'x' }],
  ['both agent and skill', { agent: 'a', skill: 's', message: 'x' }],
  ['an empty agent', { agent: '', message: 'x' }],
  ['a number as agent', { agent: 7, message: 'x' }],
  ['null as agent', { agent: null, message: 'x' }],
  ['an agent that begins with a dash', { agent: '-a', message: 'x' }],
  ['an agent with a line feed', { agent: 'a\nb', message: 'x' }],
  ['an agent with a slash', { agent: 'a/b', message: 'x' }],
  ['an agent of 65 characters', { agent: 'a'.repeat(65), message: 'x' }],
  ['an agent of one space', { agent: ' ', message: 'x' }],
  ['an empty skill', { skill: '', message: 'x' }],
  ['a list as skill', { skill: ['s'], message: 'x' }],
  ['a skill of 65 characters', { skill: 's'.repeat(65), message: 'x' }],
  ['no message', { agent: 'a' }],
  ['an empty message', { agent: 'a', message: '' }],
  ['an object as message', { agent: 'a', message: { text: 'x' } }],
  ['null as message', { agent: 'a', message: null }],
  ['a sender of 129 characters', { agent: 'a', message: 'x', sender: 's'.repeat(129) }],
  ['a number as sender', { agent: 'a', message: 'x', sender: 7 }],
  ['a timeout of 999 ms', { agent: 'a', message: 'x', timeoutMs: 999 }],
  ['a timeout of 3 600 001 ms', { agent: 'a', message: 'x', timeoutMs: 3_600_001 }],
  ['a timeout as text', { agent: 'a', message: 'x', timeoutMs: '5000' }],
  ['a ttl of 999 ms', { agent: 'a', message: 'x', ttlMs: 999 }],
  ['a ttl of 30 days and 1 ms', { agent: 'a', message: 'x', ttlMs: 2_592_000_001 }],
  ['a ttl of half a millisecond', { agent: 'a', message: 'x', ttlMs: 1_000.5 }],
  ['a ttl as text', { agent: 'a', message: 'x', ttlMs: '5000' }],
  ['null as ttl', { agent: 'a', message: 'x', ttlMs: null }],
  ['a ttl beyond numbers', '{"skill":"s","message":"x","ttlMs":1e999}'],
  ['an empty conversationId', { agent: 'a', message: 'x', conversationId: '' }],
  ['a conversationId of 129 characters', { agent: 'a', message: 'x', conversationId: 'c'.repeat(129) }],
  ['a negative hops', { agent: 'a', message: 'x', hops: -1 }],
  ['a ninth hop', { agent: 'a', message: 'x', hops: 9 }, 'loop_detected'],
]

describe('POST /tasks', () => {
  test.each(wrong)('with %s is a 400 problem that names the agent, and keeps nothing', async (_what, body, code) => {
    await using hub = await startHub()
    await using agent = await connect(hub, { name: 'a', skills: ['s'] })
    const answer = await hub.post('/tasks', body)
    expect(answer).toMatchObject({ status: 400, body: { code: code ?? 'bad_request', success: false, status: 400 } })
    expect(answer.headers['content-type']).toContain(PROBLEM)
    expect(answer.headers).not.toHaveProperty('location')
    expect(answer.body?.['error']).toEqual(expect.stringMatching(/\w/))
    expect(answer.body?.['error']).toBe(answer.body?.['detail'])
    const isObject = typeof body === 'object' && body !== null
    const target = isObject && 'agent' in body && typeof body.agent === 'string' ? body.agent : undefined
    expect(answer.body?.['agent']).toBe(target)
    expect((await hub.get('/tasks')).body).toEqual({ tasks: [] })
    await agent.settle()
    expect(agent.seenOf('task')).toEqual([])
  })

  test('takes the bounds themselves', async () => {
    await using hub = await startHub()
    const bounds = [
      { ttlMs: 1_000 },
      { ttlMs: 2_592_000_000 },
      { timeoutMs: 1_000 },
      { timeoutMs: 3_600_000, ttlMs: 1_000 },
      { sender: '𐐀'.repeat(128) },
      { sender: '' },
      { hops: 8 },
      { conversationId: '𐐀'.repeat(128) },
      { agent: '𐐀'.repeat(64) },
      { agent: 'Ｂｏｂ von Ägypten-2.0_x' },
      { skill: '𐐀'.repeat(64) },
      { skill: ' ' },
    ]
    for (const more of bounds) {
      const task = await submit(hub, more)
      if ('sender' in more || 'conversationId' in more || 'skill' in more) expect(task).toMatchObject(more)
      const stay = 'timeoutMs' in more ? more.timeoutMs : 'ttlMs' in more ? more.ttlMs : 86_400_000
      expect(Date.parse(String(task['deadline'])) - Date.parse(String(task['createdAt']))).toBe(stay)
    }
  })

  test('takes no notice of members that it does not know', async () => {
    await using hub = await startHub()
    const raw =
      '{"agent":"a","message":"x","id":"mine","state":"completed","attempts":9,"__proto__":{"sender":"y"},"n":{}}'
    const answer = await hub.post('/tasks', raw)
    expect(answer).toMatchObject({ status: 202, body: { state: 'submitted', attempts: 0, sender: 'bot' } })
    expect(answer.body?.['id']).not.toBe('mine')
    expect(Object.keys(answer.body ?? {})).not.toContain('n')
  })

  test('takes any JSON type or none, and refuses others with 415', async () => {
    await using hub = await startHub()
    const body = '{"agent":"a","message":"x"}'
    for (const type of ['application/json; charset=utf-8', 'application/vnd.x+json', undefined]) {
      const headers = type === undefined ? {} : { 'content-type': type }
      expect((await hub.post('/tasks', body, { headers })).status, type).toBe(202)
    }
    for (const headers of [{ 'content-type': 'text/plain' }, { 'content-encoding': 'gzip' }] as const) {
      const answer = await hub.post('/tasks', body, { headers: { ...headers } })
      expect(answer).toMatchObject({ status: 415, body: { code: 'unsupported_media_type', success: false } })
    }
  })

  test('refuses a body above the limit with 413', async () => {
    await using hub = await startHub()
    const answer = await hub.post('/tasks', { agent: 'a', message: 'x'.repeat(MIB) })
    expect(answer).toMatchObject({ status: 413, body: { code: 'payload_too_large', success: false } })
    expect((await hub.get('/tasks')).body).toEqual({ tasks: [] })
  })

  test('passes the caller’s trace on to an agent that comes later', async () => {
    await using hub = await startHub()
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    await hub.post('/tasks', { agent: 'a', message: 'x', hops: 3 }, { headers: { traceparent } })
    await using agent = await connect(hub, { name: 'a', protocol: 2 })
    expect(await agent.nextTask()).toMatchObject({ traceparent, hops: 3 })
  })

  test('of a hub that drains is 503 with Retry-After, and what is kept can still be read', async () => {
    await using hub = await startHub({ env: { HUB_DRAIN_MS: '5000' } })
    await using agent = await connect(hub, { name: 'a' })
    const running = hub.post('/task', { agent: 'a', message: 'x' })
    const held = await agent.nextTask()
    const { id } = await submit(hub, { agent: 'b' })
    const drained = hub.drain()
    const refused = await hub.post('/tasks', { agent: 'b', message: 'x' })
    expect(refused).toMatchObject({ status: 503, body: { code: 'hub_draining', success: false, agent: 'b' } })
    expect(Number(refused.headers['retry-after'])).toBeGreaterThanOrEqual(1)
    expect(await findTask(hub, id)).toMatchObject({ state: 'submitted' })
    expect((await hub.get('/tasks')).body?.['tasks']).toHaveLength(1)
    agent.reply(held, 'done')
    await running
    await drained
  })
})

test.each(STORES)('a message as large as a body may be comes whole through the %s store', async (store) => {
  await using folder = await openDataFolder(store)
  await using hub = await startHub({ env: { HUB_DATA_DIR: folder.path } })
  const message = 'é'.repeat(MIB / 2 - 100)
  const task = await submit(hub, { message })
  await using agent = await connect(hub, { name: 'a' })
  expect((await agent.nextTask())['message']).toBe(message)
  expect((await findTask(hub, task.id))['message']).toBe(message)
})
