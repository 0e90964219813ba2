import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { endWithMe } from './end-with-me.ts'
import { type Answer, type CallOptions, httpCall } from './http-call.ts'
import type { HubAddress } from './start-hub.ts'
import { within } from './within.ts'

const MAIN = fileURLToPath(new URL('../../hub/src/main.ts', import.meta.url))
/** What Node keeps of programs it has compiled: halves the work of a start, for tests that are about what comes after it. */
export const COMPILED = fileURLToPath(new URL('../../node_modules/.cache/hub-process', import.meta.url))

/** Variables of a hub process; undefined takes a default away. */
export type HubEnvironment = Readonly<Record<string, string | undefined>>

/** How a process ended. */
export interface ProcessEnd {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  /** From its start, in milliseconds. */
  readonly tookMs: number
}

/** A hub in a process of its own, in an empty folder. */
export class HubProcess implements HubAddress, AsyncDisposable {
  readonly secret: string
  readonly ended: Promise<ProcessEnd>
  readonly #child: ChildProcess
  readonly #folder: string
  #stdout = ''
  #stderr = ''
  #url = ''

  constructor(child: ChildProcess, folder: string, secret: string) {
    this.#child = child
    this.#folder = folder
    this.secret = secret
    const startedAt = performance.now()
    endWithMe(child)
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text
    })
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text
    })
    this.ended = once(child, 'close').then(([code, signal]) => ({
      code,
      signal,
      tookMs: performance.now() - startedAt,
    }))
  }

  get url(): string {
    return this.#url
  }

  get pid(): number {
    return this.#child.pid ?? Number.NaN
  }

  get socketUrl(): string {
    return this.#url.replace(/^http/, 'ws')
  }

  get stdout(): string {
    return this.#stdout
  }

  get stderr(): string {
    return this.#stderr
  }

  /** Waits for a line of the log. @throws {Error} with all output when the process ends before */
  async logged(pattern: RegExp, limitMs?: number): Promise<RegExpExecArray> {
    const wait = async () => {
      for (;;) {
        const found = pattern.exec(this.#stdout)
        if (found !== null) return found
        const hasEnded = this.#child.exitCode !== null || this.#child.signalCode !== null
        if (hasEnded) throw new Error(`Ended: ${this.#stdout}${this.#stderr}`)
        const more = this.#child.stdout === null ? this.ended : once(this.#child.stdout, 'data')
        await Promise.race([more, this.ended])
      }
    }
    return within(wait(), `a log line like ${pattern}`, limitMs)
  }

  async listening(): Promise<void> {
    const [, url = ''] = await this.logged(/"url":"([^"]+)"/)
    this.#url = url.replace('0.0.0.0', '127.0.0.1')
  }

  call(method: string, path: string, options: CallOptions = {}): Promise<Answer> {
    const headers = { authorization: `Bearer ${this.secret}`, ...options.headers }
    return httpCall(method, `${this.#url}${path}`, { ...options, headers })
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** Ends it as a power cut would. */
  async kill(): Promise<void> {
    this.signal('SIGKILL')
    await this.end()
  }

  end(limitMs = 10_000): Promise<ProcessEnd> {
    return within(this.ended, 'the end of the process', limitMs)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.ended
    await rm(this.#folder, { recursive: true })
  }
}

/**
 * Spawns a hub without waiting for anything: it may refuse to start.
 *
 * @param through a command that becomes what is put behind it, such as `setpriv …`
 */
export const spawnHub = async (
  env: HubEnvironment = {},
  args: readonly string[] = [],
  through: readonly string[] = [],
): Promise<HubProcess> => {
  const folder = await mkdtemp(join(tmpdir(), 'hub-process-'))
  const secret = 'HUB_SECRET' in env ? (env['HUB_SECRET'] ?? '') : randomBytes(24).toString('base64url')
  const all = { PATH: process.env['PATH'], PORT: '0', HUB_HOST: '127.0.0.1', HUB_SECRET: secret, ...env }
  const given = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
  const [command = '', ...argv] = [...through, process.execPath, MAIN, ...args]
  const child = spawn(command, argv, { cwd: folder, env: given, stdio: ['ignore', 'pipe', 'pipe'] })
  return new HubProcess(child, folder, secret)
}

/** Spawns a hub and waits until it listens. @param through as for {@link spawnHub} */
export const startHubProcess = async (
  env: HubEnvironment = {},
  through: readonly string[] = [],
): Promise<HubProcess> => {
  const hub = await spawnHub(env, [], through)
  try {
    await hub.listening()
    return hub
  } catch (error) {
    await hub[Symbol.asyncDispose]()
    throw error
  }
}
