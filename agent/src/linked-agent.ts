import type { RegisterFrameInput } from '@ai-comms/shared'
import { HubLink } from './adapters/hub/hub-link.ts'
import type { LinkBounds } from './adapters/hub/link-parts.ts'
import { systemClock } from './adapters/system/clock.ts'
import { Agent } from './core/agent.ts'
import type { Observe } from './core/events.ts'
import { MemoryJournal } from './core/memory-journal.ts'
import type { Clock, Performer, TaskJournal } from './core/ports.ts'
import type { Identity } from './core/prompt.ts'
import { TaskMemory } from './core/task-memory.ts'
import { VERSION } from './version.ts'

/** What an agent with a link is made of. */
export interface LinkedAgentParts {
  readonly identity: Identity
  readonly hubUrl: URL
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
  readonly clock?: Clock
  readonly linkBounds?: Partial<LinkBounds>
}

/** An agent and its link. */
export interface LinkedAgent {
  readonly agent: Agent
  readonly link: HubLink
  readonly memory: TaskMemory
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

/** Puts an agent together. */
export const buildLinkedAgent = (parts: LinkedAgentParts): LinkedAgent => {
  const { clock = systemClock, observe, perform, maxConcurrency, workMsMax } = parts
  const link = new HubLink({
    url: parts.hubUrl,
    registration: toRegistration(parts),
    clock,
    observe,
    ...(parts.linkBounds === undefined ? {} : { bounds: parts.linkBounds }),
  })
  const memory = new TaskMemory({ journal: parts.journal ?? new MemoryJournal(), clock, observe })
  const agent = new Agent({ link, perform, clock, observe, maxConcurrency, workMsMax, memory })
  const drain = async () => {
    // where no answer can go any more there is nothing to wait for
    await agent.drain(link.state === 'stopped' ? 0 : parts.drainMs)
    await link.stop()
    memory.close()
  }
  let stopping: Promise<void> | undefined
  return {
    agent,
    link,
    memory,
    start: () => {
      memory.start()
      void link.ended.then(() => memory.rest())
      link.start(agent)
    },
    stop: () => {
      stopping ??= drain()
      return stopping
    },
  }
}
