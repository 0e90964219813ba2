import { expect, test } from 'vitest'
import { answer, RestartableAgent, startProvider } from '../helpers/agent-process.ts'
import { listTasks, untilAllOver } from '../helpers/all-tasks.ts'
import { openDataFolder } from '../helpers/data-folder.ts'
import { type HubProcess, startHubProcess } from '../helpers/hub-process.ts'

/** The call is in the agent's hands when the hub counts it. */
const untilInFlight = async (hub: HubProcess, count: number): Promise<void> => {
  for (;;) {
    const { text } = await hub.call('GET', '/agents')
    if (text.includes(`"inFlight":${count}`)) return
  }
}

test('a task whose agent is killed in the middle of the work is done by its next life, and its caller hears the answer', async () => {
  await using provider = await startProvider()
  await using hub = await startHubProcess()
  await using agent = new RestartableAgent(hub, provider.url)
  await agent.start()
  const task = hub.call('POST', '/task', { body: { agent: 'atlas', message: 'hi' } })
  await provider.asked(1)
  await agent.kill()
  await agent.start()
  answer(await provider.asked(2), 'of the second life')
  expect(await task).toMatchObject({ status: 200, body: { success: true, response: 'of the second life' } })
})

test('a durable task that the agent hands back when it is told to end is done after its restart', async () => {
  await using provider = await startProvider()
  await using hub = await startHubProcess()
  await using agent = new RestartableAgent(hub, provider.url)
  await agent.start()
  const { status, body } = await hub.call('POST', '/tasks', { body: { agent: 'atlas', message: 'hi' } })
  expect(status).toBe(202)
  await provider.asked(1)
  await agent.kill('SIGTERM')
  await agent.start()
  answer(await provider.asked(2), 'after all')
  const path = `/tasks/${body?.['id']}`
  // the stream of its events ends with the task
  await hub.call('GET', `${path}/events`)
  expect((await hub.call('GET', path)).body).toMatchObject({ state: 'completed', response: 'after all', attempts: 2 })
})

test('an agent that is told to end finishes what it can, hands back the rest, and loses nothing: its next life does it', async () => {
  await using folder = await openDataFolder()
  await using provider = await startProvider()
  await using hub = await startHubProcess({ HUB_DATA_DIR: folder.path })
  await using agent = new RestartableAgent(hub, provider.url, { AGENT_MAX_CONCURRENCY: '2', AGENT_DRAIN_MS: '1000' })
  await agent.start()
  const messages = ['one', 'two', 'three', 'four', 'five']
  for (const message of messages) {
    expect((await hub.call('POST', '/tasks', { body: { agent: 'atlas', message } })).status).toBe(202)
  }
  const [first] = [await provider.asked(1), await provider.asked(2)]
  // Both places are taken: what is durable waits in the mailbox, and a call in the agent, which hands it back at once
  const call = hub.call('POST', '/task', { body: { agent: 'atlas', message: 'by phone' } })
  await untilInFlight(hub, 3)
  const ended = agent.kill('SIGTERM')
  expect(await call).toMatchObject({ status: 502, body: { code: 'agent_error' } })
  answer(first, 'first life')
  await ended
  const states = (await listTasks(hub)).map(({ state }) => state)
  expect(states.sort()).toEqual(['completed', ...messages.slice(1).map(() => 'submitted')])
  expect(provider.count()).toBe(2)

  await agent.start()
  for (let asked = 3; asked <= 6; asked++) answer(await provider.asked(asked), 'second life')
  await untilAllOver(hub)
  const tasks = await listTasks(hub)
  expect(tasks.map(({ message }) => message).reverse()).toEqual(messages)
  expect(tasks.map(({ response }) => response).sort()).toEqual([
    'first life',
    ...messages.slice(1).map(() => 'second life'),
  ])
  // Once it has handed back the call, the agent that leaves is given nothing that it could only hand back too
  expect(tasks.map(({ attempts }) => attempts).sort()).toEqual([1, 1, 1, 1, 2])
  expect(provider.count()).toBe(6)
})
