import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url))

/** A real process of `main.ts`. */
export class AgentProcess {
  readonly #child: ChildProcess
  readonly #exited: Promise<number | null>
  stdout = ''
  stderr = ''

  constructor(folder: string, env: Record<string, string>, args: readonly string[]) {
    // without the dashes Node itself looks at --env-file, and ends before the agent begins when the file is not there
    this.#child = spawn(process.execPath, ['--', MAIN, ...args], {
      cwd: folder,
      env: { PATH: process.env['PATH'], HEALTH_PORT: '0', OLLAMA_BASE_URL: 'http://127.0.0.1:9', ...env },
    })
    this.#child.stdout?.on('data', (chunk: Buffer) => {
      this.stdout += chunk.toString()
    })
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      this.stderr += chunk.toString()
    })
    const end = () => this.#child.kill('SIGKILL')
    // whatever becomes of the test, its process is not left behind
    process.once('exit', end)
    this.#exited = once(this.#child, 'close').then(([code]) => {
      process.off('exit', end)
      return code
    })
  }

  /** Its exit code, once it has ended; null when a signal ended it. */
  get exited(): Promise<number | null> {
    return this.#exited
  }

  /** Sends a signal. */
  signal(name: NodeJS.Signals): void {
    this.#child.kill(name)
  }

  /** The first line of the log with this sentence, when it comes. */
  async logged(sentence: string): Promise<Record<string, unknown>> {
    for (;;) {
      const line = this.stdout.split('\n').find((each) => each.startsWith('{') && each.includes(`"msg":"${sentence}`))
      if (line?.endsWith('}')) return JSON.parse(line)
      if (!this.#child.stdout || this.#child.exitCode !== null) throw new Error(`The process never logged: ${sentence}`)
      await once(this.#child.stdout, 'data')
    }
  }

  /** Ends the process. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#exited
  }
}

/** Starts `main.ts` in a folder, with these variables and no others. */
export const startAgentProcess = (
  folder: { readonly path: string },
  env: Record<string, string>,
  args: readonly string[] = [],
): AgentProcess => new AgentProcess(folder.path, env, args)
