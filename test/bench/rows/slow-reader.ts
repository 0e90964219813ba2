import { setTimeout as wait } from 'node:timers/promises'
import { textOf } from '../load.ts'
import { encodeText, RawAgent } from '../raw-agent.ts'
import { forBoth, startSide } from '../rounds.ts'
import { type Row, state, toShort } from '../table.ts'
import type { Target } from '../target.ts'

const MESSAGE_BYTES = 65_536
const MESSAGES = 3_200
const WARM_UP_MESSAGES = 400
const SAMPLE_MS = 10
const MB = 1_000_000
const GROWTH_MB_MAX = 32
const AFTERMATH_MS = 500

const encodeMessage = (target: string): Buffer =>
  encodeText({ type: 'agent-message', target, message: textOf(MESSAGE_BYTES) })

/** What became of one server when an agent stopped reading. */
interface Outcome {
  readonly sentMb: number
  readonly growthMb: number
  readonly cut: string
}

const flood = async (target: Target, sender: RawAgent, slow: RawAgent): Promise<number> => {
  const message = encodeMessage(slow.name)
  let sent = 0
  while (sent < MESSAGES) {
    if (!sender.write(message)) await sender.drained()
    sent++
    // The sender and the warm-up's reader are left when the slow one has been cut
    if (sent % 64 === 0 && (await target.readHealth()).agents < 3) break
  }
  return sent
}

/** A cut socket tells why only when it reads what lay before it. */
const readCut = async (slow: RawAgent): Promise<string> => {
  slow.resume()
  for (let waited = 0; slow.closeCode === undefined && waited < 2_000; waited += SAMPLE_MS) await wait(SAMPLE_MS)
  return slow.closeCode === undefined ? 'cut' : `cut (${slow.closeCode})`
}

const measureSide = async (target: Target): Promise<Outcome> => {
  const sender = await RawAgent.register(target, 'sender')
  const reader = await RawAgent.register(target, 'reader')
  const warmUp = encodeMessage(reader.name)
  for (let sent = 0; sent < WARM_UP_MESSAGES; sent++) if (!sender.write(warmUp)) await sender.drained()
  while (reader.frames < WARM_UP_MESSAGES) await wait(SAMPLE_MS)
  const slow = await RawAgent.register(target, 'slow')
  slow.pause()
  const before = target.readRssBytes()
  let peak = before
  const sampler = setInterval(() => {
    peak = Math.max(peak, target.readRssBytes())
  }, SAMPLE_MS)
  const sent = await flood(target, sender, slow)
  await wait(AFTERMATH_MS)
  clearInterval(sampler)
  const isCut = (await target.readHealth()).agents < 3
  const cut = isCut ? await readCut(slow) : 'no'
  return { sentMb: (sent * MESSAGE_BYTES) / MB, growthMb: (peak - before) / MB, cut }
}

/** What an agent that never reads does to the server's memory while another one writes to it. */
export const slowReader: Row = {
  name: 'slow-reader',
  measure: async (bench) => {
    const outcomes = await forBoth(async (side) => {
      await using target = await startSide(bench, side)
      return await measureSide(target)
    })
    const { hub, bare } = outcomes
    const show = (read: (outcome: Outcome) => string) => ({ hub: read(hub), bare: read(bare) })
    return [
      state(
        'slow reader: RSS growth MB at its peak',
        show((outcome) => `${toShort(outcome.growthMb)} after ${toShort(outcome.sentMb)}`),
        `≤ ${GROWTH_MB_MAX} MB`,
        hub.growthMb <= GROWTH_MB_MAX,
      ),
      state(
        'slow reader: cut off',
        show((outcome) => outcome.cut),
        'cut',
        hub.cut !== 'no',
      ),
    ]
  },
}
