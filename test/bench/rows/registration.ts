import { countFrames, expectAllOpen, registerFleet, waitUntilQuiet } from '../fleet.ts'
import type { RawAgent } from '../raw-agent.ts'
import { alternate, medians, startSide } from '../rounds.ts'
import { compare, type Row } from '../table.ts'
import type { Target } from '../target.ts'

const WARM_UP_AGENTS = 50
const FIRST_AGENTS = 250
const ALL_AGENTS = 2_000
const QUICK_AGENTS = 1_000
/** CPU of a wave of registrations with all the presence that follows it, and how much of both there was. */
const registerWave = async (target: Target, present: RawAgent[], prefix: string, count: number) => {
  const cpuBefore = target.readCpuUs()
  const framesBefore = countFrames(present)
  const startedAt = performance.now()
  present.push(...(await registerFleet(target, prefix, count)))
  const wallMs = performance.now() - startedAt
  await waitUntilQuiet(present)
  expectAllOpen(present)
  return { cpuUs: target.readCpuUs() - cpuBefore, wallMs, count, events: countFrames(present) - framesBefore - count }
}

/**
 * Time and CPU for 2 000 agents to come. Two waves of different sizes tell the price of a registration from that of a
 * presence event: their number grows with the square.
 */
export const registration: Row = {
  name: 'registration',
  measure: async (bench) => {
    const all = bench.isQuick ? QUICK_AGENTS : ALL_AGENTS
    const runs = await alternate(bench.isQuick ? 1 : 2, async (side) => {
      await using target = await startSide(bench, side)
      const present = await registerFleet(target, 'warm', WARM_UP_AGENTS)
      await waitUntilQuiet(present)
      const first = await registerWave(target, present, 'first', FIRST_AGENTS)
      const second = await registerWave(target, present, 'second', all - FIRST_AGENTS)
      const determinant = first.count * second.events - second.count * first.events
      return {
        wallMs: first.wallMs + second.wallMs,
        cpuMs: (first.cpuUs + second.cpuUs) / 1_000,
        registrationUs: (first.cpuUs * second.events - second.cpuUs * first.events) / determinant,
        eventUs: (first.count * second.cpuUs - second.count * first.cpuUs) / determinant,
        events: first.events + second.events,
      }
    })
    return [
      compare(
        `${all} registrations: ms`,
        medians(runs, (run) => run.wallMs),
      ),
      compare(
        `${all} registrations and their presence: CPU ms`,
        medians(runs, (run) => run.cpuMs),
      ),
      compare(
        'registration: CPU µs',
        medians(runs, (run) => run.registrationUs),
      ),
      compare(
        'presence event: CPU µs',
        medians(runs, (run) => run.eventUs),
      ),
      compare(
        'presence events delivered',
        medians(runs, (run) => run.events),
      ),
    ]
  },
}
