import { setTimeout as wait } from 'node:timers/promises'
import { type Address, RawAgent } from './raw-agent.ts'

/** How many connections are opened at a time. */
const AT_ONCE = 64
/** Presence may come late and in batches; it is over when nothing has come for this long. */
const QUIET_MS = 500

/** Runs `make(0) … make(count - 1)`, a few at a time, and gives back all that they made. */
export const inWaves = async <Made>(count: number, make: (index: number) => Promise<Made>): Promise<Made[]> => {
  const made: Made[] = []
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < count) {
      const index = next++
      made[index] = await make(index)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  return made
}

/** Registers many agents that only listen. */
export const registerFleet = (address: Address, prefix: string, count: number): Promise<RawAgent[]> =>
  inWaves(count, (index) => RawAgent.register(address, `${prefix}-${index}`))

/** How many text frames these agents have received. */
export const countFrames = (agents: readonly RawAgent[]): number => agents.reduce((sum, agent) => sum + agent.frames, 0)

/** Waits until these agents hear nothing any more. */
export const waitUntilQuiet = async (agents: readonly RawAgent[]): Promise<void> => {
  for (let seen = -1; seen !== countFrames(agents); ) {
    seen = countFrames(agents)
    await wait(QUIET_MS)
  }
}

/** @throws when one of these agents was lost, since the figure would then be of fewer agents. */
export const expectAllOpen = (agents: readonly RawAgent[]): void => {
  const lost = agents.filter((agent) => !agent.isOpen)
  const [first] = lost
  if (first) throw new Error(`${lost.length} agents were lost, ${first.name} with ${first.closeCode}`)
}
