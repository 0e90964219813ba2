import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { CpuPair } from './cpus.ts'

/** Rows that share one commit, as many as the row has callers. */
export const ROWS_PER_COMMIT = 64

/** How a number of rows went. */
export interface RawRun {
  readonly wallMs: number
  /** Of each commit. */
  readonly latenciesMs: readonly number[]
}

const ENTRY = fileURLToPath(new URL('./raw-commits.ts', import.meta.url))

/** A process that writes rows as fast as SQLite takes them. */
export class RawCommits implements AsyncDisposable {
  readonly #child: ChildProcess

  private constructor(child: ChildProcess) {
    this.#child = child
  }

  /** @param file a database of the hub with a task in it */
  static async start(file: string, cpus: CpuPair | undefined): Promise<RawCommits> {
    const command = [process.execPath, ENTRY, file]
    if (cpus !== undefined) command.unshift('taskset', '-c', String(cpus.server))
    const [program = process.execPath, ...rest] = command
    const child = spawn(program, rest, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    await once(child, 'message')
    return new RawCommits(child)
  }

  async run(rows: number): Promise<RawRun> {
    const answered: Promise<[RawRun]> = once(this.#child, 'message') as Promise<[RawRun]>
    this.#child.send(rows)
    const [run] = await answered
    return run
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const gone = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await gone
  }
}
