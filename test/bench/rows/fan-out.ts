import { inWaves } from '../fleet.ts'
import { encodePost, HttpCaller } from '../http-caller.ts'
import { startAnsweringAgent, textOf } from '../load.ts'
import { alternate, forBoth, readEach, startSide } from '../rounds.ts'
import { compare, type Row } from '../table.ts'
import type { Target } from '../target.ts'

const AGENTS = 500
const BYTES = 200
const BROADCASTS = 2
const WARM_UP_BROADCASTS = 12

/** One caller that asks everybody. */
class BroadcastLoad {
  readonly #target: Target
  readonly #caller: HttpCaller
  readonly #request: Buffer

  private constructor(target: Target, caller: HttpCaller) {
    this.#target = target
    this.#caller = caller
    this.#request = encodePost(target, '/broadcast', { message: textOf(BYTES), sender: 'bench' })
  }

  static async open(target: Target): Promise<BroadcastLoad> {
    const answer = textOf(BYTES)
    await inWaves(AGENTS, (index) => startAnsweringAgent(target, `worker-${index}`, answer))
    return new BroadcastLoad(target, await HttpCaller.open(target))
  }

  /** CPU of the server for each agent that answered, and the time of one broadcast. */
  async run(count: number): Promise<{ cpuUs: number; wallMs: number }> {
    const before = this.#target.readCpuUs()
    const startedAt = performance.now()
    for (let index = 0; index < count; index++) {
      const body = await this.#caller.post(this.#request)
      const { results }: { results: { success: boolean }[] } = JSON.parse(body.toString())
      const answered = results.filter((result) => result.success).length
      if (answered !== AGENTS) throw new Error(`${answered} of ${AGENTS} agents answered a broadcast`)
    }
    const wallMs = (performance.now() - startedAt) / count
    return { cpuUs: (this.#target.readCpuUs() - before) / count / AGENTS, wallMs }
  }
}

/** What a broadcast costs per agent, its answer included. */
export const fanOut: Row = {
  name: 'fan-out',
  measure: async (bench) => {
    await using hub = await startSide(bench, 'hub')
    await using bare = await startSide(bench, 'bare')
    const targets = { hub, bare }
    const loads = await forBoth((side) => BroadcastLoad.open(targets[side]))
    await alternate(1, (side) => loads[side].run(WARM_UP_BROADCASTS))
    const runs = await alternate(bench.rounds, (side) => loads[side].run(BROADCASTS))
    return [
      compare(
        `broadcast to ${AGENTS}: CPU µs per delivery`,
        readEach(runs, (run) => run.cpuUs),
        0.9,
      ),
      compare(
        `broadcast to ${AGENTS}: ms`,
        readEach(runs, (run) => run.wallMs),
      ),
    ]
  },
}
