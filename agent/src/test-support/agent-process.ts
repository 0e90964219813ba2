import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url))

/** A real process of `main.ts`, in a folder of its own. */
export class AgentProcess {
  readonly #child: ChildProcess
  readonly #exited: Promise<number | null>
  readonly folder: string
  stdout = ''
  stderr = ''

  constructor(folder: string, env: Record<string, string>, args: readonly string[]) {
    this.folder = folder
    this.#child = spawn(process.execPath, [MAIN, ...args], {
      cwd: folder,
      env: { PATH: process.env['PATH'], HEALTH_PORT: '0', OLLAMA_BASE_URL: 'http://127.0.0.1:9', ...env },
    })
    this.#child.stdout?.on('data', (chunk: Buffer) => {
      this.stdout += chunk.toString()
    })
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      this.stderr += chunk.toString()
    })
    this.#exited = once(this.#child, 'close').then(([code]) => code)
  }

  /** Its exit code, once it has ended. */
  get exited(): Promise<number | null> {
    return this.#exited
  }

  /** Sends a signal. */
  signal(name: NodeJS.Signals): void {
    this.#child.kill(name)
  }

  /** Log lines so far. */
  get lines(): Record<string, unknown>[] {
    return this.stdout
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line))
  }

  /** Resolves when the standard output holds a text. */
  async hasSaid(text: string): Promise<void> {
    const { stdout } = this.#child
    while (!this.stdout.includes(text) && stdout) await once(stdout, 'data')
  }

  /** Ends the process and removes its folder. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#exited
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** A new empty folder. */
export const makeFolder = (): string => mkdtempSync(join(tmpdir(), 'ai-comms-agent-'))

/** Starts `main.ts` with these variables and no others. */
export const startAgentProcess = (
  env: Record<string, string>,
  args: readonly string[] = [],
  folder: string = makeFolder(),
): AgentProcess => new AgentProcess(folder, env, args)
