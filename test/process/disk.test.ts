import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { listTasks, untilOver } from '../helpers/all-tasks.ts'
import { openDataFolder } from '../helpers/data-folder.ts'
import { HubLives } from '../helpers/hub-lives.ts'
import { connect, type Peer } from '../helpers/peer.ts'
import { openSmallDisk } from '../helpers/small-disk.ts'
import { expectDegraded, expectRecovery, submitTo } from '../helpers/storage-trouble.ts'

const join = (hub: HubLives): Promise<Peer> => connect(hub, { name: 'a', protocol: 2, instanceId: 'i' })

/** Messages and states of all tasks, the oldest first. */
const describeTasks = async (hub: HubLives) =>
  (await listTasks(hub)).reverse().map(({ message, state, response }) => ({ message, state, response }))

/** A hub with one task that waits for an absent agent, and one that an agent is at. */
const beginWork = async (hub: HubLives, agent: Peer) => {
  await submitTo(hub, 'absent', 'waits')
  const id = await submitTo(hub, 'a', 'runs')
  const task = await agent.nextTask()
  agent.accept(task)
  await agent.settle()
  return { id, task }
}

const WAITS = { message: 'waits', state: 'submitted', response: undefined }
const DONE = { message: 'runs', state: 'completed', response: 'done' }

describe.concurrent('a disk', () => {
  test('that is full costs new durable tasks and nothing else: what an agent answers meanwhile is stored once there is room', async () => {
    await using disk = await openSmallDisk()
    await using hub = new HubLives({ HUB_DATA_DIR: disk.folder }, disk.through)
    await hub.start()
    await using agent = await join(hub)
    const { id, task } = await beginWork(hub, agent)
    const over = untilOver(hub, id)

    disk.fill()
    await expectDegraded(hub, agent, 'a')
    agent.reply(task, 'done')
    await agent.settle()
    // Not yet on disk, so not yet said
    expect((await hub.call('GET', `/tasks/${id}`)).body).toMatchObject({ state: 'working' })
    await expectDegraded(hub, agent, 'a')

    disk.free()
    await expectRecovery(hub)
    expect(await over).toBe('completed')
    await submitTo(hub, 'absent', 'later')
    const all = [WAITS, DONE, { ...WAITS, message: 'later' }]
    expect(await describeTasks(hub)).toEqual(all)
    await hub.kill()
    await hub.start()
    expect(await describeTasks(hub)).toEqual(all)
  })

  test('that is full when the hub is killed and started again: it starts, says so, and has every task once there is room', async () => {
    await using disk = await openSmallDisk()
    await using hub = new HubLives({ HUB_DATA_DIR: disk.folder }, disk.through)
    await hub.start()
    await using before = await join(hub)
    const { id, task } = await beginWork(hub, before)
    disk.fill()
    await expectDegraded(hub, before, 'a')
    before.reply(task, 'lost with the process')
    await before.settle()
    await hub.kill()

    await hub.start()
    await using after = await join(hub)
    await expectDegraded(hub, after, 'a')
    disk.free()
    await expectRecovery(hub)
    const again = await after.nextTask()
    expect(again).toMatchObject({ requestId: id, attempt: 1 })
    after.reply(again, 'done')
    expect(await untilOver(hub, id)).toBe('completed')
    expect(await describeTasks(hub)).toEqual([WAITS, DONE])
  })

  test('that is full at the first start ever does not keep the hub from starting, nor from storing later', async () => {
    await using disk = await openSmallDisk()
    disk.fill()
    await using hub = new HubLives({ HUB_DATA_DIR: disk.folder }, disk.through)
    await hub.start()
    await using agent = await join(hub)
    await expectDegraded(hub, agent, 'a')
    disk.free()
    await expectRecovery(hub)
    await submitTo(hub, 'absent', 'waits')
    expect(await describeTasks(hub)).toEqual([WAITS])
  })

  test('that is read-only at the start is waited for, and what it holds is there once it can be written', async () => {
    await using disk = await openSmallDisk()
    await using hub = new HubLives({ HUB_DATA_DIR: disk.folder }, disk.through)
    await hub.start()
    await submitTo(hub, 'absent', 'waits')
    await hub.stop()
    await disk.remount('ro')
    await hub.start()
    await using agent = await join(hub)
    await expectDegraded(hub, agent, 'a')
    await disk.remount('rw')
    await expectRecovery(hub)
    expect(await describeTasks(hub)).toEqual([WAITS])
  })

  // The system makes nothing read-only while a file on it is open for writing; a disk that fails does not ask
  test('that refuses every write of a running hub costs new durable tasks and nothing else, until it takes them again', async () => {
    await using folder = await openDataFolder()
    await using hub = new HubLives({ HUB_DATA_DIR: folder.path })
    await hub.start()
    const limit = (fileBytes: string) =>
      promisify(execFile)('prlimit', ['--pid', String(hub.life.pid), `--fsize=${fileBytes}:`])
    await using agent = await join(hub)
    const { id, task } = await beginWork(hub, agent)
    await limit('0')
    await expectDegraded(hub, agent, 'a')
    agent.reply(task, 'done')
    await agent.settle()
    await limit('unlimited')
    await expectRecovery(hub)
    expect(await untilOver(hub, id)).toBe('completed')
    expect(await describeTasks(hub)).toEqual([WAITS, DONE])
  })
})
