import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inWaves } from '../fleet.ts'
import { encodePost, HttpCaller } from '../http-caller.ts'
import { textOf } from '../load.ts'
import { RawCommits, ROWS_PER_COMMIT } from '../raw-run.ts'
import { alternate, percentile, readEach } from '../rounds.ts'
import { compare, compareAtLeast, type Row } from '../table.ts'
import { Target } from '../target.ts'

const MESSAGE_BYTES = 200
const CALLERS = ROWS_PER_COMMIT
/** Tasks of one round; all rounds together stay below what the hub keeps open. */
const TASKS = CALLERS * 50
const ROUNDS_MAX = 24
const MAILBOXES = 16
const RATE_RATIO_MIN = 0.5

/** How a number of submissions went. */
interface SubmissionRun {
  readonly wallMs: number
  readonly latenciesMs: readonly number[]
}

const submit = async (
  callers: readonly HttpCaller[],
  requests: readonly Buffer[],
  count: number,
): Promise<SubmissionRun> => {
  const latenciesMs: number[] = []
  let begun = 0
  const call = async (caller: HttpCaller): Promise<void> => {
    while (begun < count) {
      const request = requests[begun++ % requests.length]
      if (request === undefined) throw new Error('No mailbox to write to')
      const sentAt = performance.now()
      await caller.post(request)
      latenciesMs.push(performance.now() - sentAt)
    }
  }
  const startedAt = performance.now()
  await Promise.all(callers.map(call))
  return { wallMs: performance.now() - startedAt, latenciesMs }
}

/** A folder that goes with the bench. */
const makeFolder = () => {
  const path = mkdtempSync(join(tmpdir(), 'ai-comms-bench-'))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}

const toRequests = (target: Target): Buffer[] =>
  Array.from({ length: MAILBOXES }, (_, index) =>
    encodePost(target, '/tasks', { agent: `worker-${index}`, message: textOf(MESSAGE_BYTES), sender: 'bench' }),
  )

/** What it costs to have a task on disk before it is confirmed, beside SQLite alone with the same rows on the same disk. */
export const durableTask: Row = {
  name: 'durable-task',
  measure: async (bench) => {
    // The bare relay keeps nothing, so there is nothing to measure against itself
    if (bench.subject !== 'hub') return []
    await using hub = await Target.start('hub')
    using folder = makeFolder()
    const callers = await inWaves(CALLERS, () => HttpCaller.open(hub))
    const requests = toRequests(hub)
    await submit(callers, requests, CALLERS)
    for (const ending of ['', '-wal'])
      cpSync(join(hub.folder, `hub.sqlite${ending}`), join(folder.path, `raw.sqlite${ending}`))
    await using raw = await RawCommits.start(join(folder.path, 'raw.sqlite'), undefined)
    const measure = (side: 'hub' | 'bare') => (side === 'hub' ? submit(callers, requests, TASKS) : raw.run(TASKS))
    await alternate(1, measure)
    const runs = await alternate(Math.min(bench.rounds, ROUNDS_MAX), measure)
    for (const caller of callers) caller.close()
    const label = `durable task, ${MESSAGE_BYTES} B, ${CALLERS} callers`
    return [
      compareAtLeast(
        `${label}: tasks/s beside SQLite alone`,
        readEach(runs, ({ wallMs }) => (TASKS / wallMs) * 1_000),
        RATE_RATIO_MIN,
      ),
      compare(
        `${label}: p50 ms beside its commit`,
        readEach(runs, ({ latenciesMs }) => percentile(latenciesMs, 0.5)),
      ),
      compare(
        `${label}: p99 ms beside its commit`,
        readEach(runs, ({ latenciesMs }) => percentile(latenciesMs, 0.99)),
      ),
    ]
  },
}
