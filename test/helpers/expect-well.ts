import { expect } from 'vitest'
import { connect, type Peer } from './peer.ts'
import type { TestHub } from './start-hub.ts'

/** An agent that behaves, to be there while others do not. */
export const connectHealthy = (hub: TestHub): Promise<Peer> => connect(hub, { name: 'healthy' })

/** The hub answers, its healthy agent still gets its tasks, and nothing that happened was a bug. */
export const expectWell = async (hub: TestHub, agent: Peer): Promise<void> => {
  expect((await hub.callBare('GET', '/health')).body).toMatchObject({ status: 'ok' })
  const answer = hub.post('/task', { agent: 'healthy', message: 'well?' })
  agent.reply(await agent.nextTask(), 'well')
  expect(await answer).toMatchObject({ status: 200, body: { response: 'well' } })
  expect(hub.events.filter(({ type }) => type === 'internal.error')).toEqual([])
}
