import { expect, test } from 'vitest'
import { endOf, submit } from '../helpers/durable-calls.ts'
import { connect } from '../helpers/peer.ts'
import { startHub } from '../helpers/start-hub.ts'

/** More than the hub lets wait unread for one agent, in large pieces and in many. */
const FLOODS = [
  { tasks: 12, chars: 1_000_000 },
  { tasks: 60, chars: 200_000 },
]

test.each(FLOODS)(
  'a mailbox with $tasks tasks of $chars characters does not cut off the agent that comes for it',
  async ({ tasks, chars }) => {
    await using hub = await startHub()
    const ids: string[] = []
    for (let at = 0; at < tasks; at++) ids.push((await submit(hub, { message: 'x'.repeat(chars) })).id)
    await using agent = await connect(hub, { name: 'a', protocol: 2, instanceId: 'i' })
    for (let at = 0; at < tasks; at++) agent.reply(await agent.nextTask(), 'x')
    for (const id of ids) expect(await endOf(hub, id)).toMatchObject({ state: 'completed', attempts: 1 })
  },
)

test('an instance that returns for many large tasks gets all of them again, as fast as it reads', async () => {
  await using hub = await startHub()
  const agent = await connect(hub, { name: 'a', protocol: 2, instanceId: 'i' })
  const ids: string[] = []
  for (let at = 0; at < 12; at++) {
    ids.push((await submit(hub, { message: 'x'.repeat(1_000_000) })).id)
    agent.accept(await agent.nextTask())
  }
  await agent.settle()
  await agent.crash()
  await hub.event('session.closed')
  await using back = await connect(hub, { name: 'a', protocol: 2, instanceId: 'i' })
  for (let at = 0; at < 12; at++) back.reply(await back.nextTask(), 'x')
  for (const id of ids) expect(await endOf(hub, id)).toMatchObject({ state: 'completed', attempts: 1 })
})
