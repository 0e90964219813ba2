import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { CpuPair } from './cpus.ts'

/** Which server: ours, or the yardstick. */
export type TargetKind = 'hub' | 'bare'

/** How a server is started. */
export interface TargetOptions {
  readonly cpus?: CpuPair | undefined
  /** Whether the bare relay tells agents about each other; the hub always does. */
  readonly barePresence?: boolean
}

const ENTRIES = {
  hub: fileURLToPath(new URL('../../hub/src/main.ts', import.meta.url)),
  bare: fileURLToPath(new URL('./bare-relay.ts', import.meta.url)),
}
const START_MS_MAX = 15_000

const running = new Set<Target>()
process.on('exit', () => {
  for (const target of running) target.killNow()
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130))

const findFreePort = async (): Promise<number> => {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  if (address === null || typeof address === 'string') throw new Error('No free port on the loopback address')
  return address.port
}

const toEnvironment = (kind: TargetKind, port: number, secret: string, folder: string, options: TargetOptions) => {
  const common = { PATH: process.env['PATH'], PORT: String(port), HUB_SECRET: secret }
  if (kind === 'bare') {
    return { ...common, WS_NO_BUFFER_UTIL: '1', BARE_PRESENCE: options.barePresence === false ? '0' : '1' }
  }
  return {
    ...common,
    HUB_HOST: '127.0.0.1',
    HUB_DATA_DIR: folder,
    HUB_LOG_LEVEL: 'info',
    HUB_MAX_AGENTS: '20000',
    HUB_MAX_PER_IP: '20000',
    HUB_MAX_FRAMES_PER_S: '0',
  }
}

/** One server process on its own CPU, observed from outside only. */
export class Target {
  readonly port: number
  readonly secret: string
  readonly #child: ChildProcess
  readonly #folder: string

  private constructor(child: ChildProcess, port: number, secret: string, folder: string) {
    this.#child = child
    this.port = port
    this.secret = secret
    this.#folder = folder
    running.add(this)
  }

  /** Starts a server on a free port and waits until it answers `GET /health`; its log goes to a file that it leaves behind. */
  static async start(kind: TargetKind, options: TargetOptions = {}): Promise<Target> {
    const folder = mkdtempSync(join(tmpdir(), 'ai-comms-bench-'))
    const port = await findFreePort()
    const secret = randomBytes(32).toString('hex')
    const log = openSync(join(folder, 'log'), 'a')
    const command = [process.execPath, ENTRIES[kind]]
    if (options.cpus !== undefined) command.unshift('taskset', '-c', String(options.cpus.server))
    const [program = process.execPath, ...rest] = command
    const env = toEnvironment(kind, port, secret, folder, options)
    const child = spawn(program, rest, { env, stdio: ['ignore', log, log] })
    closeSync(log)
    const target = new Target(child, port, secret, folder)
    await target.#waitUntilHealthy(kind)
    return target
  }

  /** Where it keeps what it keeps. */
  get folder(): string {
    return this.#folder
  }

  get #pid(): number {
    const { pid } = this.#child
    if (pid === undefined) throw new Error('The server did not start')
    return pid
  }

  async #waitUntilHealthy(kind: TargetKind): Promise<void> {
    for (const deadline = Date.now() + START_MS_MAX; Date.now() < deadline; await wait(30)) {
      if (this.#child.exitCode !== null) break
      const health = await this.readHealth().catch((error: unknown) => ({ agents: -1, error }))
      if (health.agents === 0) return
    }
    const log = readFileSync(join(this.#folder, 'log'), 'utf8').slice(-2_000)
    await this[Symbol.asyncDispose]()
    throw new Error(`The ${kind} did not become healthy within ${START_MS_MAX} ms:\n${log}`)
  }

  /** How many agents the server counts. */
  async readHealth(): Promise<{ agents: number }> {
    const answer = await fetch(`http://127.0.0.1:${this.port}/health`, { headers: { connection: 'close' } })
    const health: { agents: number } = JSON.parse(await answer.text())
    return health
  }

  /** CPU time of all its threads since its start, in microseconds; exact when the server is idle. */
  readCpuUs(): number {
    const threads = `/proc/${this.#pid}/task`
    let ns = 0
    for (const thread of readdirSync(threads)) {
      ns += Number(readFileSync(`${threads}/${thread}/schedstat`, 'utf8').split(' ')[0])
    }
    return ns / 1_000
  }

  /** Resident memory, in bytes. */
  readRssBytes(): number {
    const kib = /^VmRSS:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${this.#pid}/status`, 'utf8'))?.[1]
    if (kib === undefined) throw new Error('The server is gone')
    return Number(kib) * 1_024
  }

  /** For the last moment of the bench, when nothing can be awaited any more. */
  killNow(): void {
    running.delete(this)
    this.#child.kill('SIGKILL')
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 3 })
  }

  /** Ends it without ceremony: a naive relay would first tell thousands of agents about each other's leaving. */
  async [Symbol.asyncDispose](): Promise<void> {
    const isGone = this.#child.exitCode !== null || this.#child.signalCode !== null
    const gone = isGone ? undefined : once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await gone
    this.killNow()
  }
}
