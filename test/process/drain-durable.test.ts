import { expect, test } from 'vitest'
import { listTasks, untilAllOver } from '../helpers/all-tasks.ts'
import { openDataFolder } from '../helpers/data-folder.ts'
import { HubLives } from '../helpers/hub-lives.ts'
import { connect, type Peer } from '../helpers/peer.ts'

const AGENTS = ['ann', 'bob', 'cyd', 'dan']
const TASKS_EACH = 25

const submitTo = async (hub: HubLives, agent: string): Promise<void> => {
  for (let count = 0; count < TASKS_EACH; count++) {
    const { status } = await hub.call('POST', '/tasks', { body: { agent, message: `${agent} ${count}` } })
    expect(status).toBe(202)
  }
}

const join = (hub: HubLives, name: string): Promise<Peer> =>
  connect(hub, { name, protocol: 2, instanceId: `instance of ${name}` })

const takeAll = async (peer: Peer) => {
  const tasks = []
  for (let count = 0; count < TASKS_EACH; count++) tasks.push(await peer.nextTask())
  return tasks
}

test('a hundred running durable tasks outlive a SIGTERM of the hub: the same instances get them back, as the same attempt', async () => {
  await using folder = await openDataFolder()
  await using hub = new HubLives({ HUB_DATA_DIR: folder.path, HUB_DRAIN_MS: '200' })
  await using peers = new AsyncDisposableStack()
  const joinAll = () => Promise.all(AGENTS.map(async (name) => peers.use(await join(hub, name))))
  await hub.start()
  const before = await joinAll()
  await Promise.all(AGENTS.map((name) => submitTo(hub, name)))
  const taken = new Map<string, unknown>()
  for (const peer of before) {
    const tasks = await takeAll(peer)
    for (const task of tasks) {
      taken.set(task.requestId, task['message'])
      peer.accept(task)
    }
    await peer.settle()
  }

  hub.life.signal('SIGTERM')
  const [ann] = before
  if (ann === undefined) throw new Error('There is no agent')
  await ann.nextEvent('hub-shutdown')
  // What is finished within the drain is finished
  const [[early, text] = []] = taken
  ann.send({ type: 'task-response', requestId: early, response: `early ${text}` })
  for (const peer of before) expect(await peer.end()).toMatchObject({ code: 1001 })
  for (const peer of before) expect(peer.seenOf('task-cancel')).toEqual([])
  expect(await hub.life.end()).toMatchObject({ code: 0, signal: null })

  await hub.start()
  const after = await joinAll()
  for (const peer of after) {
    const count = TASKS_EACH - (peer === after[0] ? 1 : 0)
    for (let done = 0; done < count; done++) {
      const task = await peer.nextTask()
      expect(task).toMatchObject({ attempt: 1, message: taken.get(task.requestId) })
      peer.reply(task, `late ${task['message']}`)
    }
  }
  await untilAllOver(hub)
  const tasks = await listTasks(hub, { limit: '200' })
  expect(tasks.map(({ id }) => id).sort()).toEqual([...taken.keys()].sort())
  for (const { id, state, attempts, response } of tasks) {
    const word = id === early ? 'early' : 'late'
    expect({ state, attempts, response }).toEqual({
      state: 'completed',
      attempts: 1,
      response: `${word} ${taken.get(id)}`,
    })
  }
})
