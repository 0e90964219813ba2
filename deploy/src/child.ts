import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
/** A process that does not end by itself is killed after this, in milliseconds: longer than any drain it was given. */
const KILL_AFTER_MS = 15_000

/** One process of the network, by the name that its lines are shown under. */
export class Child {
  readonly name: string
  readonly #process: ChildProcess
  readonly #exited: Promise<unknown>
  #lastLine = ''

  /** @param env what the process finds in its environment besides this one's */
  constructor(name: string, script: string, env: Readonly<Record<string, string>>) {
    this.name = name
    this.#process = spawn(process.execPath, [script], {
      cwd: ROOT,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#exited = once(this.#process, 'close')
    // However this process ends, it leaves nothing running behind
    const end = () => this.#process.kill('SIGTERM')
    process.once('exit', end)
    this.#process.once('close', () => process.off('exit', end))
    this.#show(this.#process.stdout)
    this.#show(this.#process.stderr)
  }

  /** Resolves with a sentence when the process has ended. */
  async ended(): Promise<string> {
    await this.#exited
    return this.#lastLine === '' ? `${this.name} ended with code ${this.#process.exitCode}` : this.#lastLine
  }

  /** Asks the process to finish and waits until it has. */
  async stop(): Promise<void> {
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), KILL_AFTER_MS)
    this.#process.kill('SIGTERM')
    await this.#exited
    clearTimeout(timer)
  }

  #show(stream: NodeJS.ReadableStream | null): void {
    stream?.on('data', (chunk: Buffer) => {
      for (const line of chunk.toString().split('\n')) {
        if (line === '') continue
        this.#lastLine = line
        process.stderr.write(`[${this.name}] ${line}\n`)
      }
    })
  }
}
