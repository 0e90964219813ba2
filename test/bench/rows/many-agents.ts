import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { startSide } from '../rounds.ts'
import type { Figure, Row } from '../table.ts'
import type { Target } from '../target.ts'
import { runTasks, type TaskCase, toTaskFigures } from './rest-task.ts'

const FLEET_PROCESS = fileURLToPath(new URL('../fleet-process.ts', import.meta.url))
/** The files that a process needs besides its agents' sockets. */
const SPARE_FILES = 500

const readFilesMax = (): number => {
  const soft = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1]
  return soft === undefined ? Number.POSITIVE_INFINITY : Number(soft)
}

/** Thousands of idle agents in a process of their own. */
class Fleet {
  readonly #child: ChildProcess

  private constructor(child: ChildProcess) {
    this.#child = child
  }

  static async start({ port, secret }: Target, count: number): Promise<Fleet> {
    const child = fork(FLEET_PROCESS, [String(port), String(count)], { env: { ...process.env, HUB_SECRET: secret } })
    const fleet = new Fleet(child)
    await fleet.#next()
    return fleet
  }

  /** @throws when an agent was lost */
  async expectWhole(): Promise<void> {
    this.#child.send('are you whole?')
    await this.#next()
  }

  async #next(): Promise<void> {
    const over = new AbortController()
    const lost = once(this.#child, 'exit', { signal: over.signal }).then(() => {
      throw new Error('The process of the idle agents failed')
    })
    const heard = once(this.#child, 'message', { signal: over.signal })
    await Promise.race([heard, lost]).finally(() => {
      // Whichever is still waiting ends with the abort, which says nothing
      for (const wait of [heard, lost]) wait.catch((error: Error) => error)
      over.abort()
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null) return
    const gone = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await gone
  }
}

/** What a task costs while ten thousand other agents listen. The bare relay is spared the presence, for which it needs minutes. */
export const manyAgents: Row = {
  name: 'many-agents',
  measure: async (bench) => {
    const count = Math.min(bench.isQuick ? 1_000 : 10_000, readFilesMax() - SPARE_FILES)
    await using hub = await startSide(bench, 'hub', { barePresence: false })
    await using bare = await startSide(bench, 'bare', { barePresence: false })
    const targets = { hub, bare }
    await using hubFleet = await Fleet.start(hub, count)
    await using bareFleet = await Fleet.start(bare, count)
    const cases: TaskCase[] = [
      { label: `${count} agents, 200 B, 64 callers`, bytes: 200, callers: 64, agents: 1, tasks: 1_000, ratioMax: 1.1 },
      { label: `${count} agents, 200 B, 64 callers to 32`, bytes: 200, callers: 64, agents: 32, tasks: 1_000 },
    ]
    const figures: Figure[] = []
    for (const taskCase of cases) figures.push(...toTaskFigures(taskCase, await runTasks(bench, targets, taskCase)))
    await hubFleet.expectWhole()
    await bareFleet.expectWhole()
    return figures
  },
}
