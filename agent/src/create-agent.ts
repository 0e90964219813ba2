import { isAgentName, LIMITS } from '@ai-comms/shared'
import { v7 as uuidV7 } from 'uuid'
import { HubRest } from './adapters/hub/hub-rest.ts'
import { readHubUrl } from './adapters/hub/hub-url.ts'
import type { LinkBounds, LinkEnd } from './adapters/hub/link-parts.ts'
import { openStorage } from './adapters/sqlite/storage.ts'
import { systemClock } from './adapters/system/clock.ts'
import { readInstanceId } from './adapters/system/instance-id.ts'
import { type AgentListing, Discovery } from './core/discovery.ts'
import type { HubDirectory } from './core/envelopes/ports.ts'
import type { Observe } from './core/events.ts'
import { StartError } from './core/failures.ts'
import { toHubDirectory } from './core/hub-directory.ts'
import type { Peers } from './core/peers.ts'
import type { TaskInput, TaskTools } from './core/ports.ts'
import type { Identity } from './core/prompt.ts'
import { buildLinkedAgent, type LinkedAgent, type LinkedAgentParts } from './linked-agent.ts'
import { type SocialOptions, toPeerOptions } from './peer-options.ts'

/** A task, and what its work may use. */
export interface TaskContext extends TaskInput, TaskTools {
  /** When the work must be done. */
  readonly deadline: Date
}

/** An agent of someone's own. */
export interface AgentOptions {
  readonly name: string
  readonly skills?: readonly string[]
  readonly workspace?: string
  readonly description?: string
  /** Where the hub is, such as http://localhost:8090, which is the default. */
  readonly hubUrl?: string | undefined
  readonly hubSecret?: string | undefined
  /** Does the work. What it returns is the answer; a thrown {@link TaskError} is told to the asker, any other error is not. */
  readonly onTask: (task: TaskContext) => string | Promise<string>
  /** Tasks worked on at once; the rest waits. 4 unless set. */
  readonly maxConcurrency?: number
  /** Longest work on one task in milliseconds, where the hub sets no sooner deadline. An hour unless set. */
  readonly workMsMax?: number
  /** How long `stop` lets work finish, in milliseconds. 10 000 unless set. */
  readonly drainMs?: number
  /**
   * A folder of its own: keeps the instance id, so that the hub knows the agent again after a restart, and how tasks ended,
   * so that none is done twice because of one. It is this agent's alone until `stop`. Without it each start is a new one.
   */
  readonly dataDir?: string
  /** How it deals with other agents, and takes part in groups; without it, it only does tasks. */
  readonly peers?: SocialOptions
  /** Sees everything that happens. */
  readonly onEvent?: Observe
  /** Bounds of the link, where the usual ones do not fit. */
  readonly linkBounds?: Partial<LinkBounds>
}

const CONCURRENCY_DEFAULT = 4
const DRAIN_MS_DEFAULT = 10_000
/** For a list that leaves nobody out. */
const NOBODY = { agentId: '', agentName: '' }
const HUB_URL_DEFAULT = 'http://localhost:8090'

const toIdentity = ({ name, skills = [], workspace = '', description }: AgentOptions): Identity => {
  const normal = name.normalize('NFKC')
  if (!isAgentName(normal)) {
    throw new StartError(
      `An agent's name is 1 to ${LIMITS.NAME_CHARS_MAX} letters, digits, ".", "_", "-" or inner spaces.`,
    )
  }
  return { name: normal, skills, workspace, ...(description === undefined ? {} : { description }) }
}

const toConcurrency = (maxConcurrency: number): number => {
  if (Number.isInteger(maxConcurrency) && maxConcurrency >= 1 && maxConcurrency <= LIMITS.IN_FLIGHT_MAX)
    return maxConcurrency
  throw new StartError(`maxConcurrency must be a whole number from 1 to ${LIMITS.IN_FLIGHT_MAX}.`)
}

/** A listener that throws is its owner's bug: it ends the process as any other, but never in the middle of a task. */
const shield =
  (onEvent: Observe): Observe =>
  (event) => {
    try {
      onEvent(event)
    } catch (error) {
      queueMicrotask(() => {
        throw error
      })
    }
  }

const toUrl = (hubUrl: string): URL => {
  const read = readHubUrl(hubUrl)
  if (!read.ok) throw new StartError(`hubUrl ${read.mistake}.`)
  return read.url
}

/** A custom agent: `await agent.start()` brings it online, `await agent.stop()` lets it finish. */
export class CustomAgent {
  readonly #app: LinkedAgent
  readonly #directory: HubDirectory

  constructor(options: AgentOptions) {
    const { onTask, hubSecret, dataDir, linkBounds } = options
    const place = {
      hubUrl: toUrl(options.hubUrl ?? HUB_URL_DEFAULT),
      ...(hubSecret === undefined ? {} : { hubSecret }),
    }
    const calls = new HubRest({ ...place, clock: systemClock, random: Math.random })
    this.#directory = toHubDirectory(calls)
    const instanceId = dataDir === undefined ? uuidV7() : readInstanceId(dataDir)
    const parts = {
      ...place,
      identity: toIdentity(options),
      instanceId,
      maxConcurrency: toConcurrency(options.maxConcurrency ?? CONCURRENCY_DEFAULT),
      workMsMax: options.workMsMax ?? LIMITS.TIMEOUT_MS_MAX,
      drainMs: options.drainMs ?? DRAIN_MS_DEFAULT,
      perform: async (task, tools) => onTask({ ...task, ...tools, deadline: new Date(task.deadlineAt) }),
      observe: shield(options.onEvent ?? (() => {})),
      ...(linkBounds === undefined ? {} : { linkBounds }),
    } satisfies LinkedAgentParts
    const peers = options.peers && toPeerOptions(options.peers, this.#directory, instanceId, systemClock.now())
    // the last one, so that no mistake in the others leaves a folder locked
    const storage = dataDir === undefined ? undefined : openStorage(dataDir)
    const kept = storage && { replay: storage.replay, groupStore: storage.groups }
    this.#app = buildLinkedAgent({
      ...parts,
      ...(storage ? { journal: storage.journal } : {}),
      ...(peers ? { peers: { ...peers, ...kept } } : {}),
    })
  }

  /** Other agents and groups: asked, made and spoken to; undefined for an agent that only does tasks. */
  get peers(): Peers | undefined {
    return this.#app.peers
  }

  /** Everybody whom the hub lists, and who announced itself to this agent; only the latter while no hub answers. */
  async listAgents(): Promise<AgentListing[]> {
    const { peers } = this.#app
    return peers ? peers.listAgents() : new Discovery(NOBODY).list(await this.#directory.list())
  }

  /** What the link is doing: `idle`, `connecting`, `greeting`, `online`, `waiting` or `stopped`. */
  get state(): string {
    return this.#app.link.state
  }

  /** Resolves when the link has stopped for good, by `stop` or because the hub will not have this agent. */
  get ended(): Promise<LinkEnd> {
    return this.#app.link.ended
  }

  /**
   * Begins, and resolves at the first time online; a hub that is not there yet is waited for.
   * @throws {StartError} when the hub refuses the agent for good, or it was stopped before
   */
  async start(): Promise<void> {
    const { link } = this.#app
    const online = new Promise<void>((resolve) => {
      if (link.state === 'online') resolve()
      else link.onOnline(resolve)
    })
    this.#app.start()
    const end = await Promise.race([online, link.ended])
    if (!end) return
    await this.stop()
    throw new StartError(end.because)
  }

  /** Lets the work finish, hands back what takes too long, says goodbye. */
  async stop(): Promise<void> {
    await this.#app.stop()
  }

  /** The same as `stop`, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }
}

/**
 * Makes an agent of someone's own.
 * @throws {StartError} when an option cannot be right, or its folder cannot be used
 */
export const createAgent = (options: AgentOptions): CustomAgent => new CustomAgent(options)
