import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { within } from './within.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const LAST_LINE = 'Ctrl-C stops everything.'
/** Four processes start one after the other, on a machine that may run other tests. */
const START_MS_MAX = 30_000

/** Variables that make the demonstration echo, whatever this machine has. */
const ECHO = { OPENAI_API_KEY: '', ANTHROPIC_API_KEY: '', AI_PROVIDER: 'echo', AI_FALLBACK_PROVIDERS: '' }

/** A port that nothing listens on at the moment. */
export const findFreePort = async (): Promise<string> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address !== null ? String(address.port) : '0'
}

/** `pnpm start` as a process, without the script runner around it. */
export class Demonstration implements AsyncDisposable {
  readonly port: string
  readonly #child: ChildProcess
  readonly #ended: Promise<number | null>
  /** Its own, so that it minds nobody who shows the network on this machine at the same time. */
  readonly folder = mkdtempSync(join(tmpdir(), 'demonstration-'))
  #stdout = ''
  #stderr = ''

  constructor(port: string) {
    this.port = port
    this.#child = spawn(process.execPath, ['deploy/src/start.ts'], {
      cwd: ROOT,
      env: { ...process.env, ...ECHO, PORT: port, START_DATA_DIR: this.folder },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text
    })
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text
    })
    this.#ended = once(this.#child, 'close').then(([code]) => code)
  }

  get stdout(): string {
    return this.#stdout
  }

  get stderr(): string {
    return this.#stderr
  }

  /** Waits until everything was shown. @throws {Error} with the output when the process ends before */
  async shown(): Promise<void> {
    const wait = async () => {
      while (!this.#stdout.includes(LAST_LINE)) {
        if (this.#child.exitCode !== null) throw new Error(`Ended: ${this.#stdout}${this.#stderr}`)
        await Promise.race([this.#child.stdout === null ? this.#ended : once(this.#child.stdout, 'data'), this.#ended])
      }
    }
    await within(wait(), 'the demonstration', START_MS_MAX)
  }

  /** Waits for the end; with a signal, after sending it. @returns the exit code */
  async end(signal?: NodeJS.Signals): Promise<number | null> {
    if (signal !== undefined) this.#child.kill(signal)
    return within(this.#ended, 'the end of the demonstration', START_MS_MAX)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null) await this.end('SIGTERM')
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** Pastes a line into a shell. @returns what it printed, as JSON */
export const paste = async (line: string, env: Readonly<Record<string, string>> = {}): Promise<unknown> => {
  const { stdout } = await promisify(execFile)('sh', ['-c', line], { env: { ...process.env, ...env } })
  return JSON.parse(stdout)
}
