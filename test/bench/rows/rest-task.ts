import { inWaves } from '../fleet.ts'
import { startAnsweringAgent, TaskLoad, type TaskRun, textOf } from '../load.ts'
import { alternate, type Bench, forBoth, medians, percentile, type Sides, startSide } from '../rounds.ts'
import { compare, type Figure, type Row } from '../table.ts'
import type { Target } from '../target.ts'

/** One way to send tasks. */
export interface TaskCase {
  readonly label: string
  readonly bytes: number
  readonly callers: number
  readonly agents: number
  readonly ratioMax?: number
}

const CASES: readonly TaskCase[] = [
  { label: '200 B, 1 caller', bytes: 200, callers: 1, agents: 1 },
  { label: '200 B, 64 callers', bytes: 200, callers: 64, agents: 1, ratioMax: 1.1 },
  { label: '200 B, 64 callers to 32 agents', bytes: 200, callers: 64, agents: 32 },
  { label: '16 KiB, 1 caller', bytes: 16_384, callers: 1, agents: 1 },
  { label: '16 KiB, 64 callers', bytes: 16_384, callers: 64, agents: 1, ratioMax: 1 },
]
const WARM_UP_TASKS = 3_000

const toFigures = ({ label, ratioMax }: TaskCase, runs: Sides<TaskRun[]>): Figure[] => {
  const latency = (share: number) => (run: TaskRun) => percentile(run.latenciesMs, share)
  return [
    compare(
      `task, ${label}: CPU µs`,
      medians(runs, (run) => run.cpuUs / run.latenciesMs.length),
      ratioMax,
    ),
    compare(
      `task, ${label}: tasks/s`,
      medians(runs, (run) => (run.latenciesMs.length / run.wallMs) * 1_000),
    ),
    compare(`task, ${label}: p50 ms`, medians(runs, latency(0.5))),
    compare(`task, ${label}: p99 ms`, medians(runs, latency(0.99))),
  ]
}

/** Measures one way to send tasks on two servers that run already. */
export const measureTasks = async (
  bench: Bench,
  targets: Sides<Target>,
  taskCase: TaskCase,
  rounds: number,
): Promise<Figure[]> => {
  const { bytes, callers } = taskCase
  const names = Array.from({ length: taskCase.agents }, (_, index) => `worker-${bytes}-${callers}-${index}`)
  const tasks = (bytes > 1_000 ? 1_500 : 4_000) / (callers === 1 ? 4 : 1) / (bench.isQuick ? 2 : 1)
  const loads = await forBoth(async (side) => {
    const answer = textOf(bytes)
    await inWaves(names.length, (index) => startAnsweringAgent(targets[side], names[index] ?? '', answer))
    return TaskLoad.open(targets[side], names, bytes, callers)
  })
  await alternate(1, (side) => loads[side].run(WARM_UP_TASKS / (callers === 1 ? 3 : 1)))
  const runs = await alternate(rounds, (side) => loads[side].run(tasks))
  loads.hub.close()
  loads.bare.close()
  return toFigures(taskCase, runs)
}

/** What a synchronous task costs, from the request to its answer. */
export const restTask: Row = {
  name: 'rest-task',
  measure: async (bench) => {
    await using hub = await startSide(bench, 'hub')
    await using bare = await startSide(bench, 'bare')
    const figures: Figure[] = []
    for (const taskCase of CASES) {
      figures.push(...(await measureTasks(bench, { hub, bare }, taskCase, bench.rounds)))
    }
    return figures
  },
}
