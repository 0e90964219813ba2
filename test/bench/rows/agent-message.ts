import { textOf } from '../load.ts'
import { encodeText, RawAgent } from '../raw-agent.ts'
import { alternate, forBoth, readEach, startSide } from '../rounds.ts'
import { compare, type Figure, type Row } from '../table.ts'
import type { Target } from '../target.ts'

const CASES = [
  { label: '200 B', bytes: 200, burst: 64, messages: 4_000, ratioMax: 0.5 },
  { label: '16 KiB', bytes: 16_384, burst: 16, messages: 500 },
]
const WARM_UP_MESSAGES = 8_000

/** One agent that writes to another, two bursts ahead of what has arrived. */
class MessageLoad {
  readonly #target: Target
  readonly #sender: RawAgent
  readonly #receiver: RawAgent
  readonly #burst: Buffer
  readonly #burstSize: number

  private constructor(target: Target, sender: RawAgent, receiver: RawAgent, bytes: number, burstSize: number) {
    this.#target = target
    this.#sender = sender
    this.#receiver = receiver
    this.#burstSize = burstSize
    const frame = { type: 'agent-message', target: receiver.name, message: textOf(bytes) }
    this.#burst = Buffer.concat(Array.from({ length: burstSize }, () => encodeText(frame)))
  }

  static async open(target: Target, bytes: number, burstSize: number): Promise<MessageLoad> {
    const sender = await RawAgent.register(target, `sender-${bytes}`)
    const receiver = await RawAgent.register(target, `receiver-${bytes}`)
    return new MessageLoad(target, sender, receiver, bytes, burstSize)
  }

  /** Sends at least `count` messages; CPU µs of the server for each that arrived. */
  async run(count: number): Promise<number> {
    const before = this.#target.readCpuUs()
    const start = this.#receiver.frames
    let sent = 0
    await new Promise<void>((resolve) => {
      const goOn = (): void => {
        const arrived = this.#receiver.frames - start
        while (sent < count && sent - arrived <= this.#burstSize) {
          sent += this.#burstSize
          this.#sender.write(this.#burst)
        }
        if (arrived >= sent) resolve()
      }
      this.#receiver.onFrames = goOn
      goOn()
    })
    return (this.#target.readCpuUs() - before) / sent
  }
}

/** What a direct message from agent to agent costs. */
export const agentMessage: Row = {
  name: 'agent-message',
  measure: async (bench) => {
    await using hub = await startSide(bench, 'hub')
    await using bare = await startSide(bench, 'bare')
    const targets = { hub, bare }
    const figures: Figure[] = []
    for (const { label, bytes, burst, messages, ratioMax } of CASES) {
      const loads = await forBoth((side) => MessageLoad.open(targets[side], bytes, burst))
      await alternate(1, (side) => loads[side].run(WARM_UP_MESSAGES))
      const costs = await alternate(bench.rounds, (side) => loads[side].run(messages))
      figures.push(
        compare(
          `agent-message, ${label}: CPU µs`,
          readEach(costs, (cost) => cost),
          ratioMax,
        ),
      )
    }
    return figures
  },
}
