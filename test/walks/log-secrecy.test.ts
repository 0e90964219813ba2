import { expect, test } from 'vitest'
import { connect, dial, greet } from '../helpers/peer.ts'
import { openRaw } from '../helpers/raw-socket.ts'
import { startHub } from '../helpers/start-hub.ts'

test('no line of the log holds a secret, right or wrong, or anybody’s text', async () => {
  await using hub = await startHub({
    env: { HUB_LOG_LEVEL: 'debug', HUB_SECRET_PREVIOUS: 'previous-secret-0123456789' },
  })
  const wrong = 'wrong-secret-0123456789'
  await using agent = await connect(hub, { name: 'a', workspace: 'w', protocol: 2, instanceId: 'i' })
  const { peer } = await greet(hub, { name: 'b', secret: wrong })
  await peer.end()
  await using badName = await dial(hub)
  badName.send({ type: 'register', name: 'PRIVATE-NAME!', secret: hub.secret, skills: 'PRIVATE-SKILL' })
  await badName.end()
  await using noRegister = await dial(hub, { path: `/PRIVATE-PATH?secret=${hub.secret}` })
  noRegister.sendRaw('PRIVATE-FIRST-FRAME')
  await noRegister.end()

  const authorization = `Bearer ${wrong}`
  await hub.callBare('GET', `/agents?token=${hub.secret}`, { headers: { authorization } })
  await hub.call('POST', '/task', { body: '{"message":"PRIVATE-BROKEN-BODY"' })
  await hub.post('/task', { agent: 'PRIVATE-AGENT', message: 'PRIVATE-UNDELIVERED' })
  await hub.call('POST', '/task', { body: 'PRIVATE-TEXT-BODY', headers: { 'content-type': 'text/plain' } })
  const answered = hub.post('/task', { agent: 'a', message: 'PRIVATE-MESSAGE', sender: 'PRIVATE-SENDER' })
  const task = await agent.nextTask()
  agent.send({ type: 'task-progress', requestId: task.requestId, message: 'PRIVATE-PROGRESS' })
  agent.reply(task, 'PRIVATE-RESPONSE')
  await answered
  const failed = hub.post('/task', { agent: 'a', message: 'PRIVATE-MESSAGE' })
  agent.fail(await agent.nextTask(), 'PRIVATE-ERROR')
  await failed
  agent.send({ type: 'agent-message', target: 'a', message: 'PRIVATE-DIRECT' })
  agent.sendRaw('{"type":"PRIVATE-TYPE"}')
  agent.sendRaw('PRIVATE-BROKEN-FRAME')
  agent.send({ type: 'task-response', requestId: 'PRIVATE-REQUEST', response: 'x' })
  await agent.settle()
  await using raw = await openRaw(hub)
  raw.write('PRIVATE-NONSENSE\r\n\r\n')
  await raw.untilClosed()

  const log = hub.lines.join('')
  expect(hub.lines.length).toBeGreaterThan(10)
  for (const text of [hub.secret, 'previous-secret', wrong, 'PRIVATE']) expect(log).not.toContain(text)
})

test('answers and health never tell a secret', async () => {
  await using hub = await startHub()
  await using _agent = await connect(hub, { name: 'a' })
  const authorization = `Bearer ${hub.secret}x`
  const answers = [
    await hub.callBare('GET', '/health'),
    await hub.get('/agents'),
    await hub.callBare('GET', '/agents', { headers: { authorization } }),
    await hub.get(`/nowhere?secret=${hub.secret}`),
    await hub.post('/task', { agent: 'b', message: 'x', secret: hub.secret }),
  ]
  for (const answer of answers) {
    expect(answer.text).not.toContain(hub.secret)
    expect(JSON.stringify(answer.headers)).not.toContain(hub.secret)
  }
})
