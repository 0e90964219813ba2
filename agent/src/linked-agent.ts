import type { RegisterFrameInput } from '@ai-comms/shared'
import { v7 as uuidV7 } from 'uuid'
import { HubCarrier } from './adapters/hub/hub-carrier.ts'
import { HubLink } from './adapters/hub/hub-link.ts'
import type { LinkBounds } from './adapters/hub/link-parts.ts'
import { systemClock } from './adapters/system/clock.ts'
import { Agent } from './core/agent.ts'
import type { Carrier } from './core/envelopes/ports.ts'
import { HUB_CARRIER } from './core/envelopes/reception.ts'
import type { Observe } from './core/events.ts'
import { MemoryJournal } from './core/memory-journal.ts'
import { Peers, type PeersParts } from './core/peers.ts'
import type { Clock, Performer, TaskJournal } from './core/ports.ts'
import type { Identity } from './core/prompt.ts'
import { TaskMemory } from './core/task-memory.ts'
import { VERSION } from './version.ts'

/** How an agent deals with others. */
export interface PeerOptions extends Omit<PeersParts, 'me' | 'carriers' | 'clock' | 'newId'> {
  /** By which envelopes name it; never the same as another's. */
  readonly agentId: string
  /** Ways to other agents besides the hub, in the order in which they are tried after it. */
  readonly carriers?: readonly Carrier[]
}

/** What an agent with a link is made of. */
export interface LinkedAgentParts {
  readonly identity: Identity
  /** Undefined for an agent that is reached by people and peers alone. */
  readonly hubUrl: URL | undefined
  readonly hubSecret?: string
  /** Stable per installation, so that the hub knows the agent again after a restart. */
  readonly instanceId: string
  readonly maxConcurrency: number
  readonly workMsMax: number
  readonly drainMs: number
  readonly perform: Performer
  readonly observe: Observe
  /** Where tasks are written down, closed when the agent stops; in memory unless set. */
  readonly journal?: TaskJournal
  /** Without it, this agent neither hears others nor speaks to them. */
  readonly peers?: PeerOptions
  /** Lets whatever else is under way finish, beside the tasks and within the same milliseconds. */
  readonly drainOthers?: (drainMs: number) => Promise<void>
  readonly clock?: Clock
  readonly linkBounds?: Partial<LinkBounds>
}

/** An agent and its link; without peers where it has been given no way to deal with any. */
export interface LinkedAgent<Others extends Peers | undefined = Peers | undefined> {
  readonly agent: Agent
  readonly link: HubLink
  readonly memory: TaskMemory
  readonly peers: Others
  start(): void
  /** Lets the work finish, hands back the rest, says goodbye. The second call waits for the first. */
  stop(): Promise<void>
}

const toRegistration = ({ identity, hubSecret, instanceId, maxConcurrency }: LinkedAgentParts): RegisterFrameInput => ({
  type: 'register',
  name: identity.name,
  workspace: identity.workspace,
  skills: [...identity.skills],
  ...(hubSecret === undefined ? {} : { secret: hubSecret }),
  protocol: 2,
  instanceId,
  maxConcurrency,
  ...(identity.description === undefined ? {} : { description: identity.description }),
  version: VERSION,
})

const buildPeers = (options: PeerOptions, link: HubLink, clock: Clock, identity: Identity): Peers =>
  new Peers({
    ...options,
    me: { ...identity, agentId: options.agentId },
    carriers: (presenceOf) => [new HubCarrier(link, presenceOf), ...(options.carriers ?? [])],
    clock,
    newId: () => uuidV7(),
  })

const startLink = (link: HubLink, agent: Agent, peers: Peers | undefined): void => {
  if (!peers) {
    link.start(agent)
    return
  }
  link.onOnline(() => void peers.goOnline())
  link.start(agent, {
    receiveAgentMessage: (address, text) => peers.deliver({ carrier: HUB_CARRIER, address, text }),
    receivePresence: (presence) => peers.receivePresence(presence),
  })
}

/** Puts an agent together that deals with others. */
export const buildSocialAgent = (parts: LinkedAgentParts & { readonly peers: PeerOptions }): LinkedAgent<Peers> => {
  const link = buildLink(parts)
  return join(parts, link, buildPeers(parts.peers, link, parts.clock ?? systemClock, parts.identity))
}

/** Puts an agent together. */
export const buildLinkedAgent = (parts: LinkedAgentParts): LinkedAgent => {
  const { peers } = parts
  return peers ? buildSocialAgent({ ...parts, peers }) : join(parts, buildLink(parts), undefined)
}

const buildLink = (parts: LinkedAgentParts): HubLink =>
  new HubLink({
    url: parts.hubUrl,
    registration: toRegistration(parts),
    clock: parts.clock ?? systemClock,
    observe: parts.observe,
    ...(parts.linkBounds === undefined ? {} : { bounds: parts.linkBounds }),
  })

const join = <Others extends Peers | undefined>(
  parts: LinkedAgentParts,
  link: HubLink,
  peers: Others,
): LinkedAgent<Others> => {
  const { clock = systemClock, observe, perform, maxConcurrency, workMsMax } = parts
  const memory = new TaskMemory({ journal: parts.journal ?? new MemoryJournal(), clock, observe })
  const agent = new Agent({ link, perform, clock, observe, maxConcurrency, workMsMax, memory })
  const drain = async () => {
    // where no answer can go any more there is nothing to wait for
    await Promise.all([agent.drain(link.state === 'stopped' ? 0 : parts.drainMs), parts.drainOthers?.(parts.drainMs)])
    peers?.stop()
    await link.stop()
    memory.close()
  }
  let stopping: Promise<void> | undefined
  return {
    agent,
    link,
    memory,
    peers,
    start: () => {
      memory.start()
      void link.ended.then(() => {
        memory.rest()
        peers?.stop()
      })
      startLink(link, agent, peers)
    },
    stop: () => {
      stopping ??= drain()
      return stopping
    },
  }
}
