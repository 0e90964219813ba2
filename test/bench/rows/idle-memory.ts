import { setTimeout as wait } from 'node:timers/promises'
import { expectAllOpen, registerFleet } from '../fleet.ts'
import { alternate, readEach, startSide } from '../rounds.ts'
import { compare, type Row } from '../table.ts'

const AGENTS = 2_000
const WARM_UP_AGENTS = 20
const SETTLE_MS = 2_000

/** What an agent that only listens takes of the server's memory, with the processes as users run them. */
export const idleMemory: Row = {
  name: 'idle-memory',
  measure: async (bench) => {
    const bytes = await alternate(bench.isQuick ? 1 : 3, async (side) => {
      await using target = await startSide(bench, side, { barePresence: false })
      await registerFleet(target, 'early', WARM_UP_AGENTS)
      await wait(SETTLE_MS / 4)
      const before = target.readRssBytes()
      const agents = await registerFleet(target, 'idle', AGENTS)
      await wait(SETTLE_MS)
      expectAllOpen(agents)
      const grown = target.readRssBytes() - before
      for (const agent of agents) agent.close()
      return grown / AGENTS
    })
    return [
      compare(
        `idle agent of ${AGENTS}: RSS bytes`,
        readEach(bytes, (grown) => grown),
        1.5,
      ),
    ]
  },
}
