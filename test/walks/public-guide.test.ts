import { expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { type Frame, Peer } from '../helpers/peer.ts'
import { startHub } from '../helpers/start-hub.ts'
import { within } from '../helpers/within.ts'

/** A client as the public guide has it: register, wait for tasks, answer, send a JSON ping now and then. Nothing else. */
const openGuideClient = async (url: string, register: object) => {
  const client = new Peer(new WebSocket(url))
  client.socket.on('open', () => client.socket.send(JSON.stringify(register)))
  client.socket.on('message', (data) => {
    const message: Frame = JSON.parse(data.toString())
    if (message['type'] !== 'task') return
    const response = `${message['sender']} asked: ${message['message']}`
    client.socket.send(JSON.stringify({ type: 'task-response', requestId: message['requestId'], response }))
  })
  const welcome = await client.next('registered')
  return { client, welcome }
}

test('a client written after the public guide registers, works and stays for ten minutes', async () => {
  await using hub = await startHub({ env: { HUB_SECRET: 'your-shared-secret' } })
  const secret = 'your-shared-secret'
  const register = {
    type: 'register',
    name: 'network-ai',
    workspace: 'ai-comms',
    skills: ['networking', 'automation'],
    secret,
  }
  const { client, welcome } = await openGuideClient(hub.socketUrl, register)
  await using _client = client
  expect(welcome).toMatchObject({ type: 'registered', agentId: expect.any(String), message: expect.any(String) })

  const other = await openGuideClient(`${hub.socketUrl}/`, { ...register, name: 'other', skills: [] })
  await using _other = other.client
  expect(await client.nextEvent('agent-joined')).toEqual({
    type: 'event',
    event: 'agent-joined',
    name: 'other',
    workspace: 'ai-comms',
    skills: [],
  })

  const headers = { authorization: `Bearer ${secret}`, 'content-type': 'application/json' }
  const body = '{"agent": "network-ai", "message": "list running processes", "sender": "admin"}'
  for (let elapsed = 0; elapsed < 600_000; elapsed += 25_000) {
    hub.advance(25_000)
    client.send({ type: 'ping' })
    other.client.send({ type: 'ping' })
    expect(await client.next('pong')).toEqual({ type: 'pong' })
    await other.client.next('pong')
  }
  expect(await hub.callBare('POST', '/task', { headers, body })).toMatchObject({
    status: 200,
    body: { success: true, agent: 'network-ai', response: 'admin asked: list running processes' },
  })
  const broadcast = await hub.callBare('POST', '/broadcast', {
    headers,
    body: '{"message": "status check", "sender": "admin"}',
  })
  expect(broadcast.body).toMatchObject({
    results: [
      { success: true, agent: 'network-ai', response: 'admin asked: status check' },
      { success: true, agent: 'other', response: 'admin asked: status check' },
    ],
  })
  expect((await hub.callBare('GET', '/agents', { headers })).body).toMatchObject({
    agents: [{ name: 'network-ai', workspace: 'ai-comms', skills: ['networking', 'automation'] }, { name: 'other' }],
  })
  expect((await hub.callBare('GET', '/health')).body).toMatchObject({ status: 'ok', agents: 2 })
  expect((await hub.callBare('GET', '/agents')).status).toBe(401)

  other.client.socket.close()
  await within(other.client.closed, 'the end of the other client')
  expect(await client.nextEvent('agent-left')).toEqual({ type: 'event', event: 'agent-left', name: 'other' })
  const kinds = new Set(client.seen.map(({ type }) => type))
  expect([...kinds].sort()).toEqual(['event', 'pong', 'registered', 'task'])
})
