import { createAgent } from '@ai-comms/agent'
import { expect, test } from 'vitest'
import { listTasks, untilAllOver } from '../helpers/all-tasks.ts'
import { openDataFolder } from '../helpers/data-folder.ts'
import { HubLives } from '../helpers/hub-lives.ts'
import { within } from '../helpers/within.ts'

const AGENTS = 300
/** Within this time everybody is back. */
const BACK_MS_MAX = 60_000

/** A real agent with the waits of the protocol; it counts what it does and how often it comes online. */
class Member {
  readonly name: string
  readonly done: string[] = []
  readonly agent: ReturnType<typeof createAgent>
  #online = Promise.withResolvers<void>()

  constructor(name: string, hub: HubLives) {
    this.name = name
    this.agent = createAgent({
      name,
      hubUrl: hub.url,
      hubSecret: hub.secret,
      onTask: ({ message }) => {
        this.done.push(message)
        return `${name} did ${message}`
      },
      onEvent: ({ type }) => {
        if (type === 'link.online') this.#online.resolve()
        if (type === 'link.lost') this.#online = Promise.withResolvers()
      },
    })
  }

  /** Resolves when it is online, or at once when it is. */
  online(): Promise<void> {
    return this.#online.promise
  }
}

test('three hundred agents that lose their hub are all back within a minute of its restart, and do what waited for them', {
  timeout: 2 * BACK_MS_MAX,
}, async () => {
  await using folder = await openDataFolder()
  const room = String(AGENTS + 10)
  await using hub = new HubLives({ HUB_DATA_DIR: folder.path, HUB_MAX_AGENTS: room, HUB_MAX_PER_IP: room })
  await hub.start()
  await using agents = new AsyncDisposableStack()
  const fleet = Array.from({ length: AGENTS }, (_, at) => new Member(`agent-${at}`, hub))
  for (const { agent } of fleet) agents.use(agent)
  await Promise.all(fleet.map(({ agent }) => agent.start()))
  expect((await hub.call('GET', '/health')).body).toMatchObject({ agents: AGENTS })

  await hub.kill()
  await hub.start()
  const restartedAt = performance.now()
  const submitted = fleet.map(({ name }) =>
    hub.call('POST', '/tasks', { body: { agent: name, message: `for ${name}` } }),
  )
  for (const answer of submitted) expect((await answer).status).toBe(202)
  await within(Promise.all(fleet.map((member) => member.online())), 'the return of everybody', BACK_MS_MAX)
  expect(performance.now() - restartedAt).toBeLessThan(BACK_MS_MAX)
  expect((await hub.call('GET', '/health')).body).toMatchObject({ agents: AGENTS })

  await untilAllOver(hub)
  const tasks = await listTasks(hub, { limit: '200' })
  expect(tasks).toHaveLength(AGENTS)
  for (const { state, agent, response, attempts } of tasks) {
    expect({ state, response, attempts }).toEqual({
      state: 'completed',
      response: `${agent} did for ${agent}`,
      attempts: 1,
    })
  }
  for (const { name, done } of fleet) expect(done).toEqual([`for ${name}`])
})
