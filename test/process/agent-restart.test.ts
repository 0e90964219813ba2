import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { type HubProcess, startHubProcess } from '../helpers/hub-process.ts'
import { within } from '../helpers/within.ts'

const MAIN = fileURLToPath(new URL('../../agent/src/main.ts', import.meta.url))

/** A provider that lets every request wait until the test answers it. */
const startProvider = async () => {
  const waiting: ServerResponse[] = []
  const server = createServer((_request, response) => {
    waiting.push(response)
    server.emit('asked')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** How often it was asked so far. */
    count: () => waiting.length,
    /** The n-th request, when it comes. */
    asked: async (count: number): Promise<ServerResponse> => {
      while (waiting.length < count) await within(once(server, 'asked'), `request ${count} to the provider`)
      const response = waiting[count - 1]
      if (!response) throw new Error(`There is no request ${count}`)
      return response
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const answer = (response: ServerResponse, text: string): void => {
  const chunk = (delta: object, finish: string | null) =>
    `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.end(`${chunk({ content: text }, null)}${chunk({}, 'stop')}data: [DONE]\n\n`)
}

/** A real agent of one data folder, which may be killed and started again. */
class RestartableAgent implements AsyncDisposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'agent-restart-'))
  readonly #env: Record<string, string | undefined>
  #child: ChildProcess | undefined

  constructor(hub: HubProcess, providerUrl: string) {
    this.#env = {
      PATH: process.env['PATH'],
      HEALTH_PORT: '0',
      AGENT_DRAIN_MS: '0',
      AGENT_NAME: 'Atlas',
      AGENT_HUB_URL: hub.url,
      AGENT_HUB_SECRET: hub.secret,
      OPENAI_API_KEY: 'sk-test',
      OPENAI_BASE_URL: providerUrl,
    }
  }

  /** Starts it, and resolves when it is online. */
  async start(): Promise<void> {
    const child = spawn(process.execPath, [MAIN], {
      cwd: this.#folder,
      env: this.#env,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    this.#child = child
    let log = ''
    const online = async () => {
      while (!log.includes('online at the hub')) log += String(await once(child.stdout, 'data'))
    }
    await within(online(), 'the agent online')
  }

  /** Ends it: as a power cut would, unless another signal is named. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = this.#child
    if (child?.exitCode !== null || child.signalCode !== null) return
    child.kill(signal)
    await within(once(child, 'close'), 'the end of the agent')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill()
    rmSync(this.#folder, { recursive: true })
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
