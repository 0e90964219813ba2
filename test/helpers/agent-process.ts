import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { endWithMe } from './end-with-me.ts'
import type { HubAddress } from './start-hub.ts'
import { within } from './within.ts'

const MAIN = fileURLToPath(new URL('../../agent/src/main.ts', import.meta.url))
/** On a machine that does much else. */
const START_MS_MAX = 15_000

/** A provider that lets every request wait until the test answers it. */
export const startProvider = async () => {
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

/** Answers a request to the provider. */
export const answer = (response: ServerResponse, text: string): void => {
  const chunk = (delta: object, finish: string | null) =>
    `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.end(`${chunk({ content: text }, null)}${chunk({}, 'stop')}data: [DONE]\n\n`)
}

/** A real agent of one data folder, which may be killed and started again. */
export class RestartableAgent implements AsyncDisposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'agent-restart-'))
  readonly #env: Record<string, string | undefined>
  #child: ChildProcess | undefined

  constructor(hub: HubAddress, providerUrl: string, env: Readonly<Record<string, string>> = {}) {
    this.#env = {
      PATH: process.env['PATH'],
      HEALTH_PORT: '0',
      AGENT_DRAIN_MS: '0',
      AGENT_NAME: 'Atlas',
      AGENT_HUB_URL: hub.url,
      AGENT_HUB_SECRET: hub.secret,
      OPENAI_API_KEY: 'sk-test',
      OPENAI_BASE_URL: providerUrl,
      ...env,
    }
  }

  /** Starts it, and resolves when it is online. */
  async start(): Promise<void> {
    const child = spawn(process.execPath, [MAIN], {
      cwd: this.#folder,
      env: this.#env,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    endWithMe(child)
    this.#child = child
    let log = ''
    const online = async () => {
      while (!log.includes('online at the hub')) log += String(await once(child.stdout, 'data'))
    }
    await within(online(), 'the agent online', START_MS_MAX)
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
