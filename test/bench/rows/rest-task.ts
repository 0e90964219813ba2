import { inWaves } from '../fleet.ts'
import { startAnsweringAgent, TaskLoad, type TaskRun, textOf } from '../load.ts'
import { alternate, type Bench, forBoth, joinSamples, percentile, readEach, type Sides, startSide } from '../rounds.ts'
import { compare, type Figure, type Row } from '../table.ts'
import type { Target } from '../target.ts'

/** One way to send tasks. */
export interface TaskCase {
  readonly label: string
  readonly bytes: number
  readonly callers: number
  readonly agents: number
  /** Tasks of one round: few, so that both sides of a round meet the same weather. */
  readonly tasks: number
  readonly ratioMax?: number
}

const CASES: readonly TaskCase[] = [
  { label: '200 B, 1 caller', bytes: 200, callers: 1, agents: 1, tasks: 300 },
  { label: '200 B, 64 callers', bytes: 200, callers: 64, agents: 1, tasks: 1_000, ratioMax: 1.1 },
  { label: '200 B, 64 callers to 32 agents', bytes: 200, callers: 64, agents: 32, tasks: 1_000 },
  { label: '16 KiB, 1 caller', bytes: 16_384, callers: 1, agents: 1, tasks: 300 },
  { label: '16 KiB, 64 callers', bytes: 16_384, callers: 64, agents: 1, tasks: 400, ratioMax: 1 },
]
const WARM_UP_TASKS = 6_000
/** No two processes of one program are quite as fast. */
const STARTS = 2

/** The figures of one way to send tasks. */
export const toTaskFigures = ({ label, ratioMax }: TaskCase, runs: Sides<TaskRun[]>): Figure[] => {
  const latency = (share: number) => (run: TaskRun) => percentile(run.latenciesMs, share)
  return [
    compare(
      `task, ${label}: CPU µs`,
      readEach(runs, (run) => run.cpuUs / run.latenciesMs.length),
      ratioMax,
    ),
    compare(
      `task, ${label}: tasks/s`,
      readEach(runs, (run) => (run.latenciesMs.length / run.wallMs) * 1_000),
    ),
    compare(`task, ${label}: p50 ms`, readEach(runs, latency(0.5))),
    compare(`task, ${label}: p99 ms`, readEach(runs, latency(0.99))),
  ]
}

/** Measures one way to send tasks on two servers that run already. */
export const runTasks = async (bench: Bench, targets: Sides<Target>, taskCase: TaskCase): Promise<Sides<TaskRun[]>> => {
  const { bytes, callers } = taskCase
  const names = Array.from({ length: taskCase.agents }, (_, index) => `worker-${bytes}-${callers}-${index}`)
  const loads = await forBoth(async (side) => {
    const answer = textOf(bytes)
    await inWaves(names.length, (index) => startAnsweringAgent(targets[side], names[index] ?? '', answer))
    return TaskLoad.open(targets[side], names, bytes, callers)
  })
  await alternate(1, (side) => loads[side].run(callers === 1 ? WARM_UP_TASKS / 6 : WARM_UP_TASKS))
  const runs = await alternate(bench.rounds, (side) => loads[side].run(taskCase.tasks))
  loads.hub.close()
  loads.bare.close()
  return runs
}

/** What a synchronous task costs, from the request to its answer. */
export const restTask: Row = {
  name: 'rest-task',
  measure: async (bench) => {
    const starts: Sides<TaskRun[]>[][] = []
    for (let start = 0; start < (bench.isQuick ? 1 : STARTS); start++) {
      await using hub = await startSide(bench, 'hub')
      await using bare = await startSide(bench, 'bare')
      const runs: Sides<TaskRun[]>[] = []
      for (const taskCase of CASES) runs.push(await runTasks(bench, { hub, bare }, taskCase))
      starts.push(runs)
    }
    return CASES.flatMap((taskCase, index) => {
      const runs = starts.map((start) => start[index]).filter((run) => run !== undefined)
      return toTaskFigures(taskCase, joinSamples(runs))
    })
  },
}
