import { cpus, totalmem } from 'node:os'
import type { Bench } from './rounds.ts'
import { type Figure, toTable } from './table.ts'

const GIB = 2 ** 30

const HEAD = `# Bench

\`pnpm bench\` starts the hub, as users run it, beside a **bare relay** (\`bare-relay.ts\`: node:http, ws and a Map; no validation, no
limits, no logging), each as a process pinned to a CPU of its own turn, and sends both the same load from another CPU.
\`pnpm bench --help\` lists the flags; \`--write\` rewrites this file.

- **CPU** is what the kernel counts for all threads of the server (\`schedstat\`), so garbage collection is in it and the load generator is not.
- Every figure is the median over rounds in the order A B, B A …, after a warm-up, and the ratio the median of the rounds' ratios, which a change of weather on the machine does not touch; \`--subject bare\` measures the bare relay against itself, which shows the noise.
- The bare relay runs with \`WS_NO_BUFFER_UTIL=1\`: it is the plain thing. The hub has the native unmasking that it ships with.

| row | question |
|---|---|
| rest-task | \`POST /task\` from the request to the answer of the agent, message and answer of the given size; callers wait for their answer before they ask again. "to 32 agents" spreads the tasks, so that little can be written together |
| durable-task | \`POST /tasks\` for agents that are away, until the 202; beside a process that writes the same rows, with the same indexes, 64 to a commit into SQLite on the same disk, and does nothing else. Neither is pinned: the store has threads of its own |
| agent-message | one agent writes to another, two bursts ahead of what has arrived |
| fan-out | \`POST /broadcast\` of 200 B to 500 agents that all answer, per agent |
| registration | 2 000 agents come, 64 at a time, to servers that tell all about all (n² events: 2 000 000); before that, agents come and go one after the other |
| idle-memory | growth of resident memory by 2 000 agents that only listen, 2 s after the last came; the bare relay without presence, whose garbage would flatter the hub |
| many-agents | \`rest-task\` while 10 000 other agents listen; the bare relay without presence, for which it would need minutes |
| slow-reader | an agent stops reading while another one sends it up to 210 MB |
`

const WHERE_THE_TIME_GOES = `## Where the time goes

From CPU profiles of the hub and of the bare relay under the same load, and from \`--trace-gc\`:

- **One task.** The hub writes a turn's frames to a socket at once, which saves about two thirds of the relay's time in writes; validation, limits, the task law and Fastify spend about as much again. With one caller there is nothing to gather, so that row shows their bare price.
- **Durable tasks.** The thread that writes takes about 1 ms to insert 40 tasks and 1.2 ms to commit them, as SQLite alone does; but a caller also pays for HTTP twice and for two handovers between threads, and 64 callers that wait for their answers keep no more than 64 tasks on the way. On two processors that the load shares, neither thread is ever busy all the time. More callers, or a machine with more processors, come closer to the yardstick.
- **Fan-out.** Both servers must write to, and read from, each of 500 sockets once; those system calls are about two thirds of either's time and nothing can be gathered. Handing out, answering, encoding and parsing cost about 5 µs per delivery of the rest, collection of their objects about 2 µs more than the relay's. A goal below the relay's own cost is out of reach as long as every entry is a task with a deadline and a holder.
- **Idle memory.** Living objects are about 5.4 KB an agent in the hub and 3.4 KB in the relay; the remainder is the young generation, which grows with the garbage of the registrations and is not given back. \`node --max-semi-space-size=8 hub/src/main.ts\` brought the row to 1.4 × in one run and cost a few per cent of speed with many agents: worth a try on a small machine.
- **Many agents.** A larger heap makes each full collection dearer, so what matters is not to promote: finished tasks are emptied, and V8's pretenuring is off.
`

const toMachine = (bench: Bench): string => {
  const [cpu] = cpus()
  const pinned =
    bench.cpus === undefined ? 'not pinned (no `taskset`, or one CPU)' : 'server and load pinned to a CPU each'
  return `${cpus().length} × ${cpu?.model.trim() ?? 'unknown CPU'}, ${Math.round(totalmem() / GIB)} GiB, ${process.platform} ${process.arch}; ${pinned}`
}

/** Where, when and how the figures came about. */
export const describeRun = (bench: Bench): string =>
  `${new Date().toISOString().slice(0, 10)}, Node ${process.versions.node}, ${toMachine(bench)}, ${bench.rounds} rounds${bench.isQuick ? ', quick' : ''}.`

/** The whole of `results.md`. */
export const toResults = (bench: Bench, figures: readonly Figure[]): string => {
  const missed = figures.filter((figure) => figure.isMet === false)
  const verdict =
    missed.length === 0 ? 'All goals are met.' : `Missed: ${missed.map((figure) => figure.what).join('; ')}.`
  return [HEAD, '## Results', '', describeRun(bench), verdict, '', toTable(figures), '', WHERE_THE_TIME_GOES].join('\n')
}
