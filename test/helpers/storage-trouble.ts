import { expect } from 'vitest'
import type { HubLives } from './hub-lives.ts'
import type { Peer } from './peer.ts'

/** Submits a durable task that must be taken. @returns its id */
export const submitTo = async (hub: HubLives, agent: string, message = 'x'): Promise<string> => {
  const { status, text, body } = await hub.call('POST', '/tasks', { body: { agent, message } })
  expect({ status, text }).toMatchObject({ status: 202 })
  return String(body?.['id'])
}

/** The hub says that it cannot store, refuses what is durable, and does all else: `agent` answers a call. */
export const expectDegraded = async (hub: HubLives, agent: Peer, name: string): Promise<void> => {
  const refused = await hub.call('POST', '/tasks', { body: { agent: name, message: 'refused' } })
  expect(refused).toMatchObject({ status: 507, body: { code: 'storage_unavailable', success: false } })
  expect(Number(refused.headers['retry-after'])).toBeGreaterThanOrEqual(1)
  expect(await hub.call('GET', '/health')).toMatchObject({ status: 503, body: { status: 'degraded' } })
  expect(await hub.call('GET', '/ready')).toMatchObject({ status: 200 })
  const call = hub.call('POST', '/task', { body: { agent: name, message: 'by phone' } })
  const task = await agent.nextTask()
  expect(task).toMatchObject({ message: 'by phone' })
  agent.reply(task, 'by phone as well')
  expect(await call).toMatchObject({ status: 200, body: { response: 'by phone as well' } })
}

/** Waits until the hub has noticed by itself that it can store again. */
export const expectRecovery = async (hub: HubLives): Promise<void> => {
  await hub.life.logged(/The task store can be written again/)
  expect(await hub.call('GET', '/health')).toMatchObject({ status: 200, body: { status: 'ok' } })
}
