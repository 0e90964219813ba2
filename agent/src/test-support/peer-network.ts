import { KeyRing } from '@ai-comms/shared'
import { MemoryReplayStore } from '../core/envelopes/memory-replay-store.ts'
import type { Arrival, Carrier, PeerAudit, PeerQuestion } from '../core/envelopes/ports.ts'
import type { GroupView, ShownMessage } from '../core/groups/group-view.ts'
import { MemoryGroupStore } from '../core/groups/memory-group-store.ts'
import type { GroupStore } from '../core/groups/ports.ts'
import { Peers, type PeersParts } from '../core/peers.ts'
import { FakeClock, settle } from './fake-clock.ts'

/** What becomes of a text on its way. */
export type Fate = 'deliver' | 'drop' | 'duplicate'

/** How a network treats texts. */
export interface Weather {
  fate(): Fate
  /** Which of so many waiting texts comes next. */
  next(waiting: number): number
}

/** A network that keeps everything in order. */
export const FAIR: Weather = { fate: () => 'deliver', next: () => 0 }

/** So many texts in a row may be lost between two agents, so that patience is rewarded. */
const DROPS_MAX = 2
/** The secret of everybody in a test. */
export const SECRET = 'a shared secret of at least 32 bytes'

interface Travelling extends Arrival {
  readonly to: string
}

/** An agent of a test, and what it was asked and shown. */
export interface TestPeer {
  readonly name: string
  readonly peers: Peers
  readonly store: GroupStore
  readonly asked: PeerQuestion[]
  readonly shown: { readonly group: GroupView; readonly message: ShownMessage }[]
  readonly audits: PeerAudit[]
  readonly notices: string[]
}

const UNSETTLED_TEXTS_MAX = 20_000

/** Agents in one process, between which texts get lost, doubled and out of order, on a clock of their own. */
export class PeerNetwork {
  readonly clock = new FakeClock()
  readonly agents = new Map<string, TestPeer>()
  /** Names that nothing reaches at the moment. */
  readonly away = new Set<string>()
  /** Texts that never arrive, however often they are sent. */
  swallows: (text: string) => boolean = () => false
  /** How many texts were sent. */
  sent = 0
  /** Every text that was sent, as its carrier saw it. */
  readonly texts: string[] = []
  readonly #weather: Weather
  readonly #waiting: Travelling[] = []
  readonly #drops = new Map<string, number>()
  #ids = 0

  constructor(weather: Weather = FAIR) {
    this.#weather = weather
  }

  /** Adds an agent that answers with its name and the question. */
  add(name: string, more: Partial<PeersParts> = {}): TestPeer {
    const [asked, shown, audits, notices]: [PeerQuestion[], TestPeer['shown'], PeerAudit[], string[]] = [[], [], [], []]
    const store = more.groupStore ?? new MemoryGroupStore()
    const peers = new Peers({
      me: { agentId: `${name.toLowerCase()}_001`, name, workspace: 'test', skills: [`skill of ${name}`] },
      keyRing: KeyRing.fromSecrets({ signing: SECRET, encryption: SECRET }),
      requireAuth: true,
      replay: new MemoryReplayStore(),
      groupStore: store,
      carriers: () => [this.carrierOf(name)],
      clock: this.clock,
      newId: () => `id-${++this.#ids}`,
      audit: (entry) => audits.push(entry),
      answerPeer: async (question) => {
        asked.push(question)
        return `${name} on: ${question.text}`
      },
      notice: ({ sentence }) => notices.push(sentence),
      showGroupMessage: (group, message) => shown.push({ group, message }),
      ...more,
    })
    const agent = { name, peers, store, asked, shown, audits, notices }
    this.agents.set(name, agent)
    return agent
  }

  /** The hub of this network, as one agent has it. */
  carrierOf(from: string): Carrier {
    return {
      name: 'hub',
      isReachable: ({ agentName }) => this.#find(agentName) !== undefined,
      carry: async ({ agentName }, text) => {
        this.post(from, agentName, text)
        return 'sent'
      },
    }
  }

  /** Sends a text on its way, as its fate will have it. */
  post(from: string, to: string, text: string): void {
    this.sent += 1
    this.texts.push(text)
    if (this.swallows(text)) return
    const way = `${from} to ${to}`
    const drops = this.#drops.get(way) ?? 0
    const fate = drops < DROPS_MAX ? this.#weather.fate() : 'deliver'
    this.#drops.set(way, fate === 'drop' ? drops + 1 : 0)
    const travelling = { carrier: 'hub', address: from, to, text }
    if (fate !== 'drop') this.#waiting.push(travelling)
    if (fate === 'duplicate') this.#waiting.push(travelling)
  }

  /** Lets everything that was sent arrive, and what follows from it, without time passing. */
  async arrive(): Promise<void> {
    await settle()
    for (let count = 0; this.#waiting.length > 0; count++) {
      if (count > UNSETTLED_TEXTS_MAX) throw new Error('The traffic does not end')
      const [next] = this.#waiting.splice(this.#weather.next(this.#waiting.length), 1)
      const receiver = next && !this.away.has(next.to) ? this.#find(next.to) : undefined
      if (next && receiver) void receiver.peers.receive(next)
      await settle()
    }
  }

  /** Lets time pass until nobody has anything to say or to wait for, at most two hours. */
  async rest(): Promise<void> {
    await this.arrive()
    for (let step = 0; step < 1_440 && this.clock.alarms > 0; step++) {
      this.clock.pass(5_000)
      await this.arrive()
    }
  }

  #find(name: string): TestPeer | undefined {
    return [...this.agents.values()].find((agent) => agent.name.toLowerCase() === name.toLowerCase())
  }
}

/** What an agent has of a group, each line with who said it. */
export const transcriptOf = ({ peers }: TestPeer, group: string): string[] =>
  (peers.groups.show(group, 1_000)?.messages ?? []).map(({ author, text }) => `${author}: ${text}`)
