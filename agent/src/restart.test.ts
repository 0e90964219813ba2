import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { startAgentProcess } from './test-support/agent-process.ts'
import { useFolder } from './test-support/folder.ts'
import { startScriptedHub } from './test-support/scripted-hub.ts'
import { beginStream, hang, startVendor, type VendorScript } from './test-support/vendor-server.ts'

const say =
  (text: string): VendorScript =>
  (response) => {
    const chunk = (delta: object, finish: string | null) =>
      `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`
    beginStream(response).end(`${chunk({ content: text }, null)}${chunk({}, 'stop')}data: [DONE]\n\n`)
  }

/** A vendor that does each time what comes next in the script, and the last of it for ever. */
const inTurn = (...scripts: readonly VendorScript[]): VendorScript => {
  let turn = 0
  return (response, request) => scripts[Math.min(turn++, scripts.length - 1)]?.(response, request)
}

const startStage = async (script: VendorScript) => {
  const folder = useFolder()
  const vendor = await startVendor(script)
  const hub = await startScriptedHub()
  return {
    vendor,
    hub,
    dataDir: join(folder.path, 'mine'),
    startAgent: (more: Record<string, string> = {}) =>
      startAgentProcess(folder, {
        AGENT_NAME: 'Atlas',
        AGENT_HUB_URL: hub.url,
        OPENAI_API_KEY: 'sk-test',
        OPENAI_BASE_URL: vendor.url,
        DATA_DIR: 'mine',
        ...more,
      }),
    [Symbol.asyncDispose]: async () => {
      await hub[Symbol.asyncDispose]()
      await vendor[Symbol.asyncDispose]()
      folder[Symbol.dispose]()
    },
  }
}

describe('an agent that is killed and started again on its folder', () => {
  it('does again what it had not finished, when the hub delivers it again, and not before', async () => {
    await using stage = await startStage(inTurn(hang, say('at last')))
    await using killed = stage.startAgent()
    const before = await stage.hub.online()
    before.task('t1', 'hi', { attempt: 1 })
    await before.until('task-accepted')
    await stage.vendor.arrivals.next()
    killed.signal('SIGKILL')
    expect(await killed.exited).toBeNull()

    await using agent = stage.startAgent()
    const side = await stage.hub.online()
    await side.settle()
    expect(stage.vendor.requests).toHaveLength(1)
    side.task('t1', 'hi', { attempt: 1 })
    expect(await side.next()).toEqual({ type: 'task-accepted', requestId: 't1' })
    expect(await side.until('task-response')).toMatchObject({ requestId: 't1', response: 'at last' })
    expect(await agent.logged('task begun anew')).toMatchObject({ taskId: 't1', attempt: 1, attemptBefore: 1 })
    expect(stage.vendor.requests).toHaveLength(2)
  })

  it('answers what it had finished with the same words, and asks nobody again', async () => {
    await using stage = await startStage(inTurn(say('the one answer'), say('another answer')))
    await using killed = stage.startAgent()
    const before = await stage.hub.online()
    before.task('t1', 'hi')
    const answer = await before.until('task-response')
    killed.signal('SIGKILL')
    await killed.exited

    await using _agent = stage.startAgent()
    const side = await stage.hub.online()
    side.task('t1', 'hi', { attempt: 2 })
    expect(await side.next()).toEqual(answer)
    expect(answer).toMatchObject({ response: 'the one answer' })
    expect(stage.vendor.requests).toHaveLength(1)
  })
})

describe('an agent that is told to end', () => {
  it('hands back what takes too long, closes its database, and does the same attempt after the restart', async () => {
    await using stage = await startStage(inTurn(hang, say('now')))
    await using first = stage.startAgent({ AGENT_DRAIN_MS: '50' })
    const before = await stage.hub.online()
    before.task('t1', 'hi', { attempt: 1 })
    await stage.vendor.arrivals.next()
    first.signal('SIGTERM')
    expect(await before.until('task-error')).toMatchObject({ code: 'agent_disconnected', retryable: true })
    expect(await first.exited).toBe(0)
    expect(readdirSync(stage.dataDir).sort()).toEqual([
      'agent.lock',
      'agent.sqlite',
      'audit.key',
      'instance-id',
      'logs',
    ])

    await using _agent = stage.startAgent()
    const side = await stage.hub.online()
    side.task('t1', 'hi', { attempt: 1 })
    expect(await side.until('task-response')).toMatchObject({ requestId: 't1', response: 'now' })
  })
})

describe('a task that the hub cancels', () => {
  it('is given up at the provider, and nothing of it stays in the folder', async () => {
    await using stage = await startStage(hang)
    await using agent = stage.startAgent()
    const side = await stage.hub.online()
    side.task('t1', 'hi')
    await stage.vendor.arrivals.next()
    side.send({ type: 'task-cancel', requestId: 't1', reason: 'caller gone' })
    await stage.vendor.hangups.next()
    await agent.logged('task canceled')
    const database = new Database(join(stage.dataDir, 'agent.sqlite'), { readonly: true })
    const tables = ['accepted', 'answer'].map((table) => database.prepare(`SELECT * FROM ${table}`).all())
    database.close()
    expect(tables).toEqual([[], []])
  })
})

describe('a data folder', () => {
  it('is refused to a second agent, and the first one works on', async () => {
    await using stage = await startStage(say('still here'))
    await using _first = stage.startAgent()
    const side = await stage.hub.online()
    await using second = stage.startAgent()
    expect(await second.exited).toBe(1)
    expect(second.stderr).toBe(
      'DATA_DIR mine is in use by another agent; end that one, or give this one a folder of its own.\n',
    )
    side.task('t1', 'hi')
    expect(await side.until('task-response')).toMatchObject({ response: 'still here' })
  })

  it('that cannot be written costs tasks, not the agent, which says so and recovers by itself', async () => {
    await using stage = await startStage(say('well again'))
    await using agent = stage.startAgent()
    const side = await stage.hub.online()
    const { healthPort } = await agent.logged('starting')
    const ask = async (path: string) => {
      const response = await fetch(`http://127.0.0.1:${healthPort}${path}`)
      return { status: response.status, body: await response.json() }
    }
    expect(await ask('/health')).toMatchObject({ body: { status: 'ok', storage: 'ok' } })

    // somebody who holds the write lock is as good as a full disk, and needs no disk of its own
    const other = new Database(join(stage.dataDir, 'agent.sqlite'))
    other.exec('BEGIN IMMEDIATE')
    side.task('t1', 'hi')
    expect(await side.next()).toMatchObject({ type: 'task-error', code: 'storage_unavailable', retryable: true })
    expect(await agent.logged('the data folder cannot be written')).toMatchObject({ level: 40, code: 'SQLITE_BUSY' })
    expect(await ask('/health')).toMatchObject({ status: 200, body: { status: 'degraded', storage: 'unavailable' } })
    expect(await ask('/ready')).toMatchObject({ status: 503, body: { storage: 'unavailable' } })
    expect(stage.vendor.requests).toHaveLength(0)

    other.close()
    side.task('t1', 'hi', { attempt: 2 })
    expect(await side.until('task-response')).toMatchObject({ requestId: 't1', response: 'well again' })
  })

  it('that is damaged, or of a newer release, ends the start with one sentence', async () => {
    await using stage = await startStage(hang)
    await using first = stage.startAgent()
    await stage.hub.online()
    first.signal('SIGTERM')
    await first.exited
    const database = new Database(join(stage.dataDir, 'agent.sqlite'))
    database.pragma('user_version = 99')
    database.close()
    await using second = stage.startAgent()
    expect(await second.exited).toBe(1)
    expect(second.stderr).toMatch(/^mine\/agent\.sqlite has schema 99 of a newer release, .*\.\n$/)
  })
})
