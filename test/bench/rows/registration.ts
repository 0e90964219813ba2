import { setTimeout as wait } from 'node:timers/promises'
import { countFrames, expectAllOpen, registerFleet, waitUntilQuiet } from '../fleet.ts'
import { RawAgent } from '../raw-agent.ts'
import { alternate, readEach, startSide } from '../rounds.ts'
import { compare, type Row } from '../table.ts'
import type { Target } from '../target.ts'

const AGENTS = 2_000
const QUICK_AGENTS = 800
const VISITS = 400
const POLL_MS = 20

/** CPU µs for an agent that comes and goes while nobody else is there. */
const measureVisits = async (target: Target): Promise<number> => {
  const before = target.readCpuUs()
  for (let visit = 0; visit < VISITS; visit++) {
    const agent = await RawAgent.register(target, `visitor-${visit}`)
    agent.close()
  }
  while ((await target.readHealth()).agents > 0) await wait(POLL_MS)
  return (target.readCpuUs() - before) / VISITS
}

/** Time for many agents to come, and CPU until all of them have heard of each other. */
const measureWave = async (target: Target, count: number) => {
  const before = target.readCpuUs()
  const startedAt = performance.now()
  const agents = await registerFleet(target, 'agent', count)
  const wallMs = performance.now() - startedAt
  await waitUntilQuiet(agents)
  expectAllOpen(agents)
  return { wallMs, cpuUs: target.readCpuUs() - before, events: countFrames(agents) - count }
}

/** What it takes that many agents come, and hear of each other. */
export const registration: Row = {
  name: 'registration',
  measure: async (bench) => {
    const count = bench.isQuick ? QUICK_AGENTS : AGENTS
    const runs = await alternate(bench.isQuick ? 1 : 2, async (side) => {
      await using target = await startSide(bench, side)
      const visitUs = await measureVisits(target)
      return { visitUs, ...(await measureWave(target, count)) }
    })
    return [
      compare(
        'agent comes and goes, alone: CPU µs',
        readEach(runs, (run) => run.visitUs),
      ),
      compare(
        `${count} registrations: ms`,
        readEach(runs, (run) => run.wallMs),
      ),
      compare(
        `${count} registrations, presence included: CPU ms`,
        readEach(runs, (run) => run.cpuUs / 1_000),
      ),
      compare(
        `the same per presence event: CPU µs`,
        readEach(runs, (run) => run.cpuUs / run.events),
      ),
    ]
  },
}
