import { expect, test } from 'vitest'
import { connect } from '../helpers/peer.ts'
import { startHub } from '../helpers/start-hub.ts'

test('a task goes to the agent of that name, and its answer comes back', async () => {
  await using hub = await startHub()
  await using builder = await connect(hub, { name: 'Builder' })
  const answer = hub.post('/task', { agent: 'builder', message: 'make it' })
  const task = await builder.nextTask()
  expect(task).toEqual({ type: 'task', requestId: expect.any(String), message: 'make it', sender: 'bot' })
  builder.reply(task, 'made')
  const { status, headers, body } = await answer
  expect(status).toBe(200)
  expect(headers['content-type']).toMatch(/^application\/json/)
  expect(body).toEqual({ success: true, agent: 'Builder', response: 'made', taskId: task.requestId })
})

const wrong: [string, object][] = [
  ['neither agent nor skill', { message: 'x' }],
  ['both agent and skill', { agent: 'a', skill: 's', message: 'x' }],
  ['an empty agent', { agent: '', message: 'x' }],
  ['an empty skill', { skill: '', message: 'x' }],
  ['no message', { agent: 'a' }],
  ['an empty message', { agent: 'a', message: '' }],
  ['a message of a wrong type', { agent: 'a', message: { text: 'x' } }],
  ['a null message', { agent: 'a', message: null }],
  ['a list as message', { agent: 'a', message: ['x'] }],
  ['a number as agent', { agent: 7, message: 'x' }],
  ['null as agent', { agent: null, message: 'x' }],
  ['a list as skill', { skill: ['s'], message: 'x' }],
  ['a sender of 129 characters', { agent: 'a', message: 'x', sender: 's'.repeat(129) }],
  ['a number as sender', { agent: 'a', message: 'x', sender: 7 }],
  ['null as sender', { agent: 'a', message: 'x', sender: null }],
  ['a timeout of 999 ms', { agent: 'a', message: 'x', timeoutMs: 999 }],
  ['a timeout of 3 600 001 ms', { agent: 'a', message: 'x', timeoutMs: 3_600_001 }],
  ['a timeout of half a millisecond', { agent: 'a', message: 'x', timeoutMs: 1_000.5 }],
  ['a timeout as text', { agent: 'a', message: 'x', timeoutMs: '5000' }],
  ['a negative hops', { agent: 'a', message: 'x', hops: -1 }],
  ['a number as conversationId', { agent: 'a', message: 'x', conversationId: 7 }],
]
test.each(wrong)('a task with %s is 400 bad_request', async (_what, body) => {
  await using hub = await startHub()
  await using agent = await connect(hub, { name: 'a', skills: ['s'] })
  const answer = await hub.post('/task', body)
  expect(answer).toMatchObject({ status: 400, body: { code: 'bad_request', success: false, status: 400 } })
  const target = 'agent' in body && typeof body.agent === 'string' ? body.agent : undefined
  expect(answer.body?.['agent']).toBe(target)
  await agent.settle()
  expect(agent.seenOf('task')).toEqual([])
})

test('the bounds themselves are taken', async () => {
  await using hub = await startHub()
  await using agent = await connect(hub, { name: 'a' })
  for (const more of [
    { timeoutMs: 1_000 },
    { timeoutMs: 3_600_000 },
    { sender: '𐐀'.repeat(128) },
    { sender: '' },
    { hops: 8 },
  ]) {
    const answer = hub.post('/task', { agent: 'a', message: 'x', ...more })
    const task = await agent.nextTask()
    if (more.sender !== undefined) expect(task['sender']).toBe(more.sender)
    agent.reply(task, 'done')
    expect(await answer).toMatchObject({ status: 200 })
  }
})

test('an unknown agent is 404 with the names that are near, as they were registered', async () => {
  await using hub = await startHub()
  await using _one = await connect(hub, { name: 'Builder' })
  await using _two = await connect(hub, { name: 'zebra' })
  const typo = await hub.post('/task', { agent: 'bilder', message: 'x' })
  expect(typo).toMatchObject({ status: 404, body: { code: 'agent_not_found', success: false, agent: 'bilder' } })
  expect(typo.body?.['suggestions']).toEqual(['Builder'])
  const far = await hub.post('/task', { agent: 'quartz', message: 'x' })
  expect(far).toMatchObject({ status: 404, body: { suggestions: [] } })
  const huge = await hub.post('/task', { agent: 'x'.repeat(500_000), message: 'x' })
  expect(huge).toMatchObject({ status: 404, body: { code: 'agent_not_found' } })
})

test('an unknown skill is 404 with the skill', async () => {
  await using hub = await startHub()
  await using _agent = await connect(hub, { name: 'cooking', skills: ['cook'] })
  const answer = await hub.post('/task', { skill: 'cooking', message: 'x' })
  expect(answer).toMatchObject({ status: 404, body: { code: 'no_agent_with_skill', skill: 'cooking', success: false } })
})

test('an agent may reject a task', async () => {
  await using hub = await startHub()
  await using agent = await connect(hub, { name: 'a', protocol: 2 })
  const answer = hub.post('/task', { agent: 'a', message: 'x' })
  agent.fail(await agent.nextTask(), 'Not my trade', { code: 'rejected' })
  expect(await answer).toMatchObject({ status: 502, body: { code: 'rejected', error: 'Not my trade', agent: 'a' } })
})

test('a thousand tasks at once all come back, each with its own answer', async () => {
  await using hub = await startHub()
  const agents = await Promise.all(Array.from({ length: 8 }, () => connect(hub, { name: 'a' })))
  for (const agent of agents) {
    agent.socket.on('message', (data) => {
      const frame: { type: string; requestId: string; message: string } = JSON.parse(String(data))
      if (frame.type === 'task')
        agent.send({ type: 'task-response', requestId: frame.requestId, response: `re ${frame.message}` })
    })
  }
  const asks = Array.from({ length: 1_000 }, (_, at) =>
    hub.post('/task', { agent: 'a', message: `${at}` }, { limitMs: 15_000 }),
  )
  const answers = await Promise.all(asks)
  expect(answers.map(({ body }) => body?.['response'])).toEqual(answers.map((_, at) => `re ${at}`))
  for (const agent of agents) await agent.crash()
})
